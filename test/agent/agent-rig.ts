import { Agent, type AgentParts } from '../../src/agent/agent.ts';
import type { AgentCounts } from '../../src/agent/agent-counts.ts';
import type { AgentConfig, EndpointConfig } from '../../src/agent/endpoint-config.ts';
import type { WarningEar } from '../../src/agent/renewal-warnings.ts';
import { OwnerClient } from '../../src/dispatch/owner-client.ts';
import { done } from '../../src/faults.ts';
import type { OwnerReply, OwnerTask } from '../../src/protocol/commands.ts';
import type { PluginAnswer, PluginCall, PluginHost, PluginOutcome, RunningCall } from '../../src/protocol/plugin-calls.ts';
import type { ReservationImage } from '../../src/protocol/reservations.ts';
import { onlyKinds, Rig, type RigOptions, seededRandom } from '../store/rig.ts';
import type { HandClock } from '../support/hand-clock.ts';

/** The real agent over the real store, with plugins that a test answers by hand and a clock that it moves. */

/** One call that reached a plugin. */
export class HeldCall {
  readonly call: PluginCall;
  readonly endpoint: string;
  readonly running: RunningCall;
  #end: (outcome: PluginOutcome) => void = () => undefined;
  #overdue: () => void = () => undefined;
  ended = false;

  constructor(endpoint: string, call: PluginCall) {
    this.endpoint = endpoint;
    this.call = call;
    this.running = {
      ended: new Promise((resolve) => {
        this.#end = resolve;
      }),
      overdue: new Promise((resolve) => {
        this.#overdue = resolve;
      }),
    };
  }

  end(outcome: PluginOutcome): void {
    this.ended = true;
    this.#end(outcome);
  }

  returns(answer: Partial<PluginAnswer> = {}): void {
    this.end({ type: 'returned', answer: { status: 0, properties: null, reservationId: null, errorMessage: null, ...answer } });
  }

  throws(message: string): void {
    this.end({ type: 'threw', message });
  }

  /** The time limit passes; the call goes on. */
  exceed(): void {
    this.#overdue();
  }
}

/** Answers each call by itself; undefined leaves it to the test. */
export type Answering = (held: HeldCall) => void;

export class Plugins {
  readonly calls: HeldCall[] = [];
  answering: Answering = () => undefined;
  closed: string[] = [];

  host(endpoint: string): PluginHost {
    const { calls } = this;
    let isOpen = true;
    return {
      queueLength: 0,
      waitedMs: 0,
      state: { waiting: 0, waitingUrgent: 0, underWay: 0, ready: 1, stuck: 0 },
      call: (call) => {
        const held = new HeldCall(endpoint, call);
        calls.push(held);
        if (!isOpen) held.end({ type: 'refused', message: 'the endpoint is closing' });
        else this.answering(held);
        return held.running;
      },
      close: async () => {
        isOpen = false;
        this.closed.push(endpoint);
        for (const held of calls.filter((each) => each.endpoint === endpoint && !each.ended)) held.end({ type: 'died', message: 'its thread was ended' });
      },
    };
  }

  of(operation: PluginCall['operation']): readonly HeldCall[] {
    return this.calls.filter(({ call }) => call.operation === operation);
  }

  get underWay(): readonly HeldCall[] {
    return this.calls.filter(({ ended }) => !ended);
  }
}

/** What a working substrate answers. */
export function works(): Answering {
  let made = 0;
  return (held) => {
    if (held.call.operation === 'join') held.returns({ reservationId: `r${++made}`, properties: { made: String(made) } });
    else held.returns({ properties: { [`after.${held.call.operation}`]: 'yes' } });
  };
}

const LIMITS = { join: 1000, leave: 1000, modify: 1000, renew: 1000, status: 1000, find: 1000, list: 1000 };

export function endpointConfig(name: string, more: Partial<EndpointConfig> = {}): EndpointConfig {
  return {
    name,
    plugin: 'null',
    exportName: 'default',
    resolveFrom: '/',
    jar: 'null',
    mainClass: 'default',
    schedulePeriod: { length: 10, unit: 'MINUTE' },
    renewAdvanceTicks: 1,
    config: undefined,
    properties: {},
    description: undefined,
    isolation: 'thread',
    threads: 1,
    concurrentCalls: 4,
    concurrentRenewals: 2,
    queueLengthMax: 100,
    memoryMiB: 64,
    env: [],
    user: undefined,
    timeLimitsMs: LIMITS,
    renewRetries: 0,
    ...more,
  };
}

export function agentConfig(endpoints: readonly EndpointConfig[], more: Partial<AgentConfig> = {}): AgentConfig {
  return {
    file: undefined,
    tick: { length: 1, unit: 'MINUTE' },
    digest: { password: undefined, md5: true, nonceLifetimeMs: 300_000 },
    closedRetentionMs: 86_400_000,
    endpoints,
    ...more,
  };
}

export interface AgentRigOptions {
  readonly rig?: RigOptions;
  readonly find?: boolean;
  readonly config?: AgentConfig;
  readonly plugins?: Plugins;
  readonly counts?: AgentCounts;
  readonly ear?: WarningEar;
}

export const ONE: AgentConfig = agentConfig([endpointConfig('oscars')]);

interface Life {
  isOver: boolean;
}

export class AgentRig {
  readonly rig: Rig;
  readonly plugins: Plugins;
  readonly agent: Agent;
  readonly owner: OwnerClient;
  readonly log: string[];
  readonly #options: AgentRigOptions;
  readonly #life: Life;

  private constructor(rig: Rig, plugins: Plugins, agent: Agent, owner: OwnerClient, log: string[], options: AgentRigOptions, life: Life) {
    this.rig = rig;
    this.plugins = plugins;
    this.agent = agent;
    this.owner = owner;
    this.log = log;
    this.#options = options;
    this.#life = life;
  }

  static async start(options: AgentRigOptions = {}, over?: Rig): Promise<AgentRig> {
    const rig = over ?? (await Rig.open(undefined, { kinds: onlyKinds('Component'), ...options.rig }));
    const plugins = options.plugins ?? new Plugins();
    const log: string[] = [];
    const note = (fields: object, message: string): void => void log.push(`${message} ${JSON.stringify(fields)}`);
    const owner = new OwnerClient((task: OwnerTask): Promise<OwnerReply> => rig.store.run(task), rig.view, {
      log: () => undefined,
      died: () => undefined,
      fatal: () => undefined,
    });
    owner.status = rig.status;
    const life: Life = { isOver: false };
    const parts: AgentParts = {
      owner,
      view: rig.view,
      clock: rig.clock,
      random: seededRandom(over === undefined ? 3 : 5),
      openHost: async (config) => done({ host: plugins.host(config.name), features: { find: options.find === true, list: false } }),
      // A process that was killed does not wake up again.
      sleep: () => new Promise((resolve) => setImmediate(() => life.isOver || resolve())),
      log: { debug: note, info: note, warn: note, error: note },
      ...(options.counts === undefined ? {} : { counts: options.counts }),
      ...(options.ear === undefined ? {} : { ear: options.ear }),
    };
    const agent = new Agent(parts, options.config ?? ONE);
    await agent.start();
    agent.load();
    return new AgentRig(rig, plugins, agent, owner, log, options, life);
  }

  get clock(): HandClock {
    return this.rig.clock;
  }

  /** As after SIGKILL: whatever was under way is forgotten, and a new process finds what is on the disk. */
  async crash(more: AgentRigOptions = {}): Promise<AgentRig> {
    this.#life.isOver = true;
    const rig = await this.rig.another();
    return AgentRig.start({ ...this.#options, plugins: new Plugins(), ...more }, rig);
  }

  image(id: string, endpoint = 'oscars'): ReservationImage {
    const found = this.agent.find(endpoint, id);
    if (!found.ok) throw new Error(found.fault.detail);
    return found.value;
  }

  state(id: string, endpoint = 'oscars'): string {
    const found = this.agent.find(endpoint, id);
    return found.ok ? found.value.state : found.fault.code;
  }

  /** Moves the clock and lets a tick come. */
  async pass(ms: number): Promise<void> {
    this.clock.ms += ms;
    this.agent.look();
    await this.settled();
  }

  /** Until nothing moves any more without the test. */
  async settled(): Promise<void> {
    for (let quiet = 0, calls = -1, sequence = -1; quiet < 12; quiet++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.plugins.calls.length !== calls || this.rig.store.report().status.sequence !== sequence) quiet = 0;
      calls = this.plugins.calls.length;
      sequence = this.owner.status?.sequence ?? 0;
    }
  }

  /** Waits until the condition holds: for the end of real work, with a limit. */
  async until(condition: () => boolean): Promise<void> {
    for (let turns = 0; !condition(); turns++) {
      if (turns > 20_000) throw new Error(`did not come about; log:\n${this.log.join('\n')}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

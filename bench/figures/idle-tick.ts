import { Agent, type AgentParts } from '../../src/agent/agent.ts';
import { type AgentConfig, type EndpointConfig, periodMs } from '../../src/agent/endpoint-config.ts';
import type { Clock } from '../../src/clock.ts';
import { RecordView } from '../../src/dispatch/record-view.ts';
import { done, fail } from '../../src/faults.ts';
import { newUuid } from '../../src/ids.ts';
import { RESERVATIONS, type ReservationImage } from '../../src/protocol/reservations.ts';
import { PHASE } from '../../src/protocol/shared-memory.ts';
import { systemRandom } from '../../src/random.ts';
import { AddressTable } from '../../src/store/address-table.ts';
import { RecordLog } from '../../src/store/record-log.ts';
import { SharedMemory } from '../../src/store/shared-memory.ts';
import { type Figure, median, quantile } from '../figure.ts';
import type { Site } from '../site.ts';

const NAME = 'nulls';
const LOOKS = 1000;
const GOAL_MS = 5;
const DAY_MS = 86_400_000;
/** Later than the last look, and spread over a month. */
const FIRST_DUE_DAYS = 10;
const SPREAD_DAYS = 30;
const TICK = { length: 1, unit: 'MINUTE' } as const;

/** What a tick costs when nothing is due: the agent of the server in this process, with a clock that jumps from tick to tick. */
export async function measureIdleTick(site: Site): Promise<readonly Figure[]> {
  const { reservations } = site.options;
  const clock = new JumpingClock();
  const deadlinesMs = Array.from({ length: reservations }, (_, index) => clock.ms + (FIRST_DUE_DAYS + (SPREAD_DAYS * index) / reservations) * DAY_MS);
  const agent = new Agent(partsOf(clock, viewOf(clock, deadlinesMs)), CONFIG);
  await agent.start();
  const loadMs = timeOf(() => agent.load());
  const looks: number[] = [];
  const scans: number[] = [];
  for (let look = 0; look < LOOKS; look++) {
    clock.ms += periodMs(TICK);
    looks.push(timeOf(() => agent.look()));
    scans.push(timeOf(() => refuseDue(deadlinesMs, clock.ms)));
  }
  await agent.close();
  return [
    {
      figure: 'idle-tick',
      value: median(looks),
      unit: 'ms',
      better: 'lower',
      limit: { what: 'a look at each deadline in an array', value: median(scans) },
      goal: GOAL_MS,
      runs: LOOKS,
      details: { reservations, p99Ms: quantile(looks, 0.99), maxMs: quantile(looks, 1), loadMs },
    },
  ];
}

class JumpingClock implements Clock {
  ms: number = Date.UTC(2026, 10, 22);

  nowMs(): number {
    return this.ms;
  }

  monotonicMs(): number {
    return this.ms;
  }
}

function timeOf(work: () => void): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}

function refuseDue(deadlinesMs: readonly number[], nowMs: number): void {
  let due = 0;
  for (const deadlineMs of deadlinesMs) if (deadlineMs <= nowMs) due += 1;
  if (due > 0) throw new Error(`${due} reservations are due`);
}

/** The record log as the owner would have filled it. */
function viewOf(clock: Clock, deadlinesMs: readonly number[]): RecordView {
  const memory = new SharedMemory();
  const log = new RecordLog(memory);
  const addresses = new AddressTable(RESERVATIONS, memory, log);
  const random = systemRandom();
  for (const [index, deadlineMs] of deadlinesMs.entries()) {
    const key = newUuid(clock, random);
    addresses.set(key, log.put(JSON.stringify(imageOf(key, deadlineMs, clock)), index + 1, key));
  }
  memory.control.phase = PHASE.filled;
  const view = new RecordView();
  memory.show(view.viewer());
  return view;
}

function imageOf(key: string, deadlineMs: number, clock: Clock): ReservationImage {
  const id = key.slice(-12);
  const now = new Date(clock.nowMs()).toISOString();
  return {
    operation_id: key,
    endpoint: NAME,
    reservation_id: id,
    held_as: `${NAME}/${id}`,
    state: 'active',
    until: new Date(deadlineMs + periodMs(TICK)).toISOString(),
    renew_deadline: new Date(deadlineMs).toISOString(),
    join_properties: { 'unit.rate': '10000000' },
    sched_properties: { key1: 'val1', key2: 'val2', key3: 'string35' },
    created_at: now,
    updated_at: now,
    revision: 1,
  };
}

/** A tick in which nothing is due asks neither the owner nor a plugin anything, and says nothing. */
function partsOf(clock: Clock, view: RecordView): AgentParts {
  const refuse = (what: string): never => {
    throw new Error(`a tick without anything due came to ${what}`);
  };
  return {
    clock,
    view,
    random: systemRandom(),
    owner: { send: async () => fail('internal', 'there is no owner'), query: async () => fail('internal', 'there is no owner') },
    openHost: async () =>
      done({
        host: {
          queueLength: 0,
          waitedMs: 0,
          state: { waiting: 0, waitingUrgent: 0, underWay: 0, ready: 1, stuck: 0 },
          call: () => refuse('call a plugin'),
          close: async () => undefined,
        },
        features: { find: false, list: false },
      }),
    log: { debug: () => undefined, info: () => undefined, warn: () => refuse('warn'), error: (_, message) => refuse(message) },
  };
}

const LIMIT_MS = 60_000;

const ENDPOINT: EndpointConfig = {
  name: NAME,
  plugin: 'null',
  exportName: 'default',
  resolveFrom: '/',
  jar: 'null',
  mainClass: 'default',
  schedulePeriod: { length: SPREAD_DAYS, unit: 'DAY' },
  renewAdvanceTicks: 1,
  config: undefined,
  properties: {},
  description: undefined,
  isolation: 'thread',
  threads: 1,
  concurrentCalls: 64,
  concurrentRenewals: 32,
  queueLengthMax: 4096,
  memoryMiB: 256,
  env: [],
  user: undefined,
  timeLimitsMs: { join: LIMIT_MS, leave: LIMIT_MS, modify: LIMIT_MS, renew: LIMIT_MS, status: LIMIT_MS, find: LIMIT_MS, list: LIMIT_MS },
  renewRetries: 0,
};

const CONFIG: AgentConfig = {
  file: undefined,
  tick: TICK,
  digest: { password: undefined, md5: true, nonceLifetimeMs: LIMIT_MS },
  closedRetentionMs: DAY_MS,
  endpoints: [ENDPOINT],
};

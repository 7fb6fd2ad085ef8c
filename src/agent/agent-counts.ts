import { Distribution } from '../distribution.ts';
import type { PluginOperation, PluginOutcome } from '../protocol/plugin-calls.ts';

/** What the reservation half counts, by endpoint: plain numbers, changed as calls end and renewals begin, and read by metrics. */

/** `failed`: the plugin answered with a status other than 0. The others are those of a plugin call. */
export type CallOutcome = 'done' | 'failed' | 'threw' | 'junk' | 'late' | 'died' | 'refused';

const CALL_SECONDS: readonly number[] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const LATENESS_SECONDS: readonly number[] = [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 21_600];

/** Calls of one operation at one endpoint. */
export class CallCounts {
  readonly endpoint: string;
  readonly operation: PluginOperation;
  readonly outcomes: Map<CallOutcome, number> = new Map();
  /** From when a thread had it until nothing of it ran any more; without what never got to a thread. */
  readonly seconds: Distribution = new Distribution(CALL_SECONDS);

  constructor(endpoint: string, operation: PluginOperation) {
    this.endpoint = endpoint;
    this.operation = operation;
  }
}

/** Renewals that fell due at one endpoint. */
export class RenewalCounts {
  /** How long after its deadline each one began. */
  readonly lateness: Distribution = new Distribution(LATENESS_SECONDS);
  /** Those that began when the substrate had been told that it may end the reservation. */
  afterEnd = 0;
}

export class AgentCounts {
  readonly #calls = new Map<string, CallCounts>();
  readonly #renewals = new Map<string, RenewalCounts>();

  get calls(): Iterable<CallCounts> {
    return this.#calls.values();
  }

  /** Of an endpoint; all 0 before its first renewal fell due. */
  renewalsAt(endpoint: string): RenewalCounts {
    let counts = this.#renewals.get(endpoint);
    if (counts === undefined) {
      counts = new RenewalCounts();
      this.#renewals.set(endpoint, counts);
    }
    return counts;
  }

  /** @param ms how long it ran; undefined when it never did. */
  callEnded(endpoint: string, operation: PluginOperation, outcome: PluginOutcome, ms: number | undefined): void {
    const place = `${endpoint}/${operation}`;
    let counts = this.#calls.get(place);
    if (counts === undefined) {
      counts = new CallCounts(endpoint, operation);
      this.#calls.set(place, counts);
    }
    const name = outcomeOf(outcome);
    counts.outcomes.set(name, (counts.outcomes.get(name) ?? 0) + 1);
    if (ms !== undefined) counts.seconds.add(ms / 1000);
  }

  renewalBegan(endpoint: string, lateMs: number, isAfterEnd: boolean): void {
    const counts = this.renewalsAt(endpoint);
    counts.lateness.add(Math.max(0, lateMs) / 1000);
    if (isAfterEnd) counts.afterEnd += 1;
  }
}

function outcomeOf(outcome: PluginOutcome): CallOutcome {
  switch (outcome.type) {
    case 'returned':
      return outcome.answer.status === 0 ? 'done' : 'failed';
    case 'nothing':
    case 'listed':
      return 'done';
    default:
      return outcome.type;
  }
}

import type { Operation } from './behaviour.ts';

/**
 * The calls that reached the substrate, and what they did wrong. It keeps the newest calls and the first violations; what
 * it does not keep it counts.
 */

export interface CallClock {
  monotonicMs(): number;
}

/** `cut`: the caller went away before the answer. `lost`: the substrate cut the connection after the work. */
export type CallOutcome = 'done' | 'refused' | 'failed' | 'lost' | 'cut';

/** A call as `GET /calls` tells it. Times are monotonic milliseconds of the substrate. */
export interface CallView {
  readonly operation: Operation;
  readonly operationId: string;
  /** The resource that it was made on; absent for join, find and list. */
  readonly id?: string;
  readonly startedMs: number;
  readonly endedMs?: number;
  readonly outcome?: CallOutcome;
}

export const VIOLATIONS = ['overlap', 'double-join', 'until-decreased', 'renew-after-leave'] as const;
export type ViolationKind = (typeof VIOLATIONS)[number];

export interface Violation {
  readonly kind: ViolationKind;
  readonly detail: string;
  readonly operationId: string;
  readonly atMs: number;
}

export interface Violations {
  readonly count: number;
  readonly byKind: Readonly<Record<ViolationKind, number>>;
  /** The first ones. */
  readonly violations: readonly Violation[];
}

/** A call under way; only the book changes it. */
export interface Call {
  readonly operation: Operation;
  readonly operationId: string;
  readonly id: string | undefined;
  readonly startedMs: number;
  readonly line: object | undefined;
  endedMs: number | undefined;
  outcome: CallOutcome | undefined;
  /** Overlaps that it is the earlier part of. */
  overlaps: OverlapNote[] | undefined;
}

interface OverlapNote {
  readonly violation: Violation;
  dismissed: boolean;
}

const CALLS_KEPT_MAX = 20_000;
const VIOLATIONS_KEPT_MAX = 1_000;
/**
 * When a caller dies, its next call can be here before the end of its last connection is. An earlier call whose caller
 * is seen to be gone so soon after the later one began was not running beside it.
 */
const CUT_SEEN_LATE_MAX_MS = 50;

export class CallBook {
  readonly #clock: CallClock;
  /** A ring: `#next` is the place of the oldest. */
  readonly #calls: Call[] = [];
  #next = 0;
  readonly #running = new Map<object, Call>();
  readonly #counts = new Map<string, number>();
  readonly #violations: OverlapNote[] = [];
  readonly #violationCounts: Record<ViolationKind, number> = { overlap: 0, 'double-join': 0, 'until-decreased': 0, 'renew-after-leave': 0 };
  #repeats = 0;

  constructor(clock: CallClock) {
    this.#clock = clock;
  }

  /** @param line what calls may not overlap on; undefined: nothing. */
  begin(operation: Operation, operationId: string, id: string | undefined, line: object | undefined): Call {
    const call: Call = { operation, operationId, id, line, startedMs: this.#clock.monotonicMs(), endedMs: undefined, outcome: undefined, overlaps: undefined };
    if (this.#calls.length < CALLS_KEPT_MAX) this.#calls.push(call);
    else this.#calls[this.#next] = call;
    this.#next = (this.#next + 1) % CALLS_KEPT_MAX;
    this.#count(operation, 'begun');
    if (line !== undefined) {
      const earlier = this.#running.get(line);
      if (earlier !== undefined) this.#noteOverlap(earlier, call);
      this.#running.set(line, call);
    }
    return call;
  }

  /** The first end counts: a caller that goes away after the answer was sent has not cut it. */
  end(call: Call, outcome: CallOutcome): void {
    if (call.outcome !== undefined) return;
    call.endedMs = this.#clock.monotonicMs();
    call.outcome = outcome;
    this.#count(call.operation, outcome);
    if (call.line !== undefined && this.#running.get(call.line) === call) this.#running.delete(call.line);
    if (outcome !== 'cut') return;
    for (const overlap of call.overlaps ?? []) {
      if (overlap.dismissed || call.endedMs - overlap.violation.atMs > CUT_SEEN_LATE_MAX_MS) continue;
      overlap.dismissed = true;
      this.#violationCounts.overlap--;
    }
  }

  note(kind: ViolationKind, detail: string, operationId: string): OverlapNote {
    const note = { violation: { kind, detail, operationId, atMs: this.#clock.monotonicMs() }, dismissed: false };
    this.#violationCounts[kind]++;
    if (this.#violations.length < VIOLATIONS_KEPT_MAX) this.#violations.push(note);
    return note;
  }

  /** The same operation id came again. */
  countRepeat(): void {
    this.#repeats++;
  }

  get repeats(): number {
    return this.#repeats;
  }

  /** For each operation how many calls have begun, and how they ended. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  violations(): Violations {
    const violations = this.#violations.filter(({ dismissed }) => !dismissed).map(({ violation }) => violation);
    const byKind = { ...this.#violationCounts };
    return { count: Object.values(byKind).reduce((sum, count) => sum + count, 0), byKind, violations };
  }

  /** The newest calls, the oldest of them first. */
  *newest(wanted: { readonly id?: string; readonly operationId?: string } = {}): Generator<CallView, void, undefined> {
    const isFull = this.#calls.length === CALLS_KEPT_MAX;
    for (let offset = 0; offset < this.#calls.length; offset++) {
      const call = this.#calls[isFull ? (this.#next + offset) % CALLS_KEPT_MAX : offset];
      if (call === undefined) continue;
      if (wanted.id !== undefined && wanted.id !== call.id) continue;
      if (wanted.operationId !== undefined && wanted.operationId !== call.operationId) continue;
      const { operation, operationId, id, startedMs, endedMs, outcome } = call;
      yield {
        operation,
        operationId,
        ...(id === undefined ? {} : { id }),
        startedMs,
        ...(endedMs === undefined ? {} : { endedMs }),
        ...(outcome === undefined ? {} : { outcome }),
      };
    }
  }

  #noteOverlap(earlier: Call, later: Call): void {
    const detail = `${later.operation} ${later.operationId} began while ${earlier.operation} ${earlier.operationId} ran on ${later.id ?? 'the same resource'}`;
    const note = this.note('overlap', detail, later.operationId);
    earlier.overlaps ??= [];
    earlier.overlaps.push(note);
  }

  #count(operation: Operation, what: string): void {
    const name = `${operation}.${what}`;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}

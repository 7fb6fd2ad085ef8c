import { fail, type Result } from '../faults.ts';
import type { Present } from '../protocol/past.ts';
import { isOutOfMemory, isRefusedValue } from '../store/database.ts';
import { OutOfTime, PastState, Pruned, type StateParts } from './past-state.ts';
import type { Plan, Timeline } from './timeline.ts';

/**
 * The few past states that are in memory. The one that was used longest ago goes when there are too many, or when they
 * take too much together; one that nobody asks for any more becomes a later one, when that is nearer than a snapshot.
 */

/** Retention may delete what an answer is about to be built from. */
const ATTEMPTS_MAX = 3;
/** A hold that nobody has used for so long is let go: whoever it was for may have gone without a word. */
const HOLD_MS = 600_000;

export class PastStates {
  readonly #parts: StateParts;
  readonly #timeline: Timeline;
  /** Used last at the end. */
  #kept: PastState[] = [];
  /** Stays, whatever else is asked: something is under way that needs it more than once, though retention may delete its snapshot. */
  #held: { readonly sequence: number; usedMs: number } | undefined;

  constructor(parts: StateParts, timeline: Timeline) {
    this.#parts = parts;
    this.#timeline = timeline;
  }

  /** The state after a change, if it is there with this kind's table. */
  ready(sequence: number, kind: string): PastState | undefined {
    return this.#kept.find((state) => state.plan.sequence === sequence && state.has(kind));
  }

  /** From here on, the state after this change is the one that stays. */
  hold(sequence: number | undefined): void {
    this.#held = sequence === undefined ? undefined : { sequence, usedMs: this.#parts.clock.monotonicMs() };
  }

  /** Asks the state after precisely this change. A fault when it is not kept any more, or does not fit into the memory. */
  async use<T>(sequence: number, present: Present, work: (state: PastState) => Promise<T>): Promise<Result<T>> {
    const nowMs = this.#parts.clock.monotonicMs();
    if (this.#held !== undefined && nowMs > this.#held.usedMs + HOLD_MS) this.#held = undefined;
    if (this.#held?.sequence === sequence) this.#held.usedMs = nowMs;
    let hasNoRoom = false;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const kept = this.#kept.find((state) => state.plan.sequence === sequence);
      const plan = kept?.plan ?? this.#timeline.planOf(sequence, present);
      if (plan === undefined) return goneState(sequence);
      let state = kept;
      try {
        state ??= await this.#stateFor(plan);
        this.#touch(state);
        const value = await work(state);
        await this.#evictLargest(state);
        return { ok: true, value };
      } catch (error) {
        hasNoRoom = isOutOfMemory(error);
        if (error instanceof Pruned) {
          await this.#drop((other) => other === state);
        } else if (hasNoRoom) {
          // Without the others there is more room for this one.
          await this.#drop((other) => other === state || !this.#isHeld(other));
          const { memoryBytes } = this.#parts.limits;
          if (state?.memoryBytes === memoryBytes)
            return fail('overloaded', `a state of the past does not fit into the ${memoryBytes} bytes of history.memoryBytes`);
        } else {
          // A value that does not fit its column, or the time, is no reason to distrust the tables; anything else is.
          if (!(error instanceof OutOfTime) && !isRefusedValue(error)) await this.#drop((other) => other === state);
          throw error;
        }
      }
    }
    const { memoryBytes } = this.#parts.limits;
    return hasNoRoom
      ? fail('overloaded', `a state of the past does not fit into the ${memoryBytes} bytes of history.memoryBytes beside the one that a restore goes back to`)
      : goneState(sequence);
  }

  async close(): Promise<void> {
    this.#held = undefined;
    await this.#drop(() => true);
  }

  async #stateFor(plan: Plan): Promise<PastState> {
    const { limits, clock } = this.#parts;
    const after = plan.snapshot?.manifest.sequence ?? 0;
    const rested = clock.monotonicMs() - limits.restMs;
    const nearest = this.#kept
      .filter(
        (state) =>
          !this.#isHeld(state) &&
          state.usedMs <= rested &&
          state.plan.schemaId === plan.schemaId &&
          state.plan.sequence >= after &&
          state.plan.sequence < plan.sequence,
      )
      .sort((a, b) => b.plan.sequence - a.plan.sequence)[0];
    if (nearest !== undefined && this.#timeline.hasOneSchema({ ...plan, snapshot: nearest.plan.snapshot })) {
      nearest.moveTo({ ...plan, snapshot: nearest.plan.snapshot });
      return nearest;
    }
    while (this.#kept.length >= limits.statesMax) await this.#evict(this.#kept.find((state) => !this.#isHeld(state)) ?? this.#kept[0]);
    const taken = this.#kept.reduce((sum, { bytes }) => sum + bytes, 0);
    const state = await PastState.open(this.#parts, plan, Math.max(limits.memoryBytes - taken, limits.memoryBytes / limits.statesMax));
    this.#kept.push(state);
    return state;
  }

  #isHeld({ plan }: PastState): boolean {
    return plan.sequence === this.#held?.sequence;
  }

  #touch(state: PastState): void {
    this.#kept = [...this.#kept.filter((other) => other !== state), state];
  }

  async #evictLargest(used: PastState): Promise<void> {
    while (this.#kept.length > 1 && this.#kept.reduce((sum, { bytes }) => sum + bytes, 0) > this.#parts.limits.memoryBytes) {
      const other = this.#kept.find((state) => state !== used && !this.#isHeld(state));
      if (other === undefined) return;
      await this.#evict(other);
    }
  }

  async #drop(which: (state: PastState) => boolean): Promise<void> {
    for (const state of this.#kept.filter(which)) await this.#evict(state);
  }

  async #evict(state: PastState | undefined): Promise<void> {
    this.#kept = this.#kept.filter((other) => other !== state);
    await state?.close();
  }
}

function goneState(sequence: number): Result<never> {
  return fail('not-found', `the state after change ${sequence} is not kept any more`);
}

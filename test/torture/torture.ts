import { Prng } from '../../bench/prng.ts';
import type { Random } from '../../src/random.ts';

/** What all long runs have in common: seeds, rounds, and what they report. */

export interface Torture {
  /** One line for the usage. */
  readonly about: string;
  /** What a round is: `kills`, `power cuts`, `requests`. */
  readonly unit: string;
  /** Rounds of a run that is told neither rounds nor minutes. */
  readonly usualRounds: number;
  run(run: Run): Promise<void>;
}

/** What went wrong, and how to see it again. */
export interface Failure {
  readonly seed: number;
  readonly round: number;
  readonly message: string;
  /** How many rounds, from that seed on, repeat it. */
  readonly roundsAgain: number;
}

const FAILURES_MAX = 20;

/** One run: it goes on until it has had its rounds or its time, or has failed too often. */
export class Run {
  readonly seed: number;
  readonly #rounds: number;
  readonly #deadlineMs: number;
  readonly #failuresMax: number;
  readonly #failures: Failure[] = [];
  readonly #counts = new Map<string, number>();
  #round = 0;

  /** @param minutes undefined: as long as the rounds take. */
  constructor(seed: number, rounds: number, minutes?: number, failuresMax: number = FAILURES_MAX) {
    this.seed = seed;
    this.#rounds = rounds;
    this.#failuresMax = failuresMax;
    this.#deadlineMs = minutes === undefined ? Number.POSITIVE_INFINITY : performance.now() + minutes * 60_000;
  }

  /** How many rounds it was told; infinite when it goes by time. */
  get roundsMax(): number {
    return this.#rounds;
  }

  /** How many rounds have begun. */
  get rounds(): number {
    return this.#round;
  }

  get failures(): readonly Failure[] {
    return this.#failures;
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /**
   * The seeds of the rounds. The first one's is that of the run, so `--rounds 1 --seed N` repeats the round whose seed was N.
   */
  *seeds(): Generator<number> {
    while (this.#round < this.#rounds && performance.now() < this.#deadlineMs && this.#failures.length < this.#failuresMax) {
      const seed = (this.seed + this.#round) >>> 0;
      this.#round += 1;
      yield seed;
    }
  }

  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  fail(seed: number, message: string, roundsAgain = 1): void {
    this.#failures.push({ seed, round: this.#round, message, roundsAgain });
  }
}

/** `HOLDFAST_SEED` repeats a run of the tests; without it each run is another one. */
export function seedOfTests(): number {
  return Number(process.env['HOLDFAST_SEED'] ?? Date.now() % 2 ** 31);
}

/** Independent numbers for one purpose of a round: another purpose that asks for more of them does not change these. */
export function numbersFor(seed: number, purpose: string): Prng {
  let mixed = seed >>> 0;
  for (const character of purpose) mixed = (Math.imul(mixed, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  return new Prng(mixed);
}

/** What the program draws at random, ids and keys, comes from the seed as well. */
export function randomFrom(numbers: Prng): Random {
  return { bytes: (length) => Uint8Array.from({ length }, () => numbers.below(256)) };
}

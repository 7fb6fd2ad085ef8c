/**
 * How the simulated substrate misbehaves: what is set, and what it means for the next call. Rates come from one seeded
 * generator, so that a run can be repeated.
 */

export const OPERATIONS = ['join', 'leave', 'modify', 'renew', 'status', 'find', 'list'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** For one operation. Counts go down with each call that they hit; rates are between 0 and 1. */
export interface Faults {
  /** Before the work is done. */
  readonly delayMs?: number;
  /** Between the work and the answer. */
  readonly replyDelayMs?: number;
  readonly failNext?: number;
  readonly failRate?: number;
  /** Every other call fails, the first one too. */
  readonly flap?: boolean;
  /** Calls that fail answer OK with this status, as a substrate that refuses; 0 (the default): with an HTTP error. */
  readonly failStatus?: number;
  /** Does the work, then cuts the connection. */
  readonly loseNext?: number;
  readonly loseRate?: number;
  /** Neither does the work nor answers, until the caller goes away. */
  readonly hangNext?: number;
}

export interface Behaviour {
  readonly seed?: number;
  readonly operations?: { readonly [K in Operation]?: Faults };
  /** A renewal makes a new resource and ends the old one. */
  readonly breakMake?: boolean;
  /** The same operation id again gets the same answer, and nothing is done twice. Default: true. */
  readonly idempotent?: boolean;
  /** So many joins answer with a reservation id that is taken. */
  readonly duplicateIdNext?: number;
}

/** What the next call of an operation meets. */
export interface Plan {
  readonly delayMs: number;
  readonly replyDelayMs: number;
  readonly failed: boolean;
  readonly failStatus: number;
  readonly loseReply: boolean;
  readonly hang: boolean;
}

const CLEAR: Plan = { delayMs: 0, replyDelayMs: 0, failed: false, failStatus: 0, loseReply: false, hang: false };
const DELAY_MAX_MS = 3_600_000;
const SEED = 1;

const FAULT_CHECKS: Readonly<Record<keyof Faults, (value: unknown) => boolean>> = {
  delayMs: isDelay,
  replyDelayMs: isDelay,
  failNext: isCount,
  failRate: isRate,
  flap: isFlag,
  failStatus: Number.isSafeInteger,
  loseNext: isCount,
  loseRate: isRate,
  hangNext: isCount,
};
const BEHAVIOUR_CHECKS: Readonly<Record<keyof Behaviour, (value: unknown) => boolean>> = {
  seed: Number.isSafeInteger,
  operations: isRecord,
  breakMake: isFlag,
  idempotent: isFlag,
  duplicateIdNext: isCount,
};

interface Counting {
  readonly faults: Faults;
  failNext: number;
  loseNext: number;
  hangNext: number;
  calls: number;
}

export class Misbehaviour {
  readonly #operations = new Map<Operation, Counting>();
  #random = seeded(SEED);
  #duplicateIdNext = 0;
  #breakMake = false;
  #idempotent = true;

  /** Replaces everything that was set. */
  set({ seed = SEED, operations = {}, breakMake = false, idempotent = true, duplicateIdNext = 0 }: Behaviour): void {
    this.#random = seeded(seed);
    this.#duplicateIdNext = duplicateIdNext;
    this.#breakMake = breakMake;
    this.#idempotent = idempotent;
    this.#operations.clear();
    for (const operation of OPERATIONS) {
      const faults = operations[operation];
      if (faults === undefined) continue;
      this.#operations.set(operation, { faults, failNext: faults.failNext ?? 0, loseNext: faults.loseNext ?? 0, hangNext: faults.hangNext ?? 0, calls: 0 });
    }
  }

  get breakMake(): boolean {
    return this.#breakMake;
  }

  get idempotent(): boolean {
    return this.#idempotent;
  }

  /** Whether this join is to get an id that is taken. */
  takeDuplicateId(): boolean {
    if (this.#duplicateIdNext === 0) return false;
    this.#duplicateIdNext--;
    return true;
  }

  plan(operation: Operation): Plan {
    const counting = this.#operations.get(operation);
    if (counting === undefined) return CLEAR;
    const { faults } = counting;
    counting.calls++;
    // The generator is asked for every rate that is set, whatever came out before, so that one fault does not move the others.
    const failedByRate = faults.failRate !== undefined && this.#random() < faults.failRate;
    const lostByRate = faults.loseRate !== undefined && this.#random() < faults.loseRate;
    const hang = counting.hangNext > 0;
    const failed = !hang && (counting.failNext > 0 || failedByRate || (faults.flap === true && counting.calls % 2 === 1));
    const loseReply = !hang && !failed && (counting.loseNext > 0 || lostByRate);
    if (hang) counting.hangNext--;
    if (failed && counting.failNext > 0) counting.failNext--;
    if (loseReply && counting.loseNext > 0) counting.loseNext--;
    return { delayMs: faults.delayMs ?? 0, replyDelayMs: faults.replyDelayMs ?? 0, failed, failStatus: faults.failStatus ?? 0, loseReply, hang };
  }
}

/** What is wrong with a behaviour that came over HTTP, or undefined. */
export function behaviourMistake(value: unknown): string | undefined {
  if (!isRecord(value)) return 'a behaviour is an object';
  const mistake = mistakeIn(value, BEHAVIOUR_CHECKS, '');
  if (mistake !== undefined) return mistake;
  const operations = isRecord(value['operations']) ? value['operations'] : {};
  for (const [operation, faults] of Object.entries(operations)) {
    if (!OPERATIONS.some((known) => known === operation)) return `operations: there is no operation ${operation}; there are ${OPERATIONS.join(', ')}`;
    if (!isRecord(faults)) return `operations.${operation}: must be an object`;
    const faultMistake = mistakeIn(faults, FAULT_CHECKS, `operations.${operation}.`);
    if (faultMistake !== undefined) return faultMistake;
  }
  return undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mistakeIn(value: Readonly<Record<string, unknown>>, checks: Readonly<Record<string, (value: unknown) => boolean>>, at: string): string | undefined {
  for (const [name, given] of Object.entries(value)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) return `${at}${name}: there is no such setting; there are ${Object.keys(checks).join(', ')}`;
    if (!check(given)) return `${at}${name}: ${JSON.stringify(given)} is not acceptable`;
  }
  return undefined;
}

function isDelay(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= DELAY_MAX_MS;
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isRate(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean';
}

/** Mulberry32: small, and good enough to roll dice with. */
function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

import type { FaultCode } from '../../../src/faults.ts';

/** What the model remembers: a few maps, and how each change of them is taken back. */

/** A promise was broken: what the server did is not what it should have done. */
export class Mismatch extends Error {}

export type Fields = Record<string, unknown>;

export type Verdict<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: FaultCode };

export function yes<T>(value: T): Verdict<T> {
  return { ok: true, value };
}

export function no(code: FaultCode): { readonly ok: false; readonly code: FaultCode } {
  return { ok: false, code };
}

/** A record as it must be. `revision` is not in `fields` before the journal has given it. */
export interface ModelRecord {
  readonly fields: Readonly<Fields>;
  /** Secrets in clear text, by dotted path. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly revision: number;
  /** The bytes that the store made of it. */
  readonly text: string;
}

/** One change of one record, in the order in which a command makes them. `after` undefined: it goes. */
export interface ModelChange {
  readonly kind: string;
  /** Made up when the server chooses the key: see `freshKey`. */
  readonly key: string;
  readonly after: { readonly fields: Readonly<Fields>; readonly secrets: Readonly<Record<string, string>> } | undefined;
}

/** An answer that a repeated request gets again. */
export interface ModelAnswer {
  readonly requestHash: string;
  readonly status: number;
  readonly body: string;
  readonly key: string;
  readonly revision: number;
  readonly expiresMs: number;
}

/** What can be taken back. */
type Undo = () => void;

const FRESH = 'fresh-';

export class ModelState {
  readonly #records = new Map<string, Map<string, ModelRecord>>();
  readonly answers: Map<string, ModelAnswer> = new Map();
  /** Of the last change. */
  sequence = 0;
  readonly #undo: Undo[] = [];
  #fresh = 0;

  of(kind: string): Map<string, ModelRecord> {
    let records = this.#records.get(kind);
    if (records === undefined) {
      records = new Map();
      this.#records.set(kind, records);
    }
    return records;
  }

  get kinds(): readonly string[] {
    return [...this.#records.keys()];
  }

  get(kind: string, key: string): ModelRecord | undefined {
    return this.#records.get(kind)?.get(key);
  }

  set(kind: string, key: string, record: ModelRecord | undefined): void {
    const records = this.of(kind);
    const before = records.get(key);
    this.#undo.push(before === undefined ? () => records.delete(key) : () => records.set(key, before));
    if (record === undefined) records.delete(key);
    else records.set(key, record);
  }

  remember(key: string, answer: ModelAnswer): void {
    const before = this.answers.get(key);
    this.#undo.push(before === undefined ? () => this.answers.delete(key) : () => this.answers.set(key, before));
    this.answers.set(key, answer);
  }

  goTo(sequence: number): void {
    const before = this.sequence;
    this.#undo.push(() => {
      this.sequence = before;
    });
    this.sequence = sequence;
  }

  /** A place to go back to. */
  get mark(): number {
    return this.#undo.length;
  }

  undoTo(mark: number): void {
    while (this.#undo.length > mark) this.#undo.pop()?.();
  }

  /** Nothing is taken back any more: what was journaled is on the disk. */
  settle(): void {
    this.#undo.length = 0;
  }

  /** A key that stands for the one that the server is going to choose. */
  freshKey(): string {
    this.#fresh += 1;
    return `${FRESH}${this.#fresh}-`;
  }
}

export function isFresh(key: string): boolean {
  return key.startsWith(FRESH);
}

/** The canonical form of a time: UTC, no zeros at the end. */
export function timeText(ms: number): string {
  const text = new Date(ms).toISOString();
  if (ms % 1000 === 0) return `${text.slice(0, 19)}Z`;
  let fraction = text.slice(19, 23);
  while (fraction.endsWith('0')) fraction = fraction.slice(0, -1);
  return `${text.slice(0, 19)}${fraction}Z`;
}

import type { Clock } from '../clock.ts';
import { done, type Fault, fail, messageOf, type Result } from '../faults.ts';
import type { QueryAnswer, QueryRequest } from './query-host.ts';

/** Queries of the configuration that are asked again and again, and what they said last: numbers for whoever watches. */

export interface SavedQuery {
  /** Of the figure: lower-case letters, digits and `_`. */
  readonly name: string;
  readonly description: string;
  readonly sql: string;
  readonly at: string;
  readonly everyMs: number;
  /** Columns whose values tell the rows apart. The column `value` has the number. */
  readonly labels: readonly string[];
}

export interface SavedSample {
  /** In the order of the query's `labels`. */
  readonly labels: readonly string[];
  readonly value: number;
}

export interface SavedValues {
  readonly name: string;
  readonly description: string;
  readonly labelNames: readonly string[];
  readonly everyMs: number;
  /** Of the last time that it went well; empty before the first. */
  readonly samples: readonly SavedSample[];
  /** When that was, in milliseconds since 1970; undefined before the first. */
  readonly takenMs: number | undefined;
  /** Times that it failed since the server was started. */
  readonly failures: number;
}

/** What `/metrics` needs. */
export interface SavedFigures {
  values(): readonly SavedValues[];
}

/** Each is a series in the memory of whoever watches. */
export const SERIES_OF_QUERY_MAX = 1000;
/** Of all saved queries together. */
export const SERIES_MAX = 10_000;
const BYTES_MAX = 1_048_576;
const LABEL_LENGTH_MAX = 200;
const STEP_MS = 1000;

interface Entry {
  readonly query: SavedQuery;
  samples: readonly SavedSample[];
  takenMs: number | undefined;
  dueMs: number;
  failures: number;
}

export interface SavedQueriesParts {
  readonly queries: readonly SavedQuery[];
  readonly clock: Clock;
  ask(request: QueryRequest, signal: AbortSignal): Promise<Result<QueryAnswer>>;
  warn(name: string, reason: string): void;
}

export class SavedQueries implements SavedFigures {
  readonly #parts: SavedQueriesParts;
  readonly #entries: readonly Entry[];
  readonly #ending = new AbortController();
  #isLooking = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: SavedQueriesParts) {
    this.#parts = parts;
    this.#entries = parts.queries.map((query) => ({ query, samples: [], takenMs: undefined, dueMs: 0, failures: 0 }));
  }

  start(): void {
    if (this.#entries.length > 0) this.#timer = setInterval(() => void this.look(), STEP_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#ending.abort();
  }

  values(): readonly SavedValues[] {
    return this.#entries.map(({ query: { name, description, labels, everyMs }, samples, takenMs, failures }) => ({
      name,
      description,
      labelNames: labels,
      everyMs,
      samples,
      takenMs,
      failures,
    }));
  }

  /** Asks what is due, one after the other: nobody waits for these, and they take one process of those that others need. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      await this.#askDue();
    } finally {
      this.#isLooking = false;
    }
  }

  async #askDue(): Promise<void> {
    for (const entry of this.#entries) {
      if (this.#parts.clock.monotonicMs() < entry.dueMs || this.#ending.signal.aborted) continue;
      // A defect is told like every other failure: nobody else hears of what these do.
      const read = await this.#ask(entry.query).catch((error: unknown) => fail('internal', messageOf(error)));
      entry.dueMs = this.#parts.clock.monotonicMs() + entry.query.everyMs;
      if (this.#ending.signal.aborted) return;
      const others = this.#entries.reduce((sum, { samples }) => sum + samples.length, -entry.samples.length);
      if (read.ok && others + read.value.length > SERIES_MAX) {
        this.#fail(entry, `it has ${read.value.length} rows, and the others ${others}: together they may have ${SERIES_MAX}`);
      } else if (read.ok) {
        entry.samples = read.value;
        entry.takenMs = this.#parts.clock.nowMs();
      } else {
        this.#fail(entry, read.fault.detail);
      }
    }
  }

  #fail(entry: Entry, reason: string): void {
    entry.failures += 1;
    this.#parts.warn(entry.query.name, reason);
  }

  async #ask({ sql, at, labels }: SavedQuery): Promise<Result<readonly SavedSample[]>> {
    const answer = await this.#parts.ask({ sql, at, form: 'ndjson', rowsMax: SERIES_OF_QUERY_MAX, bytesMax: BYTES_MAX }, this.#ending.signal);
    if (!answer.ok) return ownLimits(answer.fault);
    const parts: Buffer[] = [];
    for (;;) {
      const part = await answer.value.next();
      if (!part.ok) return ownLimits(part.fault);
      if (part.value === undefined) break;
      parts.push(part.value);
    }
    return samplesIn(Buffer.concat(parts).toString('utf8'), labels);
  }
}

/** The limits here are smaller than those that the result was refused by in name. */
function ownLimits(fault: Fault): Result<never> {
  if (fault.code !== 'result-too-large') return { ok: false, fault };
  return fail(fault.code, `a saved query may have ${SERIES_OF_QUERY_MAX} rows and ${BYTES_MAX} bytes, or less where query.rowsMax or query.bytesMax says so`);
}

function samplesIn(text: string, labels: readonly string[]): Result<readonly SavedSample[]> {
  const samples = new Map<string, SavedSample>();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const row = JSON.parse(line) as Readonly<Record<string, unknown>>;
    const value = typeof row['value'] === 'string' ? Number(row['value']) : row['value'];
    if (typeof value !== 'number' || Number.isNaN(value)) return fail('invalid-sql', 'a saved query needs a column "value" with a number in every row');
    const missing = labels.find((label) => !(label in row));
    if (missing !== undefined) return fail('invalid-sql', `the result has no column ${missing}`);
    const values = labels.map((label) => labelOf(row[label]));
    if (samples.has(JSON.stringify(values))) return fail('invalid-sql', `two rows have the same labels: ${values.join(', ')}`);
    samples.set(JSON.stringify(values), { labels: values, value });
  }
  return done([...samples.values()]);
}

/** Lists and structs are their JSON. */
function labelOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, LABEL_LENGTH_MAX);
}

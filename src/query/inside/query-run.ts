import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { done, type Fault, fail, messageOf, type Result } from '../../faults.ts';
import { judge } from './gate.ts';
import { type ResultWriter, type ResultWriterMaker, UnwritableError } from './result-writer.ts';
import { checkNames } from './value-text.ts';

/** One query: judged, prepared, run in a transaction that cannot write, and encoded part by part. */

export interface RunOptions {
  readonly sql: string;
  readonly rowsMax: number;
  /** Of the encoded result, and of what it decodes to: a compressed one that is small can be much. */
  readonly bytesMax: number;
}

/**
 * So much of a result is made before any of it is sent, so that a query that fails or grows too large is answered with a
 * problem and not with half a result. Only what is larger begins before its end is known.
 */
export const HELD_BYTES_MAX = 67_108_864;
/** A part that is handed over. */
const PART_BYTES = 262_144;
/** DuckDB's StatementType. */
const SELECT = 1;

export interface Failure {
  readonly fault: Fault;
  /** Something of it was carried out. */
  readonly hasRun: boolean;
}

export class QueryRun {
  readonly #connection: DuckDBConnection;
  readonly #options: RunOptions;
  readonly #result: DuckDBResult;
  readonly #writer: ResultWriter;
  readonly #held: Uint8Array[] = [];
  #heldBytes = 0;
  #bytes = 0;
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #isComplete = false;
  #isHandedOver = false;

  private constructor(connection: DuckDBConnection, options: RunOptions, result: DuckDBResult, writer: ResultWriter) {
    this.#connection = connection;
    this.#options = options;
    this.#result = result;
    this.#writer = writer;
    this.#add(writer.begin());
  }

  /** @param connection a fresh one, which is closed with the query. */
  static async start(
    connection: DuckDBConnection,
    options: RunOptions,
    tables: ReadonlySet<string>,
    writerFor: ResultWriterMaker,
  ): Promise<QueryRun | Failure> {
    let hasRun = false;
    try {
      const judged = await judge(connection, options.sql, tables);
      if (!judged.ok) return { fault: judged.fault, hasRun };
      await connection.run('BEGIN TRANSACTION READ ONLY');
      const extracted = await connection.extractStatements(options.sql);
      if (extracted.count !== 1) return { fault: { code: 'forbidden-sql', detail: 'only one statement is allowed' }, hasRun };
      const statement = await extracted.prepare(0);
      if (statement.statementType !== SELECT) return { fault: { code: 'forbidden-sql', detail: 'only SELECT is allowed here' }, hasRun };
      if (statement.parameterCount > 0) return { fault: { code: 'invalid-sql', detail: 'parameters have no values here' }, hasRun };
      hasRun = true;
      const result = await statement.stream();
      for (const type of result.columnTypes()) checkNames(type);
      const run = new QueryRun(connection, options, result, writerFor(result));
      const filled = await run.#fill(HELD_BYTES_MAX);
      return filled.ok ? run : { fault: filled.fault, hasRun };
    } catch (error) {
      const fault = faultOf(error);
      // Some functions are computed while the query is planned.
      return { fault, hasRun: hasRun || fault.code !== 'invalid-sql' };
    }
  }

  get rows(): number {
    return this.#writer.rows;
  }

  /** The next part of the result; undefined at its end. */
  async next(): Promise<Result<Uint8Array | undefined>> {
    this.#isHandedOver = true;
    try {
      const filled = await this.#fill(PART_BYTES);
      if (!filled.ok) return filled;
    } catch (error) {
      return { ok: false, fault: faultOf(error) };
    }
    const part = this.#held.shift();
    if (part !== undefined) this.#heldBytes -= part.length;
    else this.#connection.closeSync();
    return done(part);
  }

  /** Makes parts until so many bytes are held or there are no more. */
  async #fill(bytes: number): Promise<Result<undefined>> {
    while (!this.#isComplete && this.#heldBytes < bytes) {
      const chunk = await this.#result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) {
        const fault = await this.#flaw();
        if (fault !== undefined) return { ok: false, fault };
        this.#isComplete = true;
        this.#add(this.#writer.end());
        this.#cut();
        break;
      }
      this.#add(this.#writer.chunk(chunk));
      if (this.#writer.rows > this.#options.rowsMax) return fail('result-too-large', `the result has more than ${this.#options.rowsMax} rows (query.rowsMax)`);
      if (this.#partBytes >= PART_BYTES) this.#cut();
      if (this.#isTooLarge) break;
    }
    return this.#isTooLarge ? fail('result-too-large', `the result has more than ${this.#options.bytesMax} bytes (query.bytesMax)`) : done(undefined);
  }

  /**
   * A stream that failed ends like one that is complete; only its transaction knows. Why it failed is told to those who wait
   * for a whole result, so as long as nothing was handed over the query is run once more, for its error.
   */
  async #flaw(): Promise<Fault | undefined> {
    try {
      await this.#connection.run('SELECT 1');
      return undefined;
    } catch {
      await this.#connection.run('ROLLBACK');
    }
    try {
      await this.#connection.run('BEGIN TRANSACTION READ ONLY');
      if (!this.#isHandedOver) await this.#connection.run(this.#options.sql);
    } catch (error) {
      return faultOf(error);
    }
    return { code: 'query-failed', detail: `the query failed after ${this.#writer.rows} rows` };
  }

  get #isTooLarge(): boolean {
    return Math.max(this.#bytes, this.#writer.decodedBytes) > this.#options.bytesMax;
  }

  #add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#parts.push(bytes);
    this.#partBytes += bytes.length;
  }

  #cut(): void {
    const part = Buffer.concat(this.#parts, this.#partBytes);
    this.#parts = [];
    this.#partBytes = 0;
    this.#bytes += part.length;
    for (let start = 0; start < part.length; start += PART_BYTES) this.#held.push(part.subarray(start, start + PART_BYTES));
    this.#heldBytes += part.length;
  }
}

const DETAIL_LENGTH_MAX = 2000;

/** DuckDB's errors begin with what they are. */
function faultOf(error: unknown): Fault {
  const detail = messageOf(error).slice(0, DETAIL_LENGTH_MAX);
  if (error instanceof UnwritableError) return { code: 'invalid-sql', detail };
  if (/^Out of Memory Error|bad allocation|bad_alloc|Array buffer allocation failed/.test(detail))
    return { code: 'query-resources', detail: `${firstLine(detail)} (query.memory)` };
  if (/^Permission Error/.test(detail)) return { code: 'forbidden-sql', detail };
  if (/^(?:FATAL|INTERNAL|IO)\b/i.test(detail)) return { code: 'query-failed', detail: firstLine(detail) };
  return { code: 'invalid-sql', detail };
}

/** What follows is advice for whoever runs DuckDB. */
function firstLine(detail: string): string {
  return detail.split('\n')[0] ?? '';
}

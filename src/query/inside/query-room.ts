import { messageOf, unreachable } from '../../faults.ts';
import { bytesFrame, type ColumnarForm, type FromProcess, messageFrame, type ResultForm, type ToProcess } from '../messages.ts';
import { Duck } from './duck.ts';
import { loadContent } from './load.ts';
import { QueryRun } from './query-run.ts';
import type { ResultWriterMaker } from './result-writer.ts';
import { TextWriter } from './text-writer.ts';

/** What happens in the process of users' SQL: tables are loaded, DuckDB is closed, and then come queries, one at a time. */
export class QueryRoom {
  readonly #send: (frame: Buffer) => void;
  #duck: Duck | undefined;
  #tables: ReadonlySet<string> = new Set();
  #columnar: Readonly<Record<ColumnarForm, ResultWriterMaker>> | undefined;
  #run: QueryRun | undefined;

  constructor(send: (frame: Buffer) => void) {
    this.#send = send;
  }

  /** Answers by sending. One message is handled at a time. */
  async handle(message: ToProcess): Promise<void> {
    switch (message.type) {
      case 'load':
        return this.#load(message);
      case 'run':
        return this.#start(message);
      case 'more':
        return this.#more();
      default:
        return unreachable(message);
    }
  }

  async #load({ content, memoryBytes, threads, hasColumnar }: ToProcess & { type: 'load' }): Promise<void> {
    try {
      const duck = await Duck.open({ memoryBytes, threads });
      const connection = await duck.connect();
      // DuckDB's threads load, and this one has time for it.
      const [{ tables, leftOut, time }, columnar] = await Promise.all([loadContent(connection, content), hasColumnar ? columnarWriters() : undefined]);
      connection.closeSync();
      await duck.lock();
      this.#columnar = columnar;
      this.#duck = duck;
      this.#tables = new Set(tables.map((name) => name.toLowerCase()));
      this.#tell({ type: 'loaded', leftOut, time });
    } catch (error) {
      this.#tell({ type: 'not-loaded', reason: messageOf(error) });
    }
  }

  async #start(options: ToProcess & { type: 'run' }): Promise<void> {
    if (this.#duck === undefined) throw new Error('there are no tables yet');
    const connection = await this.#duck.connect();
    const started = await QueryRun.start(connection, options, this.#tables, this.#writerFor(options.form));
    if (started instanceof QueryRun) {
      this.#run = started;
      this.#tell({ type: 'ready' });
      return;
    }
    connection.closeSync();
    this.#tell({ type: 'failed', ...started });
  }

  #writerFor(form: ResultForm): ResultWriterMaker {
    if (form !== 'arrow' && form !== 'parquet') return (result) => new TextWriter(form, result);
    if (this.#columnar === undefined) throw new Error(`this process was not loaded for ${form}`);
    return this.#columnar[form];
  }

  async #more(): Promise<void> {
    const run = this.#run;
    if (run === undefined) throw new Error('there is no result');
    const next = await run.next();
    if (!next.ok) this.#tell({ type: 'failed', fault: next.fault, hasRun: true });
    else if (next.value !== undefined) this.#send(bytesFrame(next.value));
    else this.#tell({ type: 'end', rows: run.rows, cpuMs: cpuMs() });
  }

  #tell(message: FromProcess): void {
    this.#send(messageFrame(message));
  }
}

/** The libraries are imported here and not above, so that a process that writes text has neither: they take 20 MiB and 0.2 s. */
async function columnarWriters(): Promise<Readonly<Record<ColumnarForm, ResultWriterMaker>>> {
  const [{ ArrowWriter }, { ParquetWriter }] = await Promise.all([import('./arrow-writer.ts'), import('./parquet-writer.ts')]);
  return { arrow: (result) => new ArrowWriter(result), parquet: (result) => new ParquetWriter(result) };
}

/** That this process has had. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1000);
}

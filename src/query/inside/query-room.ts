import { messageOf, unreachable } from '../../faults.ts';
import { bytesFrame, type FromProcess, messageFrame, type ResultForm, type ToProcess } from '../messages.ts';
import { ArrowWriter } from './arrow-writer.ts';
import { Duck } from './duck.ts';
import { loadContent } from './load.ts';
import { ParquetWriter } from './parquet-writer.ts';
import { QueryRun } from './query-run.ts';
import type { ResultWriterMaker } from './result-writer.ts';
import { TextWriter } from './text-writer.ts';

/** What happens in the process of users' SQL: tables are loaded, DuckDB is closed, and then come queries, one at a time. */
export class QueryRoom {
  readonly #send: (frame: Buffer) => void;
  #duck: Duck | undefined;
  #tables: ReadonlySet<string> = new Set();
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

  async #load({ content, memoryBytes, threads }: ToProcess & { type: 'load' }): Promise<void> {
    try {
      const duck = await Duck.open({ memoryBytes, threads });
      const connection = await duck.connect();
      const { tables, leftOut, time } = await loadContent(connection, content);
      connection.closeSync();
      await duck.lock();
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
    const started = await QueryRun.start(connection, options, this.#tables, writerFor(options.form));
    if (started instanceof QueryRun) {
      this.#run = started;
      this.#tell({ type: 'ready' });
      return;
    }
    connection.closeSync();
    this.#tell({ type: 'failed', ...started });
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

function writerFor(form: ResultForm): ResultWriterMaker {
  switch (form) {
    case 'arrow':
      return (result) => new ArrowWriter(result);
    case 'parquet':
      return (result) => new ParquetWriter(result);
    default:
      return (result) => new TextWriter(form, result);
  }
}

/** That this process has had. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1000);
}

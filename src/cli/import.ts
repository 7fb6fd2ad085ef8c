import type { Command } from 'commander';
import type { Client } from '../client/client.ts';
import { parseJson } from '../http/json.ts';
import { asFailure, describeDetail, withClient } from './api.ts';
import { type Checker, loadChecker } from './checker.ts';
import { addConnectionOptions, type Connection, type ConnectionOptions, connect } from './connection.ts';
import { CliFailure, EXIT } from './failure.ts';
import { forgetProgress, type ImportIdentity, notePart, progressDisplay, progressFile, resumePoint } from './import-progress.ts';
import { jsonItems } from './json-items.ts';
import { openInput } from './open-input.ts';
import { printJson, say } from './output.ts';
import { newTally, type Tally, type UploadItem, type UploadOptions, uploadAtOnce, uploadInParts } from './upload.ts';

interface ImportOptions extends ConnectionOptions {
  readonly fromNodeOrchestrator?: string;
  readonly upsert?: boolean;
  readonly mode: string;
  readonly chunk: string;
  readonly resume?: boolean;
  readonly progressFile: boolean;
}

const CHUNK_ITEMS_MAX = 10_000;
const MISTAKES_SHOWN = 50;

export function addImport(program: Command): void {
  const command = program
    .command('import [kind] [file]')
    .description('import records from a JSON array, NDJSON, or standard input (-)')
    .option('--upsert', 'replace records that exist already (by natural key)')
    .option('--mode <mode>', 'partial: every record for itself, in parts; atomic: all of them or none', 'partial')
    .option('--chunk <count>', 'records in one part', '1000')
    .option('--resume', 'go on after the last part that the server acknowledged')
    .option('--no-progress-file', 'do not note the progress beside the file')
    .option('--from-node-orchestrator <dir>', 'import a snapshot folder of node-orchestrator instead')
    .action(async (kind: string | undefined, file: string | undefined, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<ImportOptions>();
      if (options.fromNodeOrchestrator !== undefined) {
        if (kind !== undefined) throw new CliFailure(EXIT.usage, '--from-node-orchestrator brings its own kinds: name neither KIND nor FILE');
        const { importOriginal } = await import('./import-original.ts');
        await withClient(connect(options), (client) => importOriginal(client, options.fromNodeOrchestrator ?? '.', chunkItemsOf(options)));
        return;
      }
      if (kind === undefined || file === undefined) throw new CliFailure(EXIT.usage, 'import needs KIND and FILE');
      const connection = connect(options);
      await withClient(connection, (client) => importFile(client, connection, kind, file, options));
    });
  addConnectionOptions(command);
}

async function importFile(client: Client, connection: Connection, kind: string, file: string, options: ImportOptions): Promise<void> {
  if (options.mode !== 'partial' && options.mode !== 'atomic') throw new CliFailure(EXIT.usage, `--mode: "${options.mode}" is neither partial nor atomic`);
  const isAtomic = options.mode === 'atomic';
  if (options.resume === true && (isAtomic || file === '-')) throw new CliFailure(EXIT.usage, '--resume works with files in --mode partial');
  const check = options.schemaDir === undefined ? undefined : await loadChecker(kind, options.schemaDir);
  if (check !== undefined && file !== '-') await checkFile(kind, file, check);
  const input = openInput(file);
  const upload: UploadOptions = { kind, upsert: options.upsert === true, chunkItems: chunkItemsOf(options), ...(check === undefined ? {} : { check }) };
  const identity: ImportIdentity = { kind, upsert: upload.upsert, bytes: input.bytes ?? 0, modifiedMs: input.modifiedMs };
  const keepsNote = !isAtomic && input.bytes !== undefined && options.progressFile;
  const tally = newTally();
  let skip = 0;
  if (options.resume === true) {
    const note = resumePoint(file, identity);
    skip = note.items;
    Object.assign(tally, { items: note.items, created: note.created, updated: note.updated, refused: note.refused });
  }
  const display = progressDisplay(input.bytes);
  try {
    if (isAtomic) await uploadAtOnce(client, uploadItems(input.chunks, 0), upload, tally, () => display.show(tally));
    else {
      await uploadInParts(client, uploadItems(input.chunks, skip), upload, tally, () => {
        if (keepsNote) notePart(file, identity, tally);
        display.show(tally);
      });
    }
  } catch (thrown) {
    const error = asFailure(connection, thrown);
    if (keepsNote && error instanceof CliFailure && error.exitCode !== EXIT.usage) {
      throw new CliFailure(error.exitCode, `${error.message}\n${tally.created + tally.updated} records are in; go on with --resume (${progressFile(file)})`);
    }
    throw error;
  } finally {
    display.end();
  }
  if (keepsNote) forgetProgress(file);
  report(kind, tally);
}

/** Prints the tally; refused records make the exit code. */
function report(kind: string, tally: Tally): void {
  for (const example of tally.examples) say(example);
  if (tally.refused > tally.examples.length) say(`and ${tally.refused - tally.examples.length} more`);
  printJson({ kind, created: tally.created, updated: tally.updated, refused: tally.refused });
  if (tally.refused > 0) throw new CliFailure(EXIT.refused, `${tally.refused} of ${tally.items} records were refused`);
}

async function* uploadItems(chunks: AsyncIterable<Buffer>, skip: number): AsyncGenerator<UploadItem> {
  for await (const { bytes, line, index, endByte } of jsonItems(chunks)) {
    if (index >= skip) yield { bytes, place: `line ${line}`, endByte };
  }
}

/** Nothing is sent when anything in the file is wrong. */
async function checkFile(kind: string, file: string, check: Checker): Promise<void> {
  let wrong = 0;
  for await (const { bytes, line } of jsonItems(openInput(file).chunks)) {
    const parsed = parseJson(bytes);
    const found = parsed.ok ? check(parsed.value) : [{ pointer: '', detail: parsed.fault.detail }];
    if (found.length === 0) continue;
    wrong += 1;
    if (wrong <= MISTAKES_SHOWN) say(`line ${line}: ${found.map(describeDetail).join('; ')}`);
  }
  if (wrong > 0) throw new CliFailure(EXIT.refused, `nothing was sent: ${wrong} records do not match the schema of ${kind}`);
}

function chunkItemsOf({ chunk }: ImportOptions): number {
  const count = /^\d{1,6}$/.test(chunk) ? Number(chunk) : 0;
  if (count < 1 || count > CHUNK_ITEMS_MAX) throw new CliFailure(EXIT.usage, `--chunk: "${chunk}" is no number from 1 to ${CHUNK_ITEMS_MAX}`);
  return count;
}

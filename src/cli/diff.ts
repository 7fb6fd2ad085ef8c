import { type Command, Option } from 'commander';
import type { AsOf, Client, Diff, DiffSummary } from '../client/client.ts';
import { diffQuery } from '../client/diff.ts';
import { nextCursor } from '../client/record-list.ts';
import { withClient } from './api.ts';
import { momentText, tellInexactState } from './at.ts';
import { changeLines, type Fields, painter } from './change-lines.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { CliFailure, EXIT } from './failure.ts';
import { collect } from './list.ts';
import { isTerminal, printLine, printStream, say } from './output.ts';

const TYPES = { json: 'application/json', ndjson: 'application/x-ndjson' } as const;

interface DiffOptions extends ConnectionOptions {
  readonly kind: readonly string[];
  readonly format?: 'summary' | 'list' | keyof typeof TYPES;
  readonly records?: boolean;
  readonly limit?: string;
  readonly exitCode?: boolean;
}

/** On a terminal more changes than this are summed up. */
const LISTED_MAX = 100;

export function addDiff(program: Command): void {
  const command = program
    .command('diff <from> [to]')
    .description('what is different between two moments: times, "2h" ago, sequences, snapshots, latest, earliest; to is now when it is left out')
    .option('--kind <kind>', 'only this kind; several times for several; reservations alone', collect, [])
    .addOption(
      new Option('--format <format>', `on a terminal a list, or a summary of more than ${LISTED_MAX} changes; JSON otherwise`).choices([
        'summary',
        'list',
        ...Object.keys(TYPES),
      ]),
    )
    .option('--records', 'in JSON, both versions of a changed record instead of a patch')
    .option('--limit <count>', 'at most so many changes')
    .option('--exit-code', `end with ${EXIT.differs} when something is different`)
    .action(async (from: string, to: string | undefined, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<DiffOptions>();
      if (options.limit !== undefined && !/^\d{1,9}$/.test(options.limit)) throw new CliFailure(EXIT.usage, `--limit: "${options.limit}" is no number`);
      const isDifferent = await withClient(connect(options), (client) =>
        show(client, momentText(from), to === undefined ? undefined : momentText(to), options),
      );
      if (isDifferent && options.exitCode === true) process.exitCode = EXIT.differs;
    });
  addConnectionOptions(command);
}

/** @returns whether something is different */
async function show(client: Client, from: string, to: string | undefined, options: DiffOptions): Promise<boolean> {
  const { format = isTerminal() ? undefined : 'json', kind, limit } = options;
  if (format === 'json' || format === 'ndjson') return await passOn(client, from, to, options, format);
  const diff = client.diff<Fields>(from, to, { kinds: kind, records: true, ...(limit === undefined ? {} : { limit: Number(limit) }) });
  const summary = await diff.summary();
  for (const state of [summary.from, summary.to]) tellInexactState(state);
  const total = totalOf(summary);
  if (format === 'list' || (format === undefined && total <= LISTED_MAX)) await printList(diff);
  await printSummary(summary);
  if (format === undefined && total > LISTED_MAX) say('--format list shows each of them');
  return total > 0;
}

/** As the server writes it. */
async function passOn(
  client: Client,
  from: string,
  to: string | undefined,
  { kind, records, limit }: DiffOptions,
  format: keyof typeof TYPES,
): Promise<boolean> {
  const query = diffQuery(from, to, { kinds: kind, records: records === true });
  if (limit !== undefined) query.set('limit', limit);
  const { headers, body } = await client.stream({ method: 'GET', path: '/diff', query, accept: TYPES[format] });
  await printStream(body);
  if (nextCursor(headers['link']) !== undefined) say(`these are the first ${limit} of ${String(headers['x-total-count'])} changes`);
  return headers['x-total-count'] !== '0';
}

async function printList(diff: Diff<Fields>): Promise<void> {
  for await (const change of diff) for (const line of changeLines(change)) await printLine(line);
}

async function printSummary(summary: DiffSummary): Promise<void> {
  const paint = painter();
  await printLine(paint.bold(`from ${momentOf(summary.from)} to ${momentOf(summary.to)}`));
  for (const [kind, { created, changed, deleted }] of Object.entries(summary.counts)) {
    if (created + changed + deleted === 0) continue;
    await printLine(`${kind}: ${paint.green(`${created} created`)}, ${paint.yellow(`${changed} changed`)}, ${paint.red(`${deleted} deleted`)}`);
  }
  if (totalOf(summary) === 0) await printLine('nothing is different');
}

function totalOf({ counts }: DiffSummary): number {
  return Object.values(counts).reduce((sum, { created, changed, deleted }) => sum + created + changed + deleted, 0);
}

function momentOf({ sequence, time }: AsOf): string {
  return `${sequence}${time === undefined ? '' : ` (${time})`}`;
}

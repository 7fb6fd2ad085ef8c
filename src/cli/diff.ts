import { type Command, Option } from 'commander';
import pc from 'picocolors';
import type { AsOf, Client, Diff, DiffChange, DiffSummary } from '../client/client.ts';
import { diffQuery } from '../client/diff.ts';
import { nextCursor } from '../client/record-list.ts';
import { withClient } from './api.ts';
import { momentText, tellInexactState } from './at.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { CliFailure, EXIT } from './failure.ts';
import { collect } from './list.ts';
import { isTerminal, printLine, printStream, say } from './output.ts';
import { cell } from './table.ts';

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
/** They change with every change. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['updated_at', 'revision']);
/** By which people know a record. */
const NAMES = ['ID', 'xname', 'name', 'hostname'];

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

type Fields = Readonly<Record<string, unknown>>;

async function printList(diff: Diff<Fields>): Promise<void> {
  for await (const change of diff) for (const line of linesOf(change)) await printLine(line);
}

/** A line for the record, and one for each property that has changed. */
function linesOf({ kind, key, type, before = {}, after = {} }: DiffChange<Fields>): readonly string[] {
  const paint = painter();
  const { sign, color } = { created: { sign: '+', color: paint.green }, changed: { sign: '~', color: paint.yellow }, deleted: { sign: '-', color: paint.red } }[
    type
  ];
  const record = type === 'deleted' ? before : after;
  const names = NAMES.flatMap((name) => (typeof record[name] === 'string' && record[name] !== key ? [cell(record[name])] : []));
  const first = color([sign, cell(kind), cell(key), ...names].join(' '));
  if (type !== 'changed') return [first];
  return [first, ...changesOf(before, after, '').map(({ path, old, now }) => `    ${cell(path)}: ${paint.red(shown(old))} → ${paint.green(shown(now))}`)];
}

function shown(value: unknown): string {
  return value === undefined ? '(none)' : cell(typeof value === 'string' ? JSON.stringify(value) : value);
}

interface PropertyChange {
  readonly path: string;
  readonly old: unknown;
  readonly now: unknown;
}

function changesOf(before: Fields, after: Fields, path: string): readonly PropertyChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name): readonly PropertyChange[] => {
    if (path === '' && BOOKKEEPING.has(name)) return [];
    const [old, now] = [before[name], after[name]];
    if (JSON.stringify(old) === JSON.stringify(now)) return [];
    if (isObject(old) && isObject(now)) return changesOf(old, now, `${path}${name}.`);
    return [{ path: `${path}${name}`, old, now }];
  });
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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

/** Also where CI would have them, no colours leave the terminal. */
function painter(): ReturnType<typeof pc.createColors> {
  return pc.createColors(isTerminal() && pc.isColorSupported);
}

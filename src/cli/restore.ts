import type { Command } from 'commander';
import pc from 'picocolors';
import type { Client, RestoredRecord, RestoreReport } from '../client/client.ts';
import { describeDetail, withClient } from './api.ts';
import { momentText } from './at.ts';
import { namesIn, shown } from './change-lines.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { CliFailure, EXIT } from './failure.ts';
import { collect } from './list.ts';
import { printJson } from './output.ts';
import { cell } from './table.ts';

interface RestoreOptions extends ConnectionOptions {
  readonly to?: string;
  readonly kind: readonly string[];
  readonly filter: readonly string[];
  readonly property: readonly string[];
  readonly confirm?: boolean;
  readonly yes?: boolean;
  readonly sequence?: string;
  readonly note?: string;
  readonly limit?: string;
  readonly json?: boolean;
}

/** When nobody says how many; `--json` has all that the server tells. */
const CHANGES_SHOWN = 20;
const DETAILS_SHOWN = 20;
const PATHS_SHOWN = 6;
const WHAT_WIDTH = 8;

export function addRestore(program: Command): void {
  const command = program
    .command('restore [name]')
    .description('go back to a snapshot or any other moment: first a dry run, then for good with --confirm')
    .option('--to <when>', 'the moment, instead of a name: a time, "2h" ago, a sequence, latest or earliest')
    .option('--kind <kind>', 'only records of this kind; may be given several times', collect, [])
    .option('--filter <property=value>', 'only records of the one kind that fit, then or now; as in list', collect, [])
    .option('--property <property>', 'only this property, of records that are there; may be given several times', collect, [])
    .option('--confirm', 'do it, if nothing has changed since the dry run')
    .option('-y, --yes', 'the same')
    .option('--sequence <sequence>', 'that of the dry run; without it, --confirm begins with one')
    .option('--note <text>', 'a remark on the snapshot that is taken right before')
    .option('--limit <count>', 'tell at most so many changes one by one')
    .option('--json', 'the answer as JSON')
    .action(async (name: string | undefined, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<RestoreOptions>();
      const moment = momentIn(name, options);
      await withClient(connect(options), (client) => restore(client, moment, options));
    });
  addConnectionOptions(command);
}

function momentIn(name: string | undefined, { to }: RestoreOptions): string {
  if (name !== undefined && to !== undefined) throw new CliFailure(EXIT.usage, 'either a name or --to');
  const moment = name ?? to;
  if (moment === undefined) throw new CliFailure(EXIT.usage, 'the name of a snapshot, or --to with a moment');
  return momentText(moment);
}

async function restore(client: Client, moment: string, options: RestoreOptions): Promise<void> {
  const isConfirmed = options.confirm === true || options.yes === true;
  const sequence = numberIn('sequence', options.sequence);
  if (isConfirmed && sequence !== undefined) return tell(await asked(client, moment, options, { confirm: true, sequence }), options);
  const dry = await asked(client, moment, options, {});
  const isEmpty = dry.total.created + dry.total.updated + dry.total.deleted === 0;
  if (!isConfirmed || isEmpty || dry.broken_count > 0) {
    tell(dry, options);
    if (dry.broken_count > 0) throw new CliFailure(EXIT.refused, 'nothing was changed: rules stand against it');
    return;
  }
  if (options.json !== true) print([...summary(dry), ...wouldBe(dry, shownMaxOf(options))]);
  // Not the moment as it was named: "latest" may be another one by now.
  const report = await asked(client, String(dry.as_of.sequence), options, { confirm: true, sequence: dry.sequence });
  if (options.json === true) printJson(report);
  else print([headOf(report), ...ending(report)]);
}

async function asked(client: Client, moment: string, options: RestoreOptions, more: { confirm?: true; sequence?: number }): Promise<RestoreReport> {
  const { kind, filter, property, note } = options;
  const limit = numberIn('limit', options.limit);
  const body = {
    ...more,
    ...(kind.length === 0 ? {} : { kinds: kind }),
    ...(filter.length === 0 ? {} : { filter: filterText(filter) }),
    ...(property.length === 0 ? {} : { properties: property }),
    ...(note === undefined ? {} : { note }),
    ...(limit === undefined ? {} : { limit }),
  };
  const path = `/snapshots/${encodeURIComponent(moment)}/restore`;
  return JSON.parse((await client.request({ method: 'POST', path, body: JSON.stringify(body) })).text) as RestoreReport;
}

function filterText(filters: readonly string[]): string {
  return new URLSearchParams(
    filters.map((filter): [string, string] => {
      const equals = filter.indexOf('=');
      if (equals < 1) throw new CliFailure(EXIT.usage, `--filter: "${filter}" is not property=value`);
      return [filter.slice(0, equals), filter.slice(equals + 1)];
    }),
  ).toString();
}

function numberIn(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,16}$/.test(text)) throw new CliFailure(EXIT.usage, `--${name}: "${text}" is no number`);
  return Number(text);
}

function tell(report: RestoreReport, options: RestoreOptions): void {
  if (options.json === true) {
    printJson(report);
    return;
  }
  print([...summary(report), ...(report.dry_run ? wouldBe(report, shownMaxOf(options)) : []), ...ending(report)]);
}

function shownMaxOf({ limit }: RestoreOptions): number {
  return limit === undefined ? CHANGES_SHOWN : Number(limit);
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

function headOf({ as_of, dry_run }: RestoreReport): string {
  const { sequence, time, snapshot } = as_of;
  return `${dry_run ? 'would go' : 'went'} back to change ${sequence}${time === undefined ? '' : ` of ${time}`}${snapshot === undefined ? '' : `, from ${snapshot}`}`;
}

function summary(report: RestoreReport): readonly string[] {
  const { counts, total } = report;
  const head = headOf(report);
  const kinds = Object.entries(counts);
  if (kinds.length === 0) return [head, 'nothing is different'];
  const rows = [...kinds, ...(kinds.length > 1 ? [['total', total] as const] : [])];
  const width = Math.max(...rows.map(([name]) => name.length));
  const line = (name: string, cells: readonly string[]): string => `  ${[name.padEnd(width), ...cells.map((each) => each.padStart(8))].join(' ')}`;
  return [
    head,
    pc.bold(line('', ['created', 'updated', 'deleted'])),
    ...rows.map(([name, { created, updated, deleted }]) => line(name, [created, updated, deleted].map(String))),
  ];
}

function wouldBe({ changes, total, broken, broken_count, lost_secrets, lost_secrets_count }: RestoreReport, shownMax: number): readonly string[] {
  const all = total.created + total.updated + total.deleted;
  const listed = changes.slice(0, shownMax);
  const lines = listed.flatMap(changeLines);
  if (all > listed.length && listed.length > 0) lines.push(pc.dim(`  and ${all - listed.length} more`));
  if (broken_count > 0) {
    lines.push(pc.red(`rules that this would break: ${broken_count}`), ...broken.slice(0, DETAILS_SHOWN).map((each) => `  ${cellOf(describeDetail(each))}`));
  }
  if (lost_secrets_count > 0) {
    lines.push(pc.yellow(`records that come back without their secrets: ${lost_secrets_count}`));
    for (const { kind, key, secrets } of lost_secrets.slice(0, DETAILS_SHOWN)) lines.push(`  ${kind} ${cellOf(key)}: ${secrets.join(', ')}`);
  }
  return lines;
}

function changeLines({ kind, key, type, patch = [], record = {} }: RestoredRecord): readonly string[] {
  const paint = type === 'created' ? pc.green : type === 'deleted' ? pc.red : pc.yellow;
  const first = `  ${paint(type.padEnd(WHAT_WIDTH))} ${[kind, cellOf(key), ...namesIn(record, key)].join(' ')}`;
  const operations = patch.slice(0, PATHS_SHOWN).map(operationLine);
  return [first, ...operations, ...(patch.length > PATHS_SHOWN ? [pc.dim(`      and ${patch.length - PATHS_SHOWN} more`)] : [])];
}

/** One operation of a JSON patch (RFC 6902): where, and what would be there. */
function operationLine(operation: object): string {
  const { path, value } = operation as { path?: unknown; value?: unknown };
  return `      ${cell(path)} → ${shown(value)}`;
}

/** What stands in a record must not steer the terminal. */
function cellOf(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}

function ending({ dry_run, as_of, sequence, total, broken_count, safety_snapshot }: RestoreReport): readonly string[] {
  if (!dry_run) return safety_snapshot === undefined ? [] : [`what was there before is in the snapshot ${safety_snapshot}; reservations are as they were`];
  const isEmpty = total.created + total.updated + total.deleted === 0;
  if (isEmpty) return [];
  if (broken_count > 0) return [];
  return [`nothing was changed; to do it: holdfast restore ${as_of.sequence} --confirm --sequence ${sequence}, with the same options`];
}

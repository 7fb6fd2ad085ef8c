import type { Command } from 'commander';
import type { Client, Condition, FeedOptions, Interruption, Scalar } from '../client/client.ts';
import { messageOf } from '../faults.ts';
import { withClient } from './api.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { eventLine } from './event-line.ts';
import { CliFailure, EXIT } from './failure.ts';
import { collect, propertyAndValue } from './list.ts';
import { isTerminal, printLine, say } from './output.ts';

interface WatchOptions extends ConnectionOptions {
  readonly filter: readonly string[];
  readonly key: readonly string[];
  readonly endpoint?: string;
  readonly since?: string;
  readonly patch?: boolean;
  readonly count?: string;
  readonly json?: boolean;
}

export function addWatch(program: Command): void {
  const command = program
    .command('watch [kinds]')
    .description('tell what changes, as it happens, until Ctrl-C; a line for people on a terminal, one JSON event a line otherwise')
    .option('--filter <property=value>', 'with one kind: only records that fit, as in list', collect, [])
    .option('--key <key>', 'only the record with this key (for natural keys: --filter); may be repeated', collect, [])
    .option('--endpoint <name>', 'only reservations of this endpoint')
    .option('--since <sequence>', 'begin with what came after this sequence or event id')
    .option('--patch', 'tell what changed instead of whole records')
    .option('--count <count>', 'end after so many events')
    .option('--json', 'JSON also on a terminal')
    .action(async (kinds: string | undefined, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<WatchOptions>();
      const abort = new AbortController();
      const end = (): void => abort.abort();
      process.once('SIGINT', end);
      try {
        await withClient(connect(options), (client) => watch(client, kinds, options, abort.signal));
      } catch (error) {
        // Ctrl-C is how a watch ends.
        if (!abort.signal.aborted) throw error;
      } finally {
        process.off('SIGINT', end);
      }
    });
  addConnectionOptions(command);
}

async function watch(client: Client, kinds: string | undefined, options: WatchOptions, signal: AbortSignal): Promise<void> {
  const isForPeople = isTerminal() && options.json !== true;
  let left = countIn(options.count);
  const feed = client.feed({ ...feedOptions(kinds, options), signal, onInterruption: (interruption) => say(interruptionLine(interruption, feed.position)) });
  for await (const event of feed) {
    if (event.topic === 'reset') say(`what was missed cannot be told (${event.data.reason}): list again; going on after ${feed.position}`);
    if (!isForPeople) await printLine(JSON.stringify(event));
    else if (event.topic !== 'reset') await printLine(eventLine(event));
    left -= 1;
    if (left === 0) return;
  }
}

function feedOptions(kinds: string | undefined, { filter, key, endpoint, since, patch }: WatchOptions): FeedOptions<string, Conditions> {
  if (since !== undefined && !/^(?:\d+-)?\d{1,16}(?:-position|-reset)?$/.test(since)) throw new CliFailure(EXIT.usage, `--since: "${since}" is no sequence`);
  return {
    ...(kinds === undefined ? {} : { kinds: kinds.split(',') }),
    ...(filter.length === 0 ? {} : { where: whereIn(filter) }),
    ...(key.length === 0 ? {} : { keys: key }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(since === undefined ? {} : { since }),
    ...(patch === true ? { patch } : {}),
  };
}

type Conditions = Readonly<Record<string, Condition<Scalar>>>;

/** `property=value` as in lists, whose operators the server finds in the names. */
function whereIn(filters: readonly string[]): Conditions {
  const wanted: Record<string, string[]> = {};
  const excluded: Record<string, string[]> = {};
  for (const filter of filters) {
    const [property, value] = propertyAndValue(filter);
    const isExcluded = value.startsWith('!');
    const values = isExcluded ? excluded : wanted;
    values[property] = [...(values[property] ?? []), isExcluded ? value.slice(1) : value];
  }
  const both = Object.keys(excluded).find((property) => property in wanted);
  if (both !== undefined) throw new CliFailure(EXIT.usage, `--filter: "${both}" is given with and without "!"`);
  return { ...wanted, ...Object.fromEntries(Object.entries(excluded).map(([property, values]) => [property, { not: values }])) };
}

function countIn(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new CliFailure(EXIT.usage, `--count: "${text}" is no number from 1`);
  return Number(text);
}

function interruptionLine({ cause, pauseMs }: Interruption, position: string | undefined): string {
  const why = cause === undefined ? 'the server ended the connection' : messageOf(cause);
  return `${why}; going on${position === undefined ? '' : ` after ${position}`} in ${(pauseMs / 1000).toFixed(1)} s`;
}

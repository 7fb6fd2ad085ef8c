import type { Command } from 'commander';
import type { AnswerHeaders, Ask, Client } from '../client/client.ts';
import { collectionPath } from '../client/paths.ts';
import { nextCursor } from '../client/record-list.ts';
import { withClient } from './api.ts';
import { type AtOptions, atOption, atQuery, tellInexact } from './at.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { CliFailure, EXIT } from './failure.ts';
import { isTerminal, printStream, say } from './output.ts';
import { printTable } from './table.ts';

interface ListOptions extends ConnectionOptions, AtOptions {
  readonly filter: readonly string[];
  readonly limit?: string;
  readonly after?: string;
  readonly sort?: string;
  readonly fields?: string;
  readonly ndjson?: boolean;
  readonly json?: boolean;
}

export function addList(program: Command): void {
  const command = program
    .command('list <kind>')
    .description('list records; a table on a terminal, JSON otherwise')
    .option(
      '--filter <property=value>',
      'only those with this value; several for one property are alternatives, =!value excludes, missing=property asks for none',
      collect,
      [],
    )
    .option('--limit <count>', 'at most so many')
    .option('--after <cursor>', 'go on after a page that --limit cut')
    .option('--sort <properties>', 'order by these, with commas between; - before a name turns it round')
    .option('--fields <properties>', 'only these properties, with commas between')
    .addOption(atOption())
    .option('--ndjson', 'one record a line')
    .option('--json', 'JSON also on a terminal')
    .action(async (kind: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<ListOptions>();
      const query = queryOf(options);
      await withClient(connect(options), async (client) => {
        const accept = options.ndjson === true ? 'application/x-ndjson' : 'application/json';
        const ask = { method: 'GET', path: collectionPath(kind), query, accept } as const;
        const headers = await printed(client, ask, options);
        tellInexact(headers);
        const next = nextCursor(headers['link']);
        if (next !== undefined) say(`there are more: --after '${next}'`);
      });
    });
  addConnectionOptions(command);
}

/** @returns the headers of the answer */
async function printed(client: Client, ask: Ask, { ndjson, json, fields }: ListOptions): Promise<AnswerHeaders> {
  if (isTerminal() && ndjson !== true && json !== true) {
    const { headers, text } = await client.request(ask);
    const records: unknown = JSON.parse(text);
    printTable(Array.isArray(records) ? records : [records], fields?.split(','));
    return headers;
  }
  const { headers, body } = await client.stream(ask);
  await printStream(body);
  return headers;
}

export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function queryOf(options: ListOptions): URLSearchParams {
  const query = atQuery(options);
  for (const filter of options.filter) query.append(...propertyAndValue(filter));
  if (options.limit !== undefined && !/^\d{1,9}$/.test(options.limit)) throw new CliFailure(EXIT.usage, `--limit: "${options.limit}" is no number`);
  for (const name of ['limit', 'after', 'sort', 'fields'] as const) {
    const value = options[name];
    if (value !== undefined) query.set(name, value);
  }
  return query;
}

export function propertyAndValue(filter: string): readonly [string, string] {
  const separator = filter.indexOf('=');
  if (separator < 1) throw new CliFailure(EXIT.usage, `--filter: "${filter}" is not property=value`);
  return [filter.slice(0, separator), filter.slice(separator + 1)];
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCOPES } from '../../src/http/scopes.ts';
import { type Answer, ServerProcess, temporaryFolder, tokenFor } from './server-process.ts';

/** A server whose SQL has small limits, so that tests run into them soon. */

export interface QueryServerOptions {
  /** Queries at once. */
  readonly children?: number;
  /** Lines of the section `query`. */
  readonly settings?: readonly string[];
  /** Lines of other sections. */
  readonly others?: readonly string[];
  readonly flags?: readonly string[];
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export async function queryServer(
  context: { after(fn: () => void | Promise<void>): void },
  { children = 1, settings = [], others = [], flags = [], directory, environment = {} }: QueryServerOptions = {},
): Promise<ServerProcess> {
  const folder = temporaryFolder(context);
  const file = join(folder, 'holdfast.yaml');
  writeFileSync(file, ['query:', `  children: ${children}`, ...settings.map((line) => `  ${line}`), ...others, ''].join('\n'));
  const server = await ServerProcess.start({ directory: directory ?? join(folder, 'data'), flags: ['--config', file, ...flags], environment });
  server.token = tokenFor(server.directory, SCOPES);
  context.after(async () => void (await server.kill()));
  return server;
}

export function ask(server: ServerProcess, sql: string, at?: string, accept = 'application/json'): Promise<Answer> {
  return server.request('POST', '/query', { sql, ...(at === undefined ? {} : { at }) }, { accept });
}

/** Process ids of the server's children that run SQL. */
export function childrenOf(server: ServerProcess): readonly number[] {
  const ids = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  return ids.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('query-process'));
}

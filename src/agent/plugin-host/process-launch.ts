import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { done, fail, type Result } from '../../faults.ts';
import { toolPath } from '../../tool-path.ts';
import type { EndpointConfig } from '../endpoint-config.ts';

/** How a plugin's process is started: its limits, its account, and what makes it die with the server. */

const run = promisify(execFile);
const MIB = 1_048_576;
/**
 * What the memory limit leaves to Node itself. The limit is on writable private memory (`--data`): V8 reserves the better
 * part of a gigabyte of addresses that it never touches, so a limit on addresses (`--as`) would have to be useless.
 * An idle process has 82 MiB of it on Node 20.
 */
export const NODE_OVERHEAD_MIB = 192;
/** The heap may take `memoryMiB`, and buffers as much again. */
const HEAPS = 2;
const ACCOUNT_LIMIT_MS = 5000;

export interface Launch {
  readonly command: string;
  readonly parameters: readonly string[];
  /** The account, when it is not the server's own. */
  readonly account: { readonly uid: number; readonly gid: number } | undefined;
}

/** Fault: plugin-failed, when the account that is configured does not exist or cannot be taken on. */
export async function planLaunch(endpoint: EndpointConfig): Promise<Result<Launch>> {
  const account = await accountOf(endpoint);
  if (!account.ok) return account;
  const dataBytes = (HEAPS * endpoint.memoryMiB + NODE_OVERHEAD_MIB) * MIB;
  const setpriv = await toolPath('setpriv', '--pdeathsig', 'KILL', '--', 'true');
  const prlimit = await toolPath('prlimit', '--core=0', '--', 'true');
  const words = [
    ...(setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--']),
    // No core: it would hold the plugin's secrets.
    ...(prlimit === undefined ? [] : [prlimit, `--data=${dataBytes}`, '--core=0', '--']),
    process.execPath,
    `--max-old-space-size=${endpoint.memoryMiB}`,
    fileURLToPath(new URL('../../../workers/plugin-process.js', import.meta.url)),
  ];
  const [command = process.execPath, ...parameters] = words;
  return done({ command, parameters, account: account.value });
}

async function accountOf({ user }: EndpointConfig): Promise<Result<Launch['account']>> {
  if (user === undefined) return done(undefined);
  const uid = await numberOf('-u', user);
  const gid = await numberOf('-g', user);
  if (uid === undefined || gid === undefined) return fail('plugin-failed', `there is no account ${user} on this machine`);
  const own = process.getuid?.();
  if (own === uid) return done(undefined);
  if (own !== 0) {
    return fail('plugin-failed', `only a server that runs as root can start a plugin as ${user}; this one runs as user ${own}`);
  }
  return done({ uid, gid });
}

/** Through `id`, which knows every account that the machine knows, not just those of /etc/passwd. */
async function numberOf(option: '-u' | '-g', user: string): Promise<number | undefined> {
  try {
    const { stdout } = await run('id', [option, '--', user], { timeout: ACCOUNT_LIMIT_MS });
    const number = Number.parseInt(stdout, 10);
    return Number.isInteger(number) ? number : undefined;
  } catch {
    return undefined;
  }
}

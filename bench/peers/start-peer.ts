import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { Child, type ChildOptions } from '../children.ts';

/** What the databases beside us have in common: an account that is not root, and an end with ours. */

/** They are asked nothing else than this by name. */
interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root. Undefined: as whoever runs the benchmark. */
function accountFor(names: readonly string[]): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const wanted of names) {
    const [name, , uid, gid] = lines.find((line) => line.startsWith(`${wanted}:`))?.split(':') ?? [];
    if (name !== undefined) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`as root, one of the accounts ${names.join(', ')} is needed`);
}

const account = (): Account | undefined => accountFor(['postgres', 'nobody']);

/** A folder that the peer may write. */
export function peerFolder(path: string): string {
  mkdirSync(path, { mode: 0o700, recursive: true });
  const owner = account();
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
  return path;
}

/** A command as the peer's account. Should this process be killed, the peer gets a signal from the system. */
export function asPeer(command: readonly string[], deathSignal = 'KILL'): readonly string[] {
  const owner = account();
  const drop = owner === undefined ? [] : ['--reuid', String(owner.uid), '--regid', String(owner.gid), '--clear-groups'];
  return ['setpriv', ...drop, '--pdeathsig', deathSignal, ...command];
}

export function startAsPeer(command: readonly string[], options: ChildOptions & { readonly deathSignal?: string }): Child {
  const [first = '', ...rest] = asPeer(command, options.deathSignal);
  return new Child(first, rest, options);
}

/** Whether a command is there; it is asked for its version. */
export function versionOf(command: string): string | undefined {
  const { error, stdout, status } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  return error === undefined && status === 0 ? /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] : undefined;
}

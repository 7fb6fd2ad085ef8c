import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/package-root.ts';
import { codeIn, readPage, tableOf } from '../docs/markdown.ts';
import { lacks } from '../support/lacks.ts';

/** The systemd unit: what the page says of it, what systemd thinks of it, and that the server runs under such limits. */

const UNIT = join(packageRoot(), 'deploy', 'holdfast.service');
const NOBODY = 65_534;
/** What a unit without any of it has is 9.6. */
const EXPOSURE_MAX = 1.5;

test('the unit has each directive that the page names, and no other that hardens', () => {
  const lines = readFileSync(UNIT, 'utf8').split('\n');
  const service = lines.slice(lines.indexOf('[Service]')).filter((line) => /^[A-Z]\w+=/.test(line));
  const named = tableOf(readPage('docs/security.md'), 'Directive').flatMap((row) => codeIn(row['Directive']));
  for (const directive of named) assert.ok(service.includes(directive), `${directive} is not in the unit`);
  const hardening = service.filter((line) =>
    /^(Protect|Private|Restrict|System[Cc]all|NoNew|Capab|Ambient|Lock|Remove|Proc|UMask|LimitCORE|StateDirectoryMode|User=)/.test(line),
  );
  assert.deepEqual(
    hardening.filter((line) => !named.includes(line)),
    [],
  );
});

test('systemd takes the unit, and finds little that it leaves open', (context) => {
  if (lacks(context, 'systemd-analyze', ['--version'])) return;
  const { stdout, stderr } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', UNIT], { encoding: 'utf8' });
  const exposure = /Overall exposure level for holdfast\.service: ([\d.]+)/.exec(stdout)?.[1];
  if (exposure === undefined) return context.skip(`systemd-analyze security does not run here: ${stderr.trim()}`);
  assert.ok(Number(exposure) <= EXPOSURE_MAX, `${exposure}`);
});

test('the server runs as a user with no rights, with a file system that it can only read but for its data folder, and without core dumps', async (context) => {
  if (process.getuid?.() !== 0) return context.skip('needs root, to become somebody with less rights');
  if (lacks(context, 'unshare', ['--mount', 'true']) || lacks(context, 'setpriv', ['--version']) || lacks(context, 'prlimit', ['--version'])) return;
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-unit-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  chmodSync(folder, 0o755);
  chownSync(data, NOBODY, NOBODY);
  const readable = spawnSync('setpriv', ['--reuid', '65534', '--clear-groups', 'test', '-r', join(packageRoot(), 'dist', 'src', 'cli', 'holdfast.js')]);
  if (readable.status !== 0) return context.skip('the build cannot be read by another user here');
  const script = `
    mount --make-rprivate / && mount --bind "$1" "$1" && mount -o remount,ro,bind / || exit 99
    ulimit -c 0
    exec setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \\
      "$2" "$3" serve --port 0 --data-dir "$1"`;
  const args = ['--mount', 'sh', '-c', script, 'sh', data, process.execPath, join(packageRoot(), 'dist', 'src', 'cli', 'holdfast.js')];
  const child = spawn('unshare', args, { cwd: '/', env: { PATH: process.env['PATH'] ?? '' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  context.after(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  const gone = ended.then((code) => ({ code }));
  while (!output.includes('"writes are answered"') && !/\bready\b|listening on/.test(output)) {
    const over = await Promise.race([gone, new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 20))]);
    if (over?.code === 99) return context.skip('mounts are not allowed here');
    assert.equal(over, undefined, output);
  }
  const url = /"url":"(http[^"]+)"/.exec(output)?.[1] ?? '';
  const secret = readFileSync(join(data, 'keys', 'token-secret'), 'utf8').trim();
  const { signed } = await import('../support/server-process.ts');
  const headers = { authorization: `Bearer ${signed(Buffer.from(secret), { scope: 'inventory:write snapshots query' })}`, 'content-type': 'application/json' };
  const post = async (path: string, body: unknown): Promise<number> => {
    for (;;) {
      const { status } = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      if (status !== 503) return status;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  assert.equal(await post('/inventory/BMC', { username: 'root', password: 'x', mac_address: '02:00:00:00:00:01' }), 201, output);
  assert.equal(await post('/snapshots', {}), 201, output);
  assert.equal(await post('/query', { sql: 'SELECT count(*) FROM BMC' }), 200, output);
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  assert.match(status, /^NoNewPrivs:\t1$/m);
  assert.match(status, /^CapBnd:\t0+$/m);
  assert.match(status, new RegExp(`^Uid:\t${NOBODY}\t${NOBODY}`, 'm'));
  assert.match(readFileSync(`/proc/${child.pid}/limits`, 'utf8'), /^Max core file size +0 +0 /m);
  assert.ok(readdirSync(join(data, 'snapshots')).length > 0);
});

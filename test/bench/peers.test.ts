import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type FigureLine, readFigures } from '../../bench/lines.ts';
import { Postgresql } from '../../bench/peers/postgresql.ts';
import { Redis } from '../../bench/peers/redis.ts';
import { goalTable } from '../../bench/table.ts';

const PEERS = fileURLToPath(new URL('../../bench/peers.js', import.meta.url));
const TIME_LIMIT_MS = 120_000;
const POLL_MS = 20;

test('Redis and PostgreSQL are measured beside the server, and nothing of them is left', { timeout: TIME_LIMIT_MS }, async (context) => {
  const folder = benchFolder(context);
  if (lacks(context, folder)) return;
  const { code, output, complaints } = await run(folder, ['--nodes', '2000', '--runs', '1', '--seconds', '1', '--only', 'import,restart,get,put']).ended;
  assert.equal(code, 0, complaints);
  const figures = readFigures(output);
  const beside = (name: string): readonly string[] => (figures.get(name)?.peers ?? []).map(({ peer, what }) => `${peer}: ${what}`);
  assert.deepEqual(beside('import'), ['PostgreSQL: COPY, then INSERT as jsonb, in one transaction', 'PostgreSQL: the same, with xname kept unique']);
  assert.deepEqual(beside('restart-get'), ['Redis: from its start until it has loaded, and node -e 0']);
  assert.deepEqual(beside('get'), ['Redis: GET', 'PostgreSQL: SELECT by primary key, prepared']);
  assert.deepEqual(beside('put'), ['Redis: SET, appendfsync always', 'PostgreSQL: UPDATE by primary key, prepared']);
  for (const { peers = [] } of figures.values()) for (const { value, ratio } of peers) assert(value > 0 && ratio > 0);
  assert.deepEqual(readdirSync(folder), []);
  assert.deepEqual(processesIn(folder), []);
});

test('an interrupt ends the databases, and removes what they have written', { timeout: TIME_LIMIT_MS }, async (context) => {
  const folder = benchFolder(context);
  if (lacks(context, folder)) return;
  const { child, ended } = run(folder, ['--nodes', '2000', '--runs', '1', '--seconds', '1', '--only', 'import']);
  await until(() => readdirSync(folder).some((name) => existsSync(join(folder, name, 'postgresql', 'data', 'postmaster.pid'))));
  assert.notDeepEqual(processesIn(folder), []);
  child.kill('SIGINT');
  assert.equal((await ended).code, 130);
  assert.deepEqual(readdirSync(folder), []);
  assert.deepEqual(processesIn(folder), []);
});

test('where Redis is not installed, one line says so and the rest is measured', { timeout: TIME_LIMIT_MS }, async (context) => {
  const folder = benchFolder(context);
  const { code, output, complaints } = await run(folder, ['--nodes', '200', '--runs', '1', '--only', 'snapshot'], { PATH: folder }).ended;
  assert.equal(code, 0, complaints);
  assert.match(complaints, /^skipped: Redis is not installed \(Debian: redis-server\)$/m);
  assert.deepEqual([...readFigures(output).keys()], ['snapshot-first', 'snapshot']);
});

test('a step that fails takes its own figures with it and no others', { timeout: TIME_LIMIT_MS }, async (context) => {
  const folder = benchFolder(context);
  const broken = mkdtempSync(join(tmpdir(), 'peers-broken-'));
  context.after(() => rmSync(broken, { recursive: true, force: true }));
  const script = '#!/bin/sh\n[ "$1" = --version ] && echo 7.0.0 && exit 0\necho no >&2\nexit 1\n';
  for (const name of ['redis-server', 'redis-cli', 'redis-benchmark']) writeFileSync(join(broken, name), script, { mode: 0o755 });
  chmodSync(broken, 0o755);
  const args = ['--nodes', '200', '--runs', '1', '--only', 'snapshot,list'];
  const { code, output, complaints } = await run(folder, args, { PATH: `${broken}:${process.env['PATH']}` }).ended;
  assert.equal(code, 1);
  assert.match(complaints, /failed: Error: Redis ended early and said: no/);
  assert.deepEqual([...readFigures(output).keys()], ['list']);
});

test('the table has a row for each goal, and says which one was missed', () => {
  const line: Partial<FigureLine> = { value: 60, unit: '1/s', limit: { what: 'nothing but the network', value: 100 }, ratio: 1.667, target: 1.111 };
  const peer = { version: '7', what: 'GET', value: 50, ratio: 0.8333, target: 1 };
  const rows = goalTable(JSON.stringify({ figure: 'get', better: 'higher', ...line, peers: [{ peer: 'Redis', ...peer }] })).split('\n');
  assert.match(rows[2] ?? '', /60\/s +\| ≥ 0\.9 × +\| nothing but the network: 100\/s \(0\.6 ×\) \| \*\*missed\*\* \|$/);
  assert.match(rows[3] ?? '', /60\/s +\| ≥ 1 × +\| Redis, GET: 50\/s \(1\.2 ×\) +\| reached +\|$/);
  const goal = { value: 9.5, unit: 's', limit: { what: 'appends', value: 0.3 }, ratio: 31.67, goal: 10 };
  assert.match(goalTable(JSON.stringify({ figure: 'renew-storm', better: 'lower', ...goal })), /9\.5 s +\| ≤ 10 s +\| appends: 300 ms +\| reached +\|$/m);
});

function benchFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'peers-'));
  // PostgreSQL runs as somebody else, and has to come through.
  chmodSync(folder, 0o711);
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function lacks(context: TestContext, folder: string): boolean {
  const probes = join(folder, 'probe');
  const found = [Redis.find(probes, 1), Postgresql.find(probes, 1)];
  rmSync(probes, { recursive: true, force: true });
  if (!found.includes(undefined)) return false;
  context.skip('needs Redis and PostgreSQL (Debian: redis-server postgresql)');
  return true;
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly complaints: string;
}

function run(folder: string, args: readonly string[], environment = {}): { readonly child: ReturnType<typeof spawn>; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, [PEERS, ...args], { env: { ...process.env, HOLDFAST_BENCH_DIR: folder, ...environment } });
  let output = '';
  let complaints = '';
  child.stdout.on('data', (part: Buffer) => {
    output += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    complaints += part.toString();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output, complaints }));
  });
  return { child, ended };
}

/** Command lines that name the folder. */
function processesIn(folder: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return command.includes(folder) ? [command] : [];
    } catch {
      return [];
    }
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

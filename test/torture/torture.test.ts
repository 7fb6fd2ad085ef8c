import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/package-root.ts';
import { numbersFor, Run } from './torture.ts';

test('a run has as many rounds as it was told, and the seed of each begins a run of its own', () => {
  const run = new Run(7, 3);
  assert.deepEqual([...run.seeds()], [7, 8, 9]);
  assert.deepEqual([...new Run(8, 1).seeds()], [8]);
  assert.equal(run.rounds, 3);
});

test('a run that keeps failing ends', () => {
  const run = new Run(1, 1_000_000);
  for (const seed of run.seeds()) run.fail(seed, 'again');
  assert.equal(run.failures.length, 20);
  assert.equal(run.failures[0]?.seed, 1);
});

test('the numbers of one purpose do not depend on those of another', () => {
  const alone = numbersFor(3, 'disk').next();
  const clients = numbersFor(3, 'clients');
  clients.next();
  assert.equal(numbersFor(3, 'disk').next(), alone);
  assert.notEqual(clients.next(), alone);
});

function tortured(...args: readonly string[]): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const program = join(packageRoot(), 'dist', 'test', 'torture', 'run.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

test('a long run that nobody has named is told what there is, and every one of these is in the docs', () => {
  const { code, stdout, stderr } = tortured();
  assert.deepEqual([code, stdout], [2, '']);
  const names = [...stderr.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name = '']) => name);
  assert.ok(names.length > 5, stderr);
  const page = readFileSync(join(packageRoot(), 'docs', 'promises.md'), 'utf8');
  assert.deepEqual(
    names.filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
});

test('what a long run prints last is its report', () => {
  const { code, stdout, stderr } = tortured('damage', '--rounds', '1', '--seed', '5');
  assert.deepEqual([code, stderr], [0, '']);
  const { torture, seed, damages, failed } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  assert.deepEqual({ torture, seed, damages, failed }, { torture: 'damage', seed: 5, damages: 1, failed: 0 });
});

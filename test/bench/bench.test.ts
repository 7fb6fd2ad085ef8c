import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type NodeDraft, nodeLines } from '../../bench/data.ts';
import { isNodeXname } from '../../schemas/xname.ts';

const RUN = fileURLToPath(new URL('../../bench/run.js', import.meta.url));
const TIME_LIMIT_MS = 20_000;
const AGENT_TIME_LIMIT_MS = 60_000;

interface Line {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly limit: { readonly what: string; readonly value: number };
  readonly ratio: number;
  readonly target?: number;
  readonly goal?: number;
  readonly runs: number;
  readonly details: Readonly<Record<string, number | string>>;
  readonly nodes: number;
  readonly machine: Readonly<Record<string, string | number>>;
}

test('a benchmark prints a line of JSON for each figure, with the limit beside it', { timeout: TIME_LIMIT_MS }, async () => {
  const output = await run(['--nodes', '200', '--runs', '1', '--only', 'import,list']);
  const lines = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  assert.deepEqual(
    lines.map(({ figure }) => figure),
    ['import', 'import-searchable', 'list'],
  );
  for (const { value, unit, limit, ratio, runs, nodes, machine } of lines) {
    assert(value > 0 && limit.value > 0 && ratio > 0);
    assert.equal(unit, 's');
    assert.notEqual(limit.what, '');
    assert.equal(runs, 1);
    assert.equal(nodes, 200);
    assert.deepEqual(Object.keys(machine), ['cpu', 'cores', 'memoryGiB', 'node', 'kernel']);
  }
});

test('each figure of reservations is measured on a server of its own, without any nodes', { timeout: AGENT_TIME_LIMIT_MS }, async () => {
  // What one waits for, the other can use; the values mean nothing here.
  const outputs = await Promise.all(
    ['join,hung-plugin,idle-tick', 'renew-storm'].map((steps) => run(['--reservations', '100', '--runs', '1', '--seconds', '0.1', '--only', steps])),
  );
  const lines = outputs
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  assert.deepEqual(
    lines.map(({ figure, unit }) => [figure, unit]),
    [
      ['join', '1/s'],
      ['hung-plugin', 'ms'],
      ['idle-tick', 'ms'],
      ['renew-storm', 's'],
      ['renew-storm-join', 'ms'],
    ],
  );
  for (const { value, limit, ratio, goal, target } of lines) {
    assert(value > 0 && limit.value > 0 && ratio > 0);
    assert.notEqual(goal ?? target, undefined);
  }
  assert.equal(lines[3]?.details['reservations'], 100);
  assert.equal(lines[1]?.details['callsThatHang'], 64);
});

test('the same seed makes the same nodes, and no two of them collide', () => {
  const lines = nodeLines(3000, 7);
  assert(lines.equals(nodeLines(3000, 7)));
  assert(!lines.equals(nodeLines(3000, 8)));
  const nodes = lines
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as NodeDraft);
  assert.equal(nodes.length, 3000);
  assert.equal(new Set(nodes.map(({ xname }) => xname)).size, 3000);
  assert.equal(new Set(nodes.map(({ boot_mac }) => boot_mac)).size, 3000);
  assert(nodes.every(({ xname }) => isNodeXname(xname)));
  assert(new Set(nodes.map(({ hostname }) => hostname)).size < 2400);
});

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [RUN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let complaints = '';
    child.stdout.on('data', (part: Buffer) => {
      output += part.toString();
    });
    child.stderr.on('data', (part: Buffer) => {
      complaints += part.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(complaints))));
  });
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readFigures } from '../../bench/lines.ts';
import { LINES, PAGE, PLOTS, pageWith, plotFile } from '../../bench/page.ts';

const lines = readFileSync(LINES, 'utf8');

test('the tables of the performance page are those of the lines beside it', () => {
  const page = readFileSync(PAGE, 'utf8');
  assert.equal(page, pageWith(page, lines), 'node dist/bench/page.js writes them anew');
});

test('the plots of the performance page are those of the lines beside it', () => {
  for (const [name, plot] of Object.entries(PLOTS))
    assert.equal(readFileSync(plotFile(name), 'utf8'), plot(lines), `${name}: node dist/bench/page.js writes it anew`);
});

test('every figure of the performance page was measured with the same nodes, on the same machine, beside Redis and PostgreSQL', () => {
  const figures = [...readFigures(lines).values()];
  const machines = new Set(figures.map(({ machine, nodes }) => JSON.stringify([machine, nodes])));
  assert.equal(machines.size, 1);
  const peers = new Set(figures.flatMap((figure) => (figure.peers ?? []).map(({ peer }) => peer)));
  assert.deepEqual([...peers].sort(), ['PostgreSQL', 'Redis']);
});

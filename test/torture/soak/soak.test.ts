import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seedOfTests } from '../torture.ts';
import { growthOf } from './flat.ts';
import { MixedLoad, type Pace } from './mixed-load.ts';
import { processFigures, type Sample, sampleOf, TOLERANCES } from './samples.ts';
import { type SoakSite, soakSite } from './site.ts';

/** `npm run torture -- soak --minutes 30` is the long run. */

const NODES = 300;
const FAULTS = 120;
const PACE: Pace = { callers: 2, pauseMs: 10, rarePauseMs: 500, disturbPauseMs: 3000 };
const LOAD_LIMIT_MS = 30_000;
const SETTLE_MS = 8000;
/** What may differ from one moment of rest to the next: connections of plugins, a thread of DuckDB. */
const LEFT_MAX: Sample = { files: 6, threads: 2, children: 0 };

test('after some hundred faults the server has no more files, threads, processes and temporary files than before', async (context) => {
  const seed = seedOfTests();
  context.diagnostic(`HOLDFAST_SEED=${seed}`);
  const site = await soakSite(context, NODES, seed);
  await loadFor(site, seed, FAULTS / 4);
  await queryTwice(site);
  await restOf(site, () => true);
  const before = processFigures(site.server.pid);
  const faults = await loadFor(site, seed + 1, FAULTS);
  const isBack = (now: Sample): boolean => Object.entries(LEFT_MAX).every(([name, more]) => (now[name] ?? 0) <= (before[name] ?? 0) + more);
  const after = await restOf(site, isBack);
  assert.ok(isBack(after), `before: ${JSON.stringify(before)}, after ${faults} faults: ${JSON.stringify(after)}`);
  assert.equal(after['temporary'], 0);
  assert.deepEqual([after['requestsInFlight'], after['writesWaiting'], after['queries'], after['feedClients']], [0, 0, 0, 0]);
  assert.deepEqual(
    Object.keys(TOLERANCES).filter((name) => after[name] === undefined),
    [],
  );
});

/** @returns how many of the calls were faults, which are at least so many unless it takes too long. */
async function loadFor(site: SoakSite, seed: number, faultsMin: number): Promise<number> {
  const load = new MixedLoad(site, PACE, seed);
  const deadlineMs = performance.now() + LOAD_LIMIT_MS;
  while (faultsIn(load) < faultsMin && performance.now() < deadlineMs) await sleep(50);
  await load.stop();
  assert.deepEqual(load.calls.wonders, []);
  return faultsIn(load);
}

/** Two questions at once, of two sorts: there are as many query processes from here on as there may be. */
async function queryTwice({ server }: SoakSite): Promise<void> {
  assert.equal((await server.request('POST', '/snapshots')).status, 201);
  const sql = 'SELECT count(*) AS nodes FROM ComputeNode';
  const questions = [{ sql }, { sql, at: 'latest' }].map((body) => server.request('POST', '/query', JSON.stringify(body)));
  for (const { status, text } of await Promise.all(questions)) assert.equal(status, 200, text);
}

function faultsIn({ calls }: MixedLoad): number {
  return Object.entries(calls.counts).reduce((sum, [name, count]) => (/ (400|403|404|409|412|500|502)$|^cut off/.test(name) ? sum + count : sum), 0);
}

/** The figures when nothing is under way any more and `enough` holds, or after a while. */
async function restOf({ server }: SoakSite, enough: (now: Sample) => boolean): Promise<Sample> {
  for (const startedMs = performance.now(); ; ) {
    await sleep(250);
    const now = await sampleOf(server.pid, server.url, server.directory);
    const isAtRest = now['requestsInFlight'] === 0 && now['feedClients'] === 0 && now['temporary'] === 0;
    if ((isAtRest && enough(now)) || performance.now() - startedMs > SETTLE_MS) return now;
  }
}

test('what leaks is told from what is cleared up now and then, and from noise', () => {
  const tolerance = { share: 0.1, atLeast: 1 };
  const samples = (at: (index: number) => number): number[] => Array.from({ length: 200 }, (_, index) => at(index));
  const noise = (index: number): number => Math.sin(index * 12.9898) * 5;
  assert.equal(
    growthOf(
      samples((index) => 100 + noise(index)),
      tolerance,
    ).isFlat,
    true,
  );
  assert.equal(
    growthOf(
      samples((index) => 100 + (index % 30) * 3),
      tolerance,
    ).isFlat,
    true,
  );
  // It warms up, and then stays.
  assert.equal(
    growthOf(
      samples((index) => 100 + Math.min(index, 40) * 5),
      tolerance,
    ).isFlat,
    true,
  );
  assert.equal(
    growthOf(
      samples((index) => 100 + index * 0.2 + noise(index)),
      tolerance,
    ).isFlat,
    false,
  );
  assert.equal(
    growthOf(
      samples((index) => 100 + (index % 30) + index * 0.2),
      tolerance,
    ).isFlat,
    false,
  );
  assert.throws(() => growthOf([1, 2, 3], tolerance), RangeError);
});

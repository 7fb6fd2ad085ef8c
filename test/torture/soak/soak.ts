import { setTimeout as sleep } from 'node:timers/promises';
import type { Run, Torture } from '../torture.ts';
import { type Growth, growthOf } from './flat.ts';
import { MixedLoad, type Pace } from './mixed-load.ts';
import { type Sample, sampleOf, TOLERANCES } from './samples.ts';
import { soakSite } from './site.ts';

/**
 * Everything at once for a long time, at a pace that the server can keep: whatever it holds must stay as much as it was.
 * Each round is a sample; at the end its figures are printed, one JSON line each, and those that grew are the failures.
 */

const NODES = 20_000;
const SAMPLE_MS = 5000;
/** About a quarter of what a machine with two cores can do, because the callers are on it too. */
const PACE: Pace = { callers: 2, pauseMs: 25, rarePauseMs: 1000, disturbPauseMs: 15_000 };
/** What a shorter run shows is the warming up. */
const SAMPLES_MIN = 60;

export const SOAK: Torture = {
  about: 'everything at once at a usual pace: nothing that the server holds may grow',
  unit: 'samples',
  usualRounds: 360,
  async run(run) {
    const cleanups: (() => void | Promise<void>)[] = [];
    try {
      await soak(run, { after: (fn) => void cleanups.unshift(fn) });
    } finally {
      for (const cleanup of cleanups) await cleanup();
    }
  },
};

async function soak(run: Run, cleanup: Parameters<typeof soakSite>[0]): Promise<void> {
  const site = await soakSite(cleanup, NODES, run.seed);
  const { server } = site;
  const load = new MixedLoad(site, PACE, run.seed);
  const samples: Sample[] = [];
  let hasEnded = false;
  void server.exited.then(() => {
    hasEnded = true;
  });
  for (const _seed of run.seeds()) {
    await sleep(SAMPLE_MS);
    if (hasEnded) break;
    const sample = await sampleOf(server.pid, server.url, server.directory);
    samples.push(sample);
    say({ seconds: Math.round(performance.now() / 1000), ...rounded(sample) });
  }
  if (hasEnded) run.fail(run.seed, `the server ended:\n${server.output().slice(-4000)}`);
  else await load.stop();
  for (const [name, count] of Object.entries(load.calls.counts)) run.count(name, count);
  for (const wonder of load.calls.wonders) run.fail(run.seed, wonder);
  if (samples.length < SAMPLES_MIN) return;
  for (const name of Object.keys(TOLERANCES)) {
    const growth = growthIn(samples, name);
    const { isFlat, ...values } = growth;
    say({ figure: name, ...rounded(values), isFlat });
    if (!growth.isFlat) run.fail(run.seed, `${name} grows: ${JSON.stringify(growth)}`);
  }
}

function growthIn(samples: readonly Sample[], name: string): Growth {
  const tolerance = TOLERANCES[name];
  if (tolerance === undefined) throw new RangeError(`${name} is no figure`);
  return growthOf(
    samples.map((sample) => sample[name] ?? 0),
    tolerance,
  );
}

function rounded(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Math.round(value * 10) / 10]));
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

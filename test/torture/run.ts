import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Run, type Torture } from './torture.ts';

/**
 * The long runs: `npm run torture -- power-cuts --rounds 1000000`. `npm test` has a short run of each. What is printed
 * last is one JSON line with the seed, the rounds, what was counted and what failed; the exit code is 1 when anything did.
 */

const TORTURES: Readonly<Record<string, () => Promise<Torture>>> = {
  simulation: async () => (await import('./simulation/simulation.ts')).simulation,
  'simulation-mutants': async () => (await import('./simulation/mutants.ts')).simulationMutants,
  'io-faults': async () => (await import('./io-faults/io-faults.ts')).ioFaults('plain'),
  'io-faults-duckdb': async () => (await import('./io-faults/io-faults.ts')).ioFaults('duckdb'),
  damage: async () => (await import('./damage/sweep.ts')).everyByte,
  soak: async () => (await import('./soak/soak.ts')).SOAK,
  requests: async () => (await import('./network/requests.ts')).requests,
  connections: async () => (await import('./network/connections.ts')).connections,
  'syscall-kills': async () => (await import('./kills/points.ts')).points,
  kills: async () => (await import('./kills/kills.ts')).kills,
  'power-cuts': async () => (await import('./disk/power-cuts.ts')).powerCuts,
};

const USAGE = 'npm run torture -- NAME [--seed N] [--rounds N] [--minutes N] [--report FILE]';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string' }, rounds: { type: 'string' }, minutes: { type: 'string' }, report: { type: 'string' } },
  });
  const [name = ''] = positionals;
  const load = TORTURES[name];
  if (load === undefined) throw new RangeError(`${await usage()}`);
  const torture = await load();
  const seed = values.seed === undefined ? Date.now() % 2 ** 31 : wholeNumber('--seed', values.seed);
  const minutes = values.minutes === undefined ? undefined : wholeNumber('--minutes', values.minutes);
  const rounds = values.rounds !== undefined ? wholeNumber('--rounds', values.rounds) : minutes === undefined ? torture.usualRounds : Number.POSITIVE_INFINITY;
  process.stdout.write(`${name}: seed ${seed}\n`);
  const run = new Run(seed, rounds, minutes);
  const startedMs = performance.now();
  await torture.run(run);
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  const report = { torture: name, seed, [torture.unit]: run.rounds, seconds, ...run.counts, failed: run.failures.length };
  for (const failure of run.failures) {
    process.stdout.write(`FAILED: ${failure.message}\n  again: npm run torture -- ${name} --rounds ${failure.roundsAgain} --seed ${failure.seed}\n`);
  }
  const line = `${JSON.stringify(report)}\n`;
  process.stdout.write(line);
  if (values.report !== undefined) appendFileSync(values.report, line);
  process.exitCode = run.failures.length > 0 ? 1 : 0;
}

async function usage(): Promise<string> {
  const lines = await Promise.all(Object.entries(TORTURES).map(async ([name, load]) => `  ${name.padEnd(20)}${(await load()).about}`));
  return [USAGE, ...lines].join('\n');
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`${flag} ${text}: a whole number`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

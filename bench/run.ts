import { tmpdir } from 'node:os';
import { compareWith } from './compare.ts';
import { figureLine } from './figure.ts';
import { type BenchOptions, readOptions, USAGE } from './options.ts';
import { Site } from './site.ts';
import { STEPS } from './steps.ts';

/** Runs the benchmarks: one line of JSON for each figure on standard output, what goes on meanwhile on standard error. */

async function main(argv: readonly string[]): Promise<void> {
  const { before, rest } = takeCompare(argv);
  const lines: string[] = [];
  await measure(
    readOptions(
      rest,
      STEPS.map(({ name }) => name),
    ),
    (line) => {
      lines.push(line);
      if (before === undefined) process.stdout.write(`${line}\n`);
    },
  );
  if (before !== undefined) process.stdout.write(compareWith(before, lines));
}

async function measure(options: BenchOptions, say: (line: string) => void): Promise<void> {
  const { nodes, seed, only } = options;
  const site = new Site(options, process.env['HOLDFAST_BENCH_DIR'] ?? tmpdir());
  // Also after an interrupt, which ends the process by `exit`.
  process.on('exit', () => site.removeFiles());
  try {
    for (const step of STEPS) {
      if (only.length > 0 && !only.includes(step.name)) continue;
      progress(step.name);
      const startMs = performance.now();
      for (const figure of await step.measure(site)) {
        say(figureLine(figure, { nodes, seed }));
        progress(`  ${figure.figure}: ${figure.value.toPrecision(4)} ${figure.unit} (${figure.limit.what}: ${figure.limit.value.toPrecision(4)})`);
      }
      progress(`  took ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
    }
  } finally {
    await site.close();
  }
}

function takeCompare(argv: readonly string[]): { before: string | undefined; rest: readonly string[] } {
  const place = argv.indexOf('--compare');
  if (place === -1) return { before: undefined, rest: argv };
  const before = argv[place + 1];
  if (before === undefined) throw new RangeError('--compare needs a file');
  return { before, rest: argv.toSpliced(place, 2) };
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

const INTERRUPTED = 130;
const WRONG_USAGE = 2;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(INTERRUPTED));
try {
  await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof RangeError || (error instanceof TypeError && 'code' in error);
  if (!isUsage) throw error;
  progress(`${error.message}\n${USAGE}`);
  process.exitCode = WRONG_USAGE;
}

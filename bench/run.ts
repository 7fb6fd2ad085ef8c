import { tmpdir } from 'node:os';
import { runCommand, told } from './command.ts';
import { compareWith } from './compare.ts';
import { figureLine } from './figure.ts';
import { type BenchOptions, readOptions, USAGE } from './options.ts';
import { progress } from './progress.ts';
import { Site } from './site.ts';
import { STEPS, stepsFor } from './steps.ts';

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
    for (const step of stepsFor(STEPS, only)) {
      for (const figure of await told(step.name, () => step.measure(site))) {
        say(figureLine(figure, { nodes, seed }));
        progress(`  ${figure.figure}: ${figure.value.toPrecision(4)} ${figure.unit} (${figure.limit.what}: ${figure.limit.value.toPrecision(4)})`);
      }
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

await runCommand(main, USAGE);

import { chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { runCommand, told } from './command.ts';
import { figureLine } from './figure.ts';
import { readOptions } from './options.ts';
import { progress } from './progress.ts';
import { findPeers, measureSideBySide, SIDE_BY_SIDE } from './side-by-side.ts';
import { Site } from './site.ts';
import { stepsFor } from './steps.ts';
import { goalTable, growthTable } from './table.ts';

/**
 * `npm run bench:peers`: the figures that have goals, with Redis and PostgreSQL beside them. One line of JSON for each
 * figure on standard output; what goes on meanwhile, and a table at the end, on standard error.
 */

const DEFAULTS = ['--nodes', '250000', '--runs', '5', '--seconds', '4'];
const USAGE =
  'npm run bench:peers -- [--nodes 250000] [--runs 5] [--seconds 4] [--only get,put] [--reservations N] [--seed 1]\n--only growth is a step of its own';
/** Whoever runs PostgreSQL has to come through to its folder. */
const PASSABLE = 0o711;

async function main(argv: readonly string[]): Promise<void> {
  const options = readOptions(
    [...DEFAULTS, ...argv],
    SIDE_BY_SIDE.map(({ name }) => name),
  );
  const site = new Site({ ...options, runs: 1 }, process.env['HOLDFAST_BENCH_DIR'] ?? tmpdir());
  chmodSync(site.scratch, PASSABLE);
  process.on('exit', () => site.removeFiles());
  const lines: string[] = [];
  try {
    const peers = findPeers(site);
    if (peers.redis === undefined) progress('skipped: Redis is not installed (Debian: redis-server)');
    if (peers.postgresql === undefined) progress('skipped: PostgreSQL is not installed (Debian: postgresql)');
    for (const step of stepsFor(SIDE_BY_SIDE, options.only)) {
      const measured = told(step.name, () => measureSideBySide(step, options.runs, site, peers));
      const figures = await measured.catch(async (error: unknown) => {
        // What a long run has measured, and what it still can, is not lost with one of its steps.
        progress(`  failed: ${error instanceof Error ? error.stack : String(error)}`);
        process.exitCode = FAILED;
        await site.quiet();
        return [];
      });
      for (const figure of figures) {
        const line = figureLine(figure, { nodes: options.nodes, seed: options.seed });
        lines.push(line);
        process.stdout.write(`${line}\n`);
      }
    }
  } finally {
    await site.close();
  }
  const text = lines.join('\n');
  progress(`\n${text.includes('"growth-') ? growthTable(text) : goalTable(text)}`);
}

const FAILED = 1;

await runCommand(main, USAGE);

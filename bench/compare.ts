import { readFileSync } from 'node:fs';
import { argv, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * Holds two runs against each other. What is compared is the ratio to the limit, because both parts of it were measured
 * on the same machine in the same minutes; values stand beside it.
 */

/** The part of a figure's line that a comparison needs. */
interface Line {
  readonly figure: string;
  readonly nodes: number;
  readonly value: number;
  readonly unit: string;
  readonly ratio: number;
}

/** A table of the figures that both runs have: the file's first, then those of `after`. */
export function compareWith(beforeFile: string, after: readonly string[]): string {
  const before = new Map(linesOf(readFileSync(beforeFile, 'utf8').split('\n')).map((line) => [keyOf(line), line]));
  const rows = linesOf(after).flatMap((now) => {
    const then = before.get(keyOf(now));
    if (then === undefined) return [];
    const change = now.ratio / then.ratio;
    return [[now.figure, String(now.nodes), `${then.value} ${then.unit}`, `${now.value} ${now.unit}`, String(then.ratio), String(now.ratio), verdict(change)]];
  });
  return table([['figure', 'nodes', 'before', 'after', 'ratio before', 'ratio after', 'change'], ...rows]);
}

function keyOf({ figure, nodes }: Line): string {
  return `${figure} ${nodes}`;
}

function linesOf(texts: readonly string[]): readonly Line[] {
  return texts.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text) as Line);
}

/** Below this, two runs of the same program differ as much. */
const NOISE = 0.1;

function verdict(change: number): string {
  const percent = `${change >= 1 ? '+' : ''}${((change - 1) * 100).toFixed(0)} %`;
  if (Math.abs(change - 1) <= NOISE) return percent;
  return `${percent} ${change > 1 ? 'worse' : 'better'}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const [, , before, after] = argv;
  if (before === undefined || after === undefined) throw new RangeError('compare BEFORE.jsonl AFTER.jsonl');
  stdout.write(compareWith(before, readFileSync(after, 'utf8').split('\n')));
}

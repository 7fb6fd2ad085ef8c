import { readFileSync, writeFileSync } from 'node:fs';
import { argv, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { growthPlot, latencyPlot } from './plot.ts';
import { costTable, facts, goalTable, growthTable } from './table.ts';

/**
 * Writes the tables of `docs/performance.md` and its plots anew from the lines of a run, which it keeps beside them:
 * `node dist/bench/page.js [FILE…]`. Without a file, from the lines that are there.
 */

const DOCS = new URL('../../docs/', import.meta.url);
export const PAGE: URL = new URL('performance.md', DOCS);
export const LINES: URL = new URL('performance/peers.jsonl', DOCS);
/** By file name, what a plot is made with. */
export const PLOTS: Readonly<Record<string, (lines: string) => string>> = { 'latency.svg': latencyPlot, 'growth.svg': growthPlot };

/** By the name between `<!-- … -->` in the page, what stands there. */
const PARTS: Readonly<Record<string, (lines: string) => string>> = { machine: facts, goals: goalTable, costs: costTable, growth: growthTable };

/** @returns the page with the parts that come from the lines. */
export function pageWith(page: string, lines: string): string {
  return Object.entries(PARTS).reduce((text, [name, make]) => {
    const begin = `<!-- ${name} -->\n`;
    const end = `<!-- end of ${name} -->`;
    const [before, rest] = [text.indexOf(begin), text.indexOf(end)];
    if (before === -1 || rest < before) throw new RangeError(`the page has no part ${name}`);
    return `${text.slice(0, before + begin.length)}\n${make(lines).trimEnd()}\n\n${text.slice(rest)}`;
  }, page);
}

export function plotFile(name: string): URL {
  return new URL(`performance/${name}`, DOCS);
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const files = argv.slice(2);
  if (files.length > 0) {
    const kept = files.flatMap((file) => readFileSync(file, 'utf8').split('\n')).filter((text) => text.startsWith('{'));
    writeFileSync(LINES, `${kept.join('\n')}\n`);
  }
  const lines = readFileSync(LINES, 'utf8');
  writeFileSync(PAGE, pageWith(readFileSync(PAGE, 'utf8'), lines));
  for (const [name, plot] of Object.entries(PLOTS)) writeFileSync(plotFile(name), plot(lines));
  stdout.write(`${fileURLToPath(PAGE)} and its plots are those of ${fileURLToPath(LINES)}\n`);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';

/** The few parts of a Markdown page that tests look at: code blocks, tables, headings, links. */

export interface Block {
  readonly language: string;
  /** What stands behind the language. */
  readonly remark: string;
  readonly text: string;
  readonly line: number;
  /** The heading above it. */
  readonly heading: string;
}

export interface Page {
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Headings with their levels, in order. */
  readonly headings: readonly { readonly text: string; readonly level: number }[];
  /** Prose without code blocks. */
  readonly prose: string;
}

const FENCE = /^```(\S*)\s*(.*)$/;
const HEADING = /^(#{1,6})\s+(.+?)\s*$/;

/** Reads a page of this package, by its path from the package's folder. */
export function readPage(path: string): Page {
  const text = readFileSync(join(packageRoot(), path), 'utf8');
  const blocks: Block[] = [];
  const headings: { text: string; level: number }[] = [];
  const prose: string[] = [];
  let open: { language: string; remark: string; lines: string[]; line: number } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = FENCE.exec(line);
    if (open !== undefined) {
      if (fence === null) open.lines.push(line);
      else {
        blocks.push({ ...open, text: open.lines.join('\n'), heading: headings.at(-1)?.text ?? '' });
        open = undefined;
      }
      continue;
    }
    if (fence !== null) {
      open = { language: fence[1] ?? '', remark: fence[2] ?? '', lines: [], line: index + 1 };
      continue;
    }
    const heading = HEADING.exec(line);
    if (heading !== null) headings.push({ text: heading[2] ?? '', level: (heading[1] ?? '').length });
    prose.push(line);
  }
  if (open !== undefined) throw new Error(`${path}, line ${open.line}: the code block does not end`);
  return { path, text, blocks, headings, prose: prose.join('\n') };
}

/** The blocks below a heading, down to the next one of the same or a higher level. */
export function blocksUnder(page: Page, heading: string): readonly Block[] {
  const from = page.headings.findIndex(({ text }) => text === heading);
  const start = page.headings[from];
  if (start === undefined) throw new Error(`${page.path} has no heading "${heading}"`);
  const below = page.headings.slice(from + 1);
  const end = below.findIndex(({ level }) => level <= start.level);
  const inside = new Set([start, ...(end === -1 ? below : below.slice(0, end))].map(({ text }) => text));
  return page.blocks.filter((block) => inside.has(block.heading));
}

/** Rows of the table whose first column has this title, as cells by the titles of their columns. */
export function tableOf(page: Page, firstTitle: string): readonly Readonly<Record<string, string>>[] {
  const lines = page.prose.split('\n');
  const at = lines.findIndex((line, index) => cellsOf(line)[0] === firstTitle && /^\|[\s:|-]+\|$/.test(lines[index + 1] ?? ''));
  if (at === -1) throw new Error(`${page.path} has no table that begins with "${firstTitle}"`);
  const titles = cellsOf(lines[at] ?? '');
  const rows: Record<string, string>[] = [];
  for (const line of lines.slice(at + 2)) {
    if (!line.startsWith('|')) break;
    const cells = cellsOf(line);
    rows.push(Object.fromEntries(titles.map((title, index) => [title, cells[index] ?? ''])));
  }
  return rows;
}

function cellsOf(line: string): readonly string[] {
  if (!line.startsWith('|')) return [];
  return line
    .replaceAll('\\|', '\u0000')
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.replaceAll('\u0000', '|').trim());
}

/** The words in backticks of a cell. */
export function codeIn(cell: string | undefined): readonly string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');
}

/** The anchor that a heading gets on the usual hosts of repositories. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}

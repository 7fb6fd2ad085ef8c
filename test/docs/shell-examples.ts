import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';
import { assertAlike } from './likeness.ts';
import type { Block } from './markdown.ts';

/** Runs the `sh` blocks of a page with bash, as a reader would, and compares what they print with the block that follows. */

export interface Place {
  /** The server's URL, in place of the default one. */
  readonly url: string;
  /** The data folder, in place of ./holdfast-data. */
  readonly directory: string;
  /** Where the commands run. */
  readonly workingDirectory: string;
}

const DEFAULT_AUTHORITY = '127.0.0.1:8080';
const ENTRY = 'dist/src/cli/holdfast.js';
const FUNCTION = /^\w+\(\) \{.*\}$/gm;
const OUTPUT_LANGUAGES: ReadonlySet<string> = new Set(['json', 'text']);
const COMMAND_LIMIT_MS = 60_000;

export class ShellExamples {
  readonly #page: string;
  /** Functions of earlier blocks: the reader's shell still knows them. */
  #functions = '';

  constructor(page: string) {
    this.#page = page;
  }

  /** Runs one block; `output` is the block behind it, when that shows what comes out. */
  async run(block: Block, output: Block | undefined, place: Place): Promise<void> {
    this.#functions += [...block.text.matchAll(FUNCTION)].map(([line]) => `${line}\n`).join('');
    const at = `${this.#page}, line ${block.line}`;
    const { code, text } = await bash(here(this.#functions + block.text, place), place);
    assert.equal(code, 0, `${at} ended with ${code}:\n${text}`);
    if (output !== undefined && OUTPUT_LANGUAGES.has(output.language)) assertAlike(text, here(output.text, place), `${this.#page}, line ${output.line}`);
  }
}

/** What the page says, for this server and this folder. */
export function here(text: string, { url, directory }: Place): string {
  return text
    .replaceAll(DEFAULT_AUTHORITY, new URL(url).host)
    .replaceAll(/(?<![\w/])(?:\.\/)?holdfast-data\b/g, directory)
    .replaceAll(ENTRY, join(packageRoot(), ENTRY));
}

async function bash(script: string, { url, directory, workingDirectory }: Place): Promise<{ code: number | null; text: string }> {
  const child = spawn('bash', ['-c', `exec 2>&1\n${script}`], {
    cwd: workingDirectory,
    env: { ...process.env, HOLDFAST_URL: url, HOLDFAST_DATA_DIR: directory, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: COMMAND_LIMIT_MS,
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, text };
}

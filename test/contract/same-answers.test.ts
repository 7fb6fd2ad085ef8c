import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Answers of a server with front threads, beside those of one without. */

const DIFFERENCES_SHOWN = 10;
const SHOWN_CHARACTERS = 2000;

/** What each request was answered, by its name. */
async function answersWith(httpThreads: number): Promise<ReadonlyMap<string, string>> {
  const program = fileURLToPath(new URL('answers/recorder.js', import.meta.url));
  const environment = { ...process.env, HOLDFAST_HTTP_THREADS: String(httpThreads) };
  Reflect.deleteProperty(environment, 'NODE_TEST_CONTEXT');
  const child = spawn(process.execPath, [program], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  assert.equal(code, 0, output.slice(-2000));
  const lines = output.split('\n').filter((line) => line.startsWith('['));
  return new Map(lines.map((line) => JSON.parse(line) as [string, string]));
}

test('every route answers through a front thread what it answers without, byte by byte', { timeout: 120_000 }, async () => {
  const [direct, relayed] = await Promise.all([answersWith(1), answersWith(2)]);
  assert.ok(direct.size > 900, `${direct.size} answers`);
  assert.deepEqual([...relayed.keys()], [...direct.keys()]);
  const produced = [...direct.values()].filter((text) => !text.endsWith('not produced')).length;
  assert.ok(produced > 800, `${produced} answers`);
  const different = [...direct].filter(([name, text]) => relayed.get(name) !== text);
  const shown = different
    .slice(0, DIFFERENCES_SHOWN)
    .map(([name, text]) => `${name}\n${text.slice(0, SHOWN_CHARACTERS)}\nnot\n${relayed.get(name)?.slice(0, SHOWN_CHARACTERS)}`);
  assert.equal(different.length, 0, shown.join('\n\n'));
});

import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withStub } from './running.ts';

/** A pipe takes little at once, and what it does not take is written later: nothing may end the process before that. */

const ENTRY = fileURLToPath(new URL('../../src/cli/holdfast.js', import.meta.url));
const LINES = 20_000;
const PAUSE_MS = 300;

interface Read {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command whose output nobody takes for a while, as in `holdfast … | (sleep 1; cat)`. */
async function readLate(words: readonly string[], input = ''): Promise<Read> {
  const child = spawn(process.execPath, [ENTRY, ...words], { env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' } });
  child.stdin.end(input);
  // Until it has begun to say something, and then it has time to end.
  await Promise.race([once(child.stdout, 'readable'), once(child.stderr, 'readable')]);
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  const read = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      read[name] += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...read };
}

const RECORDS = Array.from({ length: LINES }, (_, number) => JSON.stringify({ id: number, hostname: `n${number}`, description: 'd'.repeat(40) }));

for (const [what, words, body] of [
  ['a record', ['get', 'ComputeNode', 'x'], `{"all":[${RECORDS.join(',')}]}\n`],
  ['a list', ['get', 'ComputeNode'], `[${RECORDS.join(',')}]\n`],
  ['a list in lines', ['list', 'ComputeNode', '--ndjson'], `${RECORDS.join('\n')}\n`],
  ['a result of SQL', ['query', 'SELECT 1', '--format', 'csv'], `id\n${RECORDS.join('\n')}\n`],
] as const) {
  test(`${what} is whole though it is read late`, async () => {
    await withStub(
      () => ({ body, headers: { 'content-type': 'application/json' } }),
      async (url) => {
        const { code, stdout, stderr } = await readLate([...words, '--url', url]);
        assert.deepEqual([code, stdout.length, stderr], [0, body.length, '']);
        assert.equal(stdout, body);
      },
    );
  });
}

test('what is said of a refusal is whole though it is read late, and so is the exit code', async () => {
  const { code, stderr } = await readLate(['validate', 'ComputeNode', '-'], RECORDS.join('\n'));
  assert.equal(code, 1);
  assert.ok(stderr.length > 900_000, `${stderr.length}`);
  assert.match(stderr, new RegExp(`${LINES} of ${LINES} records do not match the schema of ComputeNode\n$`));
});

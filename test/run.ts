import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { packageRoot } from '../src/package-root.ts';

/**
 * Runs the tests: `npm test`, or `npm test -- part-of-a-path …` for some of them. Files are named one by one, because
 * what a folder means to `node --test` differs between versions of Node.
 */
/** What takes longest begins first, so that no core has to wait for one of these at the end. The others come by their names. */
const LONGEST = [
  'torture/kills/kills.',
  'contract/restore.',
  'contract/feed.',
  'torture/threads/threads.',
  'torture/soak/',
  'bench/',
  'query/query.',
  'contract/restore-kills.',
  'contract/reservation-kills.',
  'contract/front-threads',
  'contract/same-answers.',
  'torture/',
  'query/',
  'contract/',
];
const root = packageRoot();
const wanted = process.argv.slice(2);
const files = readdirSync(join(root, 'dist', 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => join(root, 'dist', 'test', file))
  .filter((file) => wanted.length === 0 || wanted.some((part) => relative(root, file).includes(part)))
  .sort()
  .sort((a, b) => rankOf(a) - rankOf(b));
if (files.length === 0) throw new Error(`no test file matches ${wanted.join(' ')}`);
// Tests make their folders here, and processes that are killed leave theirs. Some tests run things as other accounts.
const folder = mkdtempSync(join(tmpdir(), 'holdfast-tests-'));
chmodSync(folder, 0o1777);
// A program of its own runs them, because `node --test` sorts what it is told by name.
const runner = spawn(process.execPath, ['--enable-source-maps', join(root, 'dist', 'test', 'run-files.js'), ...files], {
  stdio: 'inherit',
  cwd: root,
  env: { ...process.env, TMPDIR: folder },
});
// Who interrupts the tests interrupts the runner with them; what is left to do here comes when that has ended.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => runner.kill(signal));
runner.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === null ? 1 : 128);
  if (code !== 0 && readdirSync(folder).length > 0) process.stdout.write(`what the tests have left is in ${folder}\n`);
  else rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});

function rankOf(file: string): number {
  const rank = LONGEST.findIndex((part) => relative(join(root, 'dist', 'test'), file).startsWith(part));
  return rank === -1 ? LONGEST.length : rank;
}

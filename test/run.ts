import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { packageRoot } from '../src/package-root.ts';

/**
 * Runs the tests: `npm test`, or `npm test -- part-of-a-path …` for some of them. Files are named one by one, because
 * what a folder means to `node --test` differs between versions of Node.
 */
/** A file of tests that hangs is one that failed. */
const FILE_LIMIT_MS = 600_000;
const root = packageRoot();
const wanted = process.argv.slice(2);
const files = readdirSync(join(root, 'dist', 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => join(root, 'dist', 'test', file))
  .filter((file) => wanted.length === 0 || wanted.some((part) => relative(root, file).includes(part)))
  .sort();
if (files.length === 0) throw new Error(`no test file matches ${wanted.join(' ')}`);
// Tests make their folders here, and processes that are killed leave theirs. Some tests run things as other accounts.
const folder = mkdtempSync(join(tmpdir(), 'holdfast-tests-'));
chmodSync(folder, 0o1777);
const flags = ['--enable-source-maps', '--test', '--test-concurrency=2', `--test-timeout=${FILE_LIMIT_MS}`, '--test-reporter=spec'];
const runner = spawn(process.execPath, [...flags, ...files], {
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

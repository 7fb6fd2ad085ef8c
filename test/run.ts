import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
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
const flags = ['--enable-source-maps', '--test', '--test-concurrency=2', `--test-timeout=${FILE_LIMIT_MS}`, '--test-reporter=spec'];
const runner = spawn(process.execPath, [...flags, ...files], {
  stdio: 'inherit',
  cwd: root,
});
runner.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === null ? 1 : 128);
});

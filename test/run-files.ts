import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** Runs files of tests in the order in which they are named, some at a time, each in a process that has the flags of this one. */

/** As many as the cores of most machines that test: with three on two cores tests that run into a time limit were seen. */
const FILES_AT_ONCE = 2;
/** A file of tests that hangs is one that failed. */
const FILE_LIMIT_MS = 600_000;

// Whoever is interrupted takes the files along that run.
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());

run({ files: process.argv.slice(2), concurrency: FILES_AT_ONCE, timeout: FILE_LIMIT_MS, signal: interrupted.signal })
  .on('test:fail', ({ todo }) => {
    if (todo === undefined || todo === false) process.exitCode = 1;
  })
  .compose(new spec())
  .pipe(process.stdout);

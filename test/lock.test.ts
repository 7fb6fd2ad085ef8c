import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { StartFailure } from '../src/faults.ts';
import { lockDirectory, prepareDirectory } from '../src/lock.ts';

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'holdfast-lock-'));
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof StartFailure, String(error));
    return error.message;
  }
  return assert.fail('nothing was refused');
}

const MODULE = new URL('../src/lock.js', import.meta.url).href;

test('a second lock on the folder is refused with the process that has it', () => {
  const directory = temporary();
  const lock = lockDirectory(directory);
  assert.equal(
    refusal(() => lockDirectory(directory)),
    `the data folder ${directory} is in use by process ${process.pid}`,
  );
  lock.release();
  lockDirectory(directory).release();
});

test('a lock is free again when its holder was killed', async () => {
  const directory = temporary();
  const script = `const { lockDirectory } = await import(${JSON.stringify(MODULE)}); lockDirectory(${JSON.stringify(directory)}); console.log('locked'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(holder.stdout, 'data')) as [Buffer];
  assert.equal(said.toString(), 'locked\n');
  assert.equal(
    refusal(() => lockDirectory(directory)),
    `the data folder ${directory} is in use by process ${holder.pid}`,
  );
  const ended = once(holder, 'exit');
  holder.kill('SIGKILL');
  await ended;
  lockDirectory(directory).release();
});

test('a lock outlives that other code opens and closes files of the folder', () => {
  const directory = temporary();
  const lock = lockDirectory(directory);
  readFileSync(join(directory, 'lock'));
  assert.match(
    refusal(() => lockDirectory(directory)),
    /in use by process/,
  );
  lock.release();
});

test('a data folder is made for its owner only and gets its format version', () => {
  const directory = join(temporary(), 'a', 'b');
  prepareDirectory(directory);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  assert.equal(readFileSync(join(directory, 'version'), 'utf8'), '1\n');
  prepareDirectory(directory);
});

test('a folder of a newer version is refused', () => {
  const directory = temporary();
  writeFileSync(join(directory, 'version'), '2\n');
  assert.match(
    refusal(() => prepareDirectory(directory)),
    /was written by a newer version/,
  );
});

test('a folder with a version file that holds something else is refused', () => {
  const directory = temporary();
  writeFileSync(join(directory, 'version'), 'v1.2');
  assert.match(
    refusal(() => prepareDirectory(directory)),
    /does not hold a format version/,
  );
});

test('a folder of somebody else is not used', () => {
  const directory = temporary();
  writeFileSync(join(directory, 'thesis.tex'), '');
  assert.match(
    refusal(() => prepareDirectory(directory)),
    /not empty and not a data folder of Holdfast \(it holds thesis\.tex\); name an empty or a new folder/,
  );
});

test('a folder with snapshots of node-orchestrator is not used, and the message names the import', () => {
  const directory = temporary();
  mkdirSync(join(directory, '2024-07-01T10-00-00'));
  assert.match(
    refusal(() => prepareDirectory(directory)),
    /--from-node-orchestrator/,
  );
});

test('a fresh file system with lost+found counts as empty', () => {
  const directory = temporary();
  mkdirSync(join(directory, 'lost+found'));
  prepareDirectory(directory);
});

test('what cannot be a data folder is refused with path and errno', () => {
  const directory = temporary();
  writeFileSync(join(directory, 'file'), '');
  symlinkSync('loop-b', join(directory, 'loop-a'));
  symlinkSync('loop-a', join(directory, 'loop-b'));
  symlinkSync('nowhere', join(directory, 'dangling'));
  for (const [name, code] of [
    ['file', 'EEXIST'],
    ['file/below', 'ENOTDIR'],
    ['loop-a', 'E(LOOP|EXIST)'],
    ['dangling', 'E(NOENT|EXIST)'],
    ['x'.repeat(300), 'ENAMETOOLONG'],
  ] as const) {
    const message = refusal(() => prepareDirectory(join(directory, name)));
    assert.match(message, new RegExp(`^cannot use ${directory}/.*\\(${code}\\)$`), message);
  }
  assert.match(
    refusal(() => prepareDirectory('/proc/holdfast')),
    /^cannot use \/proc\/holdfast.*\((ENOENT|EACCES|EPERM)\)$/,
  );
});

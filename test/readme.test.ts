import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { type Block, blocksUnder, readPage } from './docs/markdown.ts';
import { ShellExamples } from './docs/shell-examples.ts';
import { ServerProcess, temporaryFolder } from './support/server-process.ts';

/** `npm start` in a block means that the reader's server starts (again) there. */
const START = /\bnpm start(?: -- .*)?$/;

test('the five minutes of the README come out as they stand there, over a restart', async (context) => {
  const page = readPage('README.md');
  const blocks = blocksUnder(page, 'Five minutes');
  const directory = join(temporaryFolder(context), 'holdfast-data');
  const examples = new ShellExamples(page.path);
  const hasCurl = spawnSync('curl', ['--version']).status === 0;
  let server: ServerProcess | undefined;
  context.after(async () => void (await server?.kill()));
  let starts = 0;
  for (const [index, block] of blocks.entries()) {
    if (block.language !== 'sh') continue;
    if (START.test(block.text)) {
      // The reader presses Ctrl-C first.
      if (server !== undefined) assert.deepEqual(await server.kill('SIGINT'), { code: 0, signal: null });
      server = await ServerProcess.start({ directory });
      starts += 1;
      continue;
    }
    assert.ok(server !== undefined, 'the README starts the server first');
    if (block.text.startsWith('curl ') && !hasCurl) {
      context.diagnostic('there is no curl here, so its line was not tried');
      continue;
    }
    await examples.run(block, blocks[index + 1], { url: server.url, directory, workingDirectory: dirname(directory) });
  }
  assert.equal(starts, 2, 'the README starts the server and restarts it');
});

test('the reservation of the README comes out as it stands there', async (context) => {
  if (spawnSync('curl', ['--version']).status !== 0) return context.skip('there is no curl here');
  const page = readPage('README.md');
  const blocks = blocksUnder(page, 'A reservation');
  const workingDirectory = temporaryFolder(context);
  const directory = join(workingDirectory, 'holdfast-data');
  const config = blocks.find(({ language }) => language === 'yaml');
  writeFileSync(join(workingDirectory, 'holdfast.yaml'), config?.text ?? '');
  const examples = new ShellExamples(page.path);
  const server = await ServerProcess.start({ directory, flags: ['--config', join(workingDirectory, 'holdfast.yaml')] });
  context.after(async () => void (await server.kill()));
  const place = { url: server.url, directory, workingDirectory };
  // The reader's shell knows the command's short name from before.
  await examples.run(blocksUnder(page, 'Five minutes').find(({ text }) => text.startsWith('holdfast()')) as Block, undefined, place);
  const commands = blocks.filter(({ language, text }) => language === 'sh' && !START.test(text));
  assert.equal(commands.length, 2);
  for (const block of commands) await examples.run(block, blocks[blocks.indexOf(block) + 1], place);
});

test('the first screen of the README has the two commands, and package.json has what they call', () => {
  const page = readPage('README.md');
  const firstScreen = page.text.split('\n').slice(0, 20).join('\n');
  for (const command of ['npm ci && npm start', 'npm ci && npm test']) assert.ok(firstScreen.includes(command), command);
  const { scripts } = JSON.parse(readPage('package.json').text) as { scripts: Record<string, string> };
  for (const [, script] of page.text.matchAll(/npm run (\w+)/g)) assert.ok(script !== undefined && script in scripts, `npm run ${script}`);
});

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/package-root.ts';
import { serverFor, temporaryFolder } from '../support/server-process.ts';
import { blocksUnder, codeIn, readPage, tableOf } from './markdown.ts';
import { assertListsProved } from './proofs.ts';
import { ShellExamples } from './shell-examples.ts';

const PAGE = readPage('docs/security.md');
/** Limits of what is promised, which no test can show; and the list of contents. */
const WITHOUT_TESTS: ReadonlySet<string> = new Set(['Security', 'What is not protected']);

test('every line of a list on the page names a test that is there', () => {
  assert.ok(assertListsProved(PAGE, WITHOUT_TESTS) > 50, 'lists were found');
});

test('the policy says how to report, what is supported, and what counts', () => {
  const { text } = readPage('SECURITY.md');
  for (const part of ['How to report', 'Supported versions', 'What we take for a vulnerability', 'What we do not']) assert.ok(text.includes(`**${part}`), part);
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  assert.ok(text.includes(`\`${version.replace(/\d+$/, 'x')}\``), 'it names this version');
  assert.ok(existsSync(join(packageRoot(), 'docs', 'security.md')));
});

test('the table of keys names the keys that Operations lists', () => {
  const listed = tableOf(PAGE, 'Key').flatMap((row) => codeIn(row['Where']).filter((word) => word.startsWith('keys/')));
  const operations = tableOf(readPage('docs/operations.md'), 'File').flatMap((row) => codeIn(row['File']));
  assert.deepEqual(listed.sort(), operations.filter((file) => !file.endsWith('-previous')).sort());
});

test('keys are rotated as the page shows it', async (context) => {
  const server = await serverFor(context);
  await server.request('POST', '/inventory/ComputeNode', { hostname: 'nid000017', architecture: 'x86_64', xname: 'x3000c0s17b1n0' });
  await server.request('POST', '/snapshots');
  const place = { url: server.url, directory: server.directory, workingDirectory: temporaryFolder(context) };
  const examples = new ShellExamples(PAGE.path);
  const blocks = blocksUnder(PAGE, 'Keys, and how they rotate');
  for (const [index, block] of blocks.entries()) {
    if (block.language !== 'sh') continue;
    if (block.remark === 'stopped') await server.kill();
    await examples.run(block, blocks[index + 1], place);
  }
});

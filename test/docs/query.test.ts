import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/config.ts';
import { SAVED_QUERY_SCHEMA } from '../../src/config/config-schema.ts';
import { packageRoot } from '../../src/package-root.ts';
import { queryServer } from '../support/query-server.ts';
import { temporaryFolder } from '../support/server-process.ts';
import { runHttpExamples } from './http-examples.ts';
import { codeIn, readPage, tableOf } from './markdown.ts';
import { ShellExamples } from './shell-examples.ts';

const PAGE = readPage('docs/query.md');

test('the examples of the page print and answer what it shows', async (context) => {
  const server = await queryServer(context);
  const place = { url: server.url, directory: server.directory, workingDirectory: temporaryFolder(context) };
  const shell = new ShellExamples(PAGE.path);
  let run = 0;
  for (const [index, block] of PAGE.blocks.entries()) {
    if (block.language === 'sh') await shell.run(block, PAGE.blocks[index + 1], place);
    else if (block.language === 'http' && !block.text.startsWith('HTTP/')) await runHttpExamples(PAGE.path, PAGE.blocks.slice(index, index + 2), server);
    else continue;
    run += 1;
  }
  assert.ok(run >= 7, `${run} examples`);
});

test('the page tells elements of a saved query as the schema has them, and its example is one', (context) => {
  const { properties = {}, required = [] } = SAVED_QUERY_SCHEMA;
  const rows = tableOf(PAGE, 'Saved query');
  assert.deepEqual(
    rows.map((row) => codeIn(row['Saved query'])[0]),
    Object.keys(properties),
  );
  assert.deepEqual(
    rows.filter((row) => row['Default'] === 'needed').map((row) => codeIn(row['Saved query'])[0]),
    required,
  );
  const example = PAGE.blocks.find(({ language }) => language === 'yaml');
  const file = join(temporaryFolder(context), 'holdfast.yaml');
  writeFileSync(file, example?.text ?? '');
  const { saved } = loadConfig({ environment: {}, flags: [], workingDirectory: packageRoot(), file }).query;
  assert.deepEqual(
    saved?.map(({ name, every }) => [name, every]),
    [['nodes_by_architecture', 60_000]],
  );
});

test('the page tells defaults as the example configuration has them', () => {
  const { query } = loadConfig({ environment: {}, flags: [], workingDirectory: packageRoot() });
  const shown = Object.fromEntries(tableOf(PAGE, 'What').map((row) => [codeIn(row['Configured by'])[0] ?? '', row['Default']]));
  const expected = { 'query.timeLimit': '10 s', 'query.rowsMax': '1000000', 'query.bytesMax': '64 MiB', 'query.memory': '1 GiB', 'query.children': '2' };
  assert.deepEqual({ ...shown, '': undefined }, { ...expected, '': undefined });
  assert.deepEqual([query.timeLimit, query.rowsMax, query.bytesMax, query.memory, query.children], [10_000, 1_000_000, 64 * 1024 ** 2, 1024 ** 3, 2]);
});

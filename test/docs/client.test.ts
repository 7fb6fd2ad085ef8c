import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SCOPES } from '../../src/http/scopes.ts';
import { packageRoot } from '../../src/package-root.ts';
import { ServerProcess, temporaryFolder, tokenFor } from '../support/server-process.ts';
import { type Block, blocksUnder, codeIn, readPage, tableOf } from './markdown.ts';

const PAGE = readPage('docs/client.md');
const MARK = '--- end of a block ---';
/** No server here can be asked what these ask. */
const COMPILED_ONLY = 'feed';
const SETTINGS = {
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    types: ['node'],
    preserveSymlinks: true,
  },
  files: ['page.mts'],
};

test('the examples of the page compile, and print what the page shows', async (context) => {
  const folder = temporaryFolder(context);
  const examples = PAGE.blocks.filter(({ language }) => language === 'ts');
  writeFileSync(join(folder, 'page.mts'), programOf(examples));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(SETTINGS));
  writeFileSync(join(folder, 'nodes.ndjson'), '{"hostname":"n1","architecture":"x86_64"}\n{"hostname":"n2"}\n{"hostname":"n3","architecture":"x86_64"}\n');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(packageRoot(), join(folder, 'node_modules', 'holdfast'));
  for (const name of ['undici', 'undici-types', '@types']) symlinkSync(join(packageRoot(), 'node_modules', name), join(folder, 'node_modules', name));
  run(join(packageRoot(), 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.json'], folder, {});

  const server = await serverWithAll(context, folder);
  const text = run(process.execPath, ['page.mjs'], folder, { HOLDFAST_JWT: tokenFor(server.directory, SCOPES) }, server.url);
  const printed = text.split(`${MARK}\n`);
  for (const [index, example] of examples.entries()) {
    const shown = PAGE.blocks[PAGE.blocks.indexOf(example) + 1];
    if (shown?.language === 'text') assert.equal(printed[index]?.trimEnd(), shown.text, `${PAGE.path}, line ${shown.line}`);
  }
});

test('the page tells defaults as they are in the source', () => {
  for (const row of tableOf(PAGE, 'Setting')) {
    const [name = '', file = ''] = codeIn(row['Name in the source']);
    const value = new RegExp(`^(?:export )?const ${name} = ([\\d_]+);$`, 'm').exec(readFileSync(join(packageRoot(), file), 'utf8'))?.[1];
    assert.equal(value?.replaceAll('_', ''), row['Default'], name);
  }
});

test('the page names the codes of the client', () => {
  const source = readFileSync(join(packageRoot(), 'src/client/error.ts'), 'utf8');
  const union = /export type ClientCode =([^;]*);/.exec(source)?.[1] ?? '';
  assert.deepEqual(
    tableOf(PAGE, 'Code of the client').flatMap((row) => codeIn(row['Code of the client'])),
    [...union.matchAll(/\| '([a-z-]+)'/g)].map(([, code]) => code),
  );
});

/** One module: imports first, the client of the first block for all, every other block a scope of its own. */
function programOf(examples: readonly Block[]): string {
  const imports = new Set<string>();
  const bodies = examples.map(({ text, remark }, index) => {
    const lines = text.split('\n');
    for (const line of lines) if (line.startsWith('import ')) imports.add(line);
    const body = lines.filter((line) => !line.startsWith('import ')).join('\n');
    const scoped = index === 0 ? body : remark === COMPILED_ONLY ? `export async function example${index}() {\n${body}\n}` : `{\n${body}\n}`;
    return `${scoped}\nconsole.log('${MARK}');`;
  });
  return [...imports, ...bodies].join('\n').replace("'http://127.0.0.1:8080'", "process.argv[2] ?? ''");
}

/** With the kind of the page about operations, and the endpoint of the README. */
async function serverWithAll(
  context: Parameters<typeof temporaryFolder>[0] & { after(fn: () => Promise<void>): void },
  folder: string,
): Promise<ServerProcess> {
  mkdirSync(join(folder, 'kinds'));
  writeFileSync(
    join(folder, 'kinds', 'Rack.json'),
    blocksUnder(readPage('docs/operations.md'), 'A kind of your own').find(({ language }) => language === 'json')?.text ?? '',
  );
  const config = join(folder, 'holdfast.yaml');
  writeFileSync(config, blocksUnder(readPage('README.md'), 'A reservation').find(({ language }) => language === 'yaml')?.text ?? '');
  const server = await ServerProcess.start({ directory: join(folder, 'data'), flags: ['--config', config, '--schema-dir', join(folder, 'kinds')] });
  context.after(async () => void (await server.kill()));
  return server;
}

function run(command: string, words: readonly string[], cwd: string, environment: Readonly<Record<string, string>>, ...more: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, [...words, ...more], { cwd, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', ...environment } });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/package-root.ts';
import { serverFor, temporaryFolder } from '../support/server-process.ts';

const PROGRAM = `
import { Client, HoldfastError, type RecordOf } from 'holdfast/client';

await using client = new Client({ url: process.env['HOLDFAST_URL'] ?? '', token: process.env['HOLDFAST_JWT'] ?? '' });
const made: RecordOf<'ComputeNode'> = await client.kind('ComputeNode').create({ hostname: 'n1', architecture: 'x86_64' });
for await (const { hostname, revision } of client.kind('ComputeNode').list({ where: { hostname: 'n1' } })) console.log(hostname, revision === made.revision);
try {
  // @ts-expect-error the types came along
  await client.kind('ComputeNode').create({ hostname: 'n2' });
} catch (error) {
  console.log(error instanceof HoldfastError && error.code);
}
`;

const SETTINGS = {
  compilerOptions: { target: 'es2022', module: 'nodenext', strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, types: ['node'] },
  files: ['program.mts'],
};

test('a program of somebody else type-checks and runs with the packed package, and with nothing of it but undici', async (context) => {
  if (spawnSync('npm', ['--version']).status !== 0) return context.skip('npm is not on this machine');
  const folder = temporaryFolder(context);
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'holdfast'), { recursive: true });
  run('npm', ['pack', '--silent', '--offline', '--ignore-scripts', '--pack-destination', folder], packageRoot());
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  run('tar', ['-xzf', join(folder, tarball), '-C', join(modules, 'holdfast'), '--strip-components=1'], folder);
  for (const name of ['undici', 'undici-types', '@types']) symlinkSync(join(packageRoot(), 'node_modules', name), join(modules, name));
  writeFileSync(join(folder, 'program.mts'), PROGRAM);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(SETTINGS));

  run(join(packageRoot(), 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.json'], folder);
  const server = await serverFor(context);
  const printed = run(process.execPath, ['program.mjs'], folder, { HOLDFAST_URL: server.url, HOLDFAST_JWT: server.token });
  assert.equal(printed, 'n1 true\ninvalid\n');
});

function run(command: string, words: readonly string[], cwd: string, environment: Readonly<Record<string, string>> = {}): string {
  const { status, stdout, stderr } = spawnSync(command, words, { cwd, encoding: 'utf8', env: { ...process.env, ...environment } });
  assert.equal(status, 0, `${command} ${words.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

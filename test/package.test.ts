import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../src/package-root.ts';

interface LockedPackage {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

test('the lock file names the optional packages of every platform, without which npm ci refuses it', () => {
  const { packages } = JSON.parse(readFileSync(join(packageRoot(), 'package-lock.json'), 'utf8')) as { packages: Readonly<Record<string, LockedPackage>> };
  const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => packages[`${place}/node_modules/${name}`] === undefined && packages[`node_modules/${name}`] === undefined)
      .map((name) => `${place} → ${name}`),
  );
  assert.deepEqual(missing, []);
});

test('native packages are pinned exactly', () => {
  const { dependencies } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { dependencies: Readonly<Record<string, string>> };
  for (const [name, version] of Object.entries(dependencies)) assert.match(version, /^(npm:[a-z@/-]+@)?\d[\w.-]*$/, name);
});

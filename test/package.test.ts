import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../src/package-root.ts';

interface LockedPackage {
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
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

test('every package is pinned exactly, and what linux-x64 installs comes with its checksum', () => {
  const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as Record<string, Readonly<Record<string, string>>>;
  for (const [name, version] of Object.entries({ ...manifest['dependencies'], ...manifest['devDependencies'] })) {
    assert.match(version, /^(npm:[a-z@/-]+@)?\d+\.\d+\.\d+[\w.-]*$/, name);
  }
  const { packages } = JSON.parse(readFileSync(join(packageRoot(), 'package-lock.json'), 'utf8')) as { packages: Readonly<Record<string, LockedPackage>> };
  const unchecked = Object.entries(packages).filter(([place, { integrity }]) => place !== '' && !/^sha512-/.test(integrity ?? ''));
  // Those of other platforms could not be had where the lock file was made.
  const installed = unchecked.filter(([place, { optional }]) => optional !== true || existsSync(join(packageRoot(), place)));
  assert.deepEqual(
    installed.map(([place]) => place),
    [],
  );
});

test('only packages that are known run something when they are installed, and nothing of it is needed', () => {
  const { packages } = JSON.parse(readFileSync(join(packageRoot(), 'package-lock.json'), 'utf8')) as { packages: Readonly<Record<string, LockedPackage>> };
  const running = Object.entries(packages).flatMap(([place, { hasInstallScript }]) => (hasInstallScript === true ? [place.replace('node_modules/', '')] : []));
  // The first one reports to its maker, which package.json turns off; the second builds what came built.
  assert.deepEqual(running, ['@scarf/scarf', 'msgpackr-extract']);
});

/** Of `npm:uwebsockets@3.0.6`; what `npm ci` checks is the archive that it came in. */
const UWS_SHA256: Readonly<Record<string, string>> = {
  linux_x64_115: 'f4fa5d7b697529b45ac8aa3d57385d9af51bc1d2b26aa9f5b68ca4361542e665',
  linux_x64_127: '78e38a9a163b1cf33ce539619e5908111dea95a12e7943d95fbcdd524879caa8',
  linux_x64_137: '3b549c14e01d9d1faf234cdf4b6f0fb08158605e3692cd0eb1b905e327bd3449',
  linux_arm64_115: '034e0fcccdc08f90df3b130f421516311831b1352fe38eab91abc2984c2fdf3a',
};

test('the binaries of uWebSockets.js are those that were tried', () => {
  for (const [platform, expected] of Object.entries(UWS_SHA256)) {
    const bytes = readFileSync(join(packageRoot(), 'node_modules', 'uWebSockets.js', `uws_${platform}.node`));
    assert.equal(createHash('sha256').update(bytes).digest('hex'), expected, platform);
  }
});

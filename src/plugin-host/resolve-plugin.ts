import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../faults.ts';

/**
 * Finds the file of a plugin: a built-in one by its name, a file or a folder by its path, a package by its name. Imports of
 * the plugin are then resolved by Node from that file, so a plugin's own `node_modules` wins over the server's.
 */

export const BUILT_IN_PLUGINS = ['null', 'exec', 'simulator'] as const;
/** Tried in this order; `import` is what reaches the file, and Node imports CommonJS files as well. */
const CONDITION_SETS: readonly (readonly string[])[] = [
  ['node', 'import', 'module-sync', 'default'],
  ['node', 'require', 'default'],
];

export function isBuiltIn(plugin: string): boolean {
  return BUILT_IN_PLUGINS.some((name) => name === plugin);
}

/** @returns the absolute path of a file. @throws Error with a sentence when there is none. */
export function resolvePlugin(plugin: string, resolveFrom: string): string {
  if (isBuiltIn(plugin)) return fileURLToPath(new URL(`../../plugins/${plugin}/${plugin}.js`, import.meta.url));
  if (isAbsolute(plugin) || plugin.startsWith('./') || plugin.startsWith('../')) return fileAt(resolve(resolveFrom, plugin));
  const folder = packageFolder(plugin, resolveFrom);
  if (folder !== undefined) return entryOf(folder);
  // A path inside a package, such as `@site/plugins/switch`.
  try {
    return createRequire(join(resolveFrom, 'plugin.js')).resolve(plugin);
  } catch {
    throw new Error(`there is no package ${plugin} to be found from ${resolveFrom}, and no built-in plugin has that name`);
  }
}

function fileAt(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new Error(`${path} does not exist`);
  return stats.isDirectory() ? entryOf(path) : path;
}

function packageFolder(name: string, resolveFrom: string): string | undefined {
  for (let directory = resolveFrom; ; directory = dirname(directory)) {
    const folder = join(directory, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(directory) === directory) return undefined;
  }
}

/** The file that a folder's package.json names: `exports`, else `main`, else index.js. */
function entryOf(folder: string): string {
  const manifest = manifestOf(folder);
  const named = mainExport(manifest['exports']) ?? (typeof manifest['main'] === 'string' ? manifest['main'] : 'index.js');
  const path = resolve(folder, named);
  for (const candidate of [path, `${path}.js`, join(path, 'index.js')]) {
    if (statSync(candidate, { throwIfNoEntry: false })?.isFile() === true) return candidate;
  }
  throw new Error(`${folder}: its package.json names ${named}, which does not exist`);
}

function manifestOf(folder: string): Record<string, unknown> {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return {};
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${messageOf(error)}`);
  }
  if (typeof manifest !== 'object' || manifest === null) throw new Error(`${path} is no JSON object`);
  return manifest as Record<string, unknown>;
}

function mainExport(exported: unknown): string | undefined {
  const main = typeof exported === 'object' && exported !== null && '.' in exported ? exported['.'] : exported;
  for (const conditions of CONDITION_SETS) {
    const target = targetOf(main, conditions);
    if (target !== undefined) return target;
  }
  return undefined;
}

/** Conditions count in the order in which the package names them. */
function targetOf(target: unknown, conditions: readonly string[]): string | undefined {
  if (typeof target === 'string') return target;
  if (Array.isArray(target)) return target.map((one) => targetOf(one, conditions)).find((one) => one !== undefined);
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, inner] of Object.entries(target)) {
    if (!conditions.includes(condition)) continue;
    const found = targetOf(inner, conditions);
    if (found !== undefined) return found;
  }
  return undefined;
}

import { pathToFileURL } from 'node:url';
import type { Plugin } from '../../plugins/plugin.ts';
import type { PluginFeatures } from '../protocol/plugin-calls.ts';
import type { PluginSpec } from './messages.ts';
import { described, thrownText } from './plain-text.ts';
import { resolvePlugin } from './resolve-plugin.ts';

/** Makes the plugin of an endpoint from its module: finds it, imports it, checks its shape, initialises it. */

const NEEDED = ['initialize', 'join', 'leave', 'modify', 'renew', 'status'] as const;

/** @throws Error with a sentence that names the file. */
export async function loadPlugin(spec: PluginSpec): Promise<{ readonly plugin: Plugin; readonly features: PluginFeatures }> {
  const file = resolvePlugin(spec.plugin, spec.resolveFrom);
  const module: unknown = await within(`${file} cannot be loaded`, () => import(pathToFileURL(file).href));
  const maker = exportOf(module, spec.exportName, file);
  const made: unknown = await within(`${file}: its export ${spec.exportName} made no plugin`, () => make(maker));
  const plugin = checkShape(made, `${file} (export ${spec.exportName})`);
  await within(`${file}: initialize failed`, () => plugin.initialize(spec.configText ?? undefined, spec.properties));
  return { plugin, features: { find: isFunction(made, 'find'), list: isFunction(made, 'list') } };
}

async function within<T>(step: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new Error(`${step}: ${thrownText(error)}`);
  }
}

/** A CommonJS module is the default export of itself, once more when it was compiled from ES modules. */
function exportOf(module: unknown, name: string, file: string): (...none: never[]) => unknown {
  const whole = memberOf(module, 'default');
  for (const candidate of [memberOf(module, name), memberOf(whole, name)]) {
    if (typeof candidate === 'function') return candidate as () => unknown;
  }
  const found = memberOf(module, name) ?? memberOf(whole, name);
  throw new Error(`${file}: its export ${name} is ${described(found)}; it must be a function or a class that makes the plugin`);
}

function make(maker: (...none: never[]) => unknown): unknown {
  return isClass(maker) ? Reflect.construct(maker, []) : maker();
}

/** Classes must be called with `new`; so must functions that are used as such. */
function isClass(maker: (...none: never[]) => unknown): boolean {
  return /^class\b/.test(Function.prototype.toString.call(maker)) || isFunction(memberOf(maker, 'prototype'), 'join');
}

function checkShape(made: unknown, source: string): Plugin {
  if (typeof made !== 'object' || made === null) throw new Error(`${source} made no plugin, but ${described(made)}`);
  const missing = NEEDED.filter((name) => !isFunction(made, name));
  if (missing.length > 0) throw new Error(`the plugin of ${source} lacks ${missing.length === 1 ? 'the function' : 'the functions'} ${missing.join(', ')}`);
  return made as Plugin;
}

function isFunction(holder: unknown, name: string): boolean {
  return typeof memberOf(holder, name) === 'function';
}

function memberOf(holder: unknown, name: string): unknown {
  if (holder === null || (typeof holder !== 'object' && typeof holder !== 'function')) return undefined;
  return (holder as Record<string, unknown>)[name];
}

import { resolve } from 'node:path';
import { messageOf } from '../faults.ts';
import { BUILT_IN_PLUGINS, isBuiltIn, resolvePlugin } from '../plugin-host/resolve-plugin.ts';
import { closest } from './closest.ts';

/** Where an endpoint's `plugin` points to, and whether something is there. Whether that is a plugin, its host finds out. */

/** What begins with a slash or a dot; `plugins/x.js` is in the package `plugins`. */
export function isPath(plugin: string): boolean {
  return plugin.startsWith('/') || plugin === '.' || plugin === '..' || plugin.startsWith('./') || plugin.startsWith('../');
}

/** A path made absolute; names of built-in plugins and of packages as they are. */
export function pluginLocation(plugin: string, folder: string): string {
  return isPath(plugin) ? resolve(folder, plugin) : plugin;
}

/** Why there cannot be a plugin, or undefined. */
export function missingModule(plugin: string, folder: string): string | undefined {
  if (isBuiltIn(plugin)) return undefined;
  if (/\.(jar|war|class)$/i.test(plugin))
    return `${plugin} is Java, and plugins are JavaScript here: name a module that does the same, or a built-in plugin (${BUILT_IN_PLUGINS.join(', ')})`;
  try {
    resolvePlugin(pluginLocation(plugin, folder), folder);
    return undefined;
  } catch (error) {
    const meant = closest(plugin, BUILT_IN_PLUGINS);
    if (meant !== undefined) return `${messageOf(error)}; did you mean ${meant}?`;
    return isPath(plugin) || !plugin.includes('/') ? messageOf(error) : `${messageOf(error)} (a path begins with ./, ../ or /)`;
  }
}

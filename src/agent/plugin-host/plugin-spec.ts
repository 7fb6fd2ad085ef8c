import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { done, fail, messageOf, type Result } from '../../faults.ts';
import { INSTANCE_VARIABLE, type PluginSpec } from '../../plugin-host/messages.ts';
import { isBuiltIn } from '../../plugin-host/resolve-plugin.ts';
import type { EndpointConfig } from '../endpoint-config.ts';

/** What the rooms of an endpoint are given: what its plugin is made of, and the environment that it sees. */

export const CONFIG_BYTES_MAX = 1_048_576;

/** Fault: plugin-failed, when the file that `config` names cannot be read. It is read once, so that all rooms get the same. */
export function specOf(endpoint: EndpointConfig, instance: string): Result<PluginSpec> {
  const { name, plugin, exportName, resolveFrom, config, properties } = endpoint;
  const path = configPath(endpoint);
  try {
    const configText = path === undefined ? null : readText(path);
    return done({ endpoint: name, plugin, exportName, resolveFrom, configText, properties, instance });
  } catch (error) {
    return fail('plugin-failed', `its config ${config} cannot be read: ${messageOf(error)}`);
  }
}

/** Changes when the file that `config` names is written again: when it was written, and its size. It never throws. */
export function configStamp(endpoint: EndpointConfig): string {
  const path = configPath(endpoint);
  if (path === undefined) return 'none';
  try {
    const { mtimeMs, size } = statSync(path);
    return `${mtimeMs} ${size}`;
  } catch {
    return 'unreadable';
  }
}

/** NodeAgent2's samples name files that need not exist, and no built-in plugin reads one. */
function configPath({ plugin, resolveFrom, config }: EndpointConfig): string | undefined {
  return config === undefined || isBuiltIn(plugin) ? undefined : resolve(resolveFrom, config);
}

/** The server's variables that the endpoint allows, and the one by which processes of this server are known. */
export function environmentOf(endpoint: EndpointConfig, instance: string): Readonly<Record<string, string>> {
  const environment: Record<string, string> = { [INSTANCE_VARIABLE]: instance };
  for (const name of endpoint.env) {
    const value = process.env[name];
    if (value !== undefined && name !== INSTANCE_VARIABLE) environment[name] = value;
  }
  return environment;
}

/** Never reads more than the limit, whatever the file says about its size. */
function readText(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(CONFIG_BYTES_MAX + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) read = readSync(file, bytes, length, bytes.length - length, null);
    if (length > CONFIG_BYTES_MAX) throw new Error(`it has more than ${CONFIG_BYTES_MAX} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length));
  } finally {
    closeSync(file);
  }
}

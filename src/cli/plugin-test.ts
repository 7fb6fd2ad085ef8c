import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import picocolors from 'picocolors';
import type { EndpointConfig } from '../agent/endpoint-config.ts';
import type { HostLog } from '../agent/plugin-host/endpoint-host.ts';
import { isPath } from '../config/plugin-module.ts';
import { parseDurationMs } from '../config/units.ts';
import { isBuiltIn } from '../plugin-host/resolve-plugin.ts';
import { type CheckResult, conformance } from '../plugin-kit/conformance.ts';
import { CliFailure, EXIT } from './failure.ts';
import { say } from './output.ts';

export interface PluginTestOptions {
  readonly property: Readonly<Record<string, string>>;
  readonly caller: Readonly<Record<string, string>>;
  readonly config?: string;
  readonly export: string;
  readonly env: readonly string[];
  readonly isolation: string;
  readonly timeLimit: string;
  readonly log?: boolean;
}

const ENDPOINT = 'Plugin-Test';
const TIME_LIMIT_MAX_MS = 3_600_000;

/** Prints a line for each check; fails when one of them has. */
export async function testPlugin(named: string, options: PluginTestOptions): Promise<void> {
  const endpoint = endpointFor(named, options);
  const host = { instance: `plugin-test-${process.pid}`, log: options.log === true ? PRINTED : SILENT };
  let checks = 0;
  let failures = 0;
  for await (const result of conformance({ endpoint, host, callerProperties: options.caller })) {
    checks += 1;
    if (result.verdict === 'failed') failures += 1;
    process.stdout.write(`${lineOf(result)}\n`);
  }
  if (failures > 0) throw new CliFailure(EXIT.refused, `${failures} of ${checks} checks failed`);
  say(`${checks} checks, none failed`);
}

function endpointFor(named: string, options: PluginTestOptions): EndpointConfig {
  const { property, config, export: exportName, env, isolation, timeLimit } = options;
  if (isolation !== 'thread' && isolation !== 'process') throw new CliFailure(EXIT.usage, `--isolation: "${isolation}" is neither thread nor process`);
  const timeLimitMs = parseDurationMs(timeLimit);
  if (timeLimitMs === undefined || timeLimitMs < 1 || timeLimitMs > TIME_LIMIT_MAX_MS)
    throw new CliFailure(EXIT.usage, `--time-limit: "${timeLimit}" is no duration between 1ms and 1h`);
  // On a command line a folder is named without ./ in front.
  const isFile = isPath(named) || (!isBuiltIn(named) && existsSync(resolve(named)));
  const plugin = isFile ? resolve(named) : named;
  return {
    name: ENDPOINT,
    plugin,
    exportName,
    resolveFrom: isFile ? dirname(plugin) : process.cwd(),
    jar: named,
    mainClass: exportName,
    schedulePeriod: { length: 1, unit: 'HOUR' },
    renewAdvanceTicks: 1,
    config: config === undefined ? undefined : resolve(config),
    properties: property,
    description: undefined,
    isolation,
    // More than one of each: what a plugin keeps in the memory of one thread is missing in the other.
    threads: 2,
    concurrentCalls: 4,
    concurrentRenewals: 4,
    queueLengthMax: 1024,
    memoryMiB: 256,
    env,
    user: undefined,
    timeLimitsMs: { join: timeLimitMs, leave: timeLimitMs, modify: timeLimitMs, renew: timeLimitMs, status: timeLimitMs, find: timeLimitMs, list: timeLimitMs },
    renewRetries: 0,
  };
}

function lineOf({ name, verdict, detail }: CheckResult): string {
  const word = { ok: picocolors.green('ok    '), failed: picocolors.red('FAILED'), skipped: picocolors.yellow('skip  ') }[verdict];
  const more = detail === undefined ? '' : verdict === 'failed' ? `: ${detail}` : ` (${detail})`;
  return `${word}  ${name}${more}`;
}

const SILENT: HostLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const PRINTED: HostLog = { debug: printed('debug'), info: printed('info'), warn: printed('warn'), error: printed('error') };

function printed(level: string): (fields: object, message: string) => void {
  return (fields, message) => say(`${level}  ${message}  ${JSON.stringify(fields)}`);
}

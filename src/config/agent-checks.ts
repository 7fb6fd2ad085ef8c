import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Period, periodMs } from '../agent/endpoint-config.ts';
import { isBuiltIn } from '../plugin-host/resolve-plugin.ts';
import type { AgentSource, Report } from './agent-source.ts';
import { ENDPOINT_SCHEMA } from './config-schema.ts';
import { defaultsOf, type Elements, merge } from './elements.ts';
import { parsePeriod, periodWords } from './period.ts';
import { missingModule } from './plugin-module.ts';

/**
 * What is only wrong in combination, for YAML and XML alike: NodeAgent2's own checks with its own words, and those that
 * it forgot. A part that is wrong by itself was reported already and is passed over.
 */

const NAME = /^[a-zA-Z0-9-]+$/;
const NAME_LENGTH_MIN = 5;
const NAME_LENGTH_MAX = 20;
const TICK_DAYS_MAX = 20;

export function checkAgent(source: AgentSource, report: Report): void {
  const tick = periodIn(source.tick);
  const isTickSound = tick !== undefined && checkTick(tick, source, report);
  checkNames(source, report);
  for (const [index, given] of source.endpoints.entries()) {
    const endpoint = completeEndpoint(given);
    if (isTickSound) checkPeriod(tick, endpoint, index, source, report);
    checkCapacity(endpoint, index, source, report);
  }
}

/** The modules and files that endpoints name have to be there. */
export function checkModules(source: AgentSource, report: Report): void {
  if (source.file === undefined) return;
  const folder = dirname(source.file);
  for (const [index, { plugin, config }] of source.endpoints.entries()) {
    if (typeof plugin !== 'string' || plugin === '') continue;
    const missing = missingModule(plugin, folder);
    if (missing !== undefined) report.mistakes.push({ ...source.at(['endpoints', index, 'plugin']), reason: missing });
    // NodeAgent2's own plugins take no file, and its examples name some that are not there.
    if (typeof config === 'string' && !isBuiltIn(plugin) && !existsSync(resolve(folder, config)))
      report.mistakes.push({ ...source.at(['endpoints', index, 'config']), reason: `there is no ${resolve(folder, config)}` });
  }
}

export function completeEndpoint(given: Elements): Elements {
  return merge(defaultsOf(ENDPOINT_SCHEMA), given);
}

function checkTick(tick: Period, source: AgentSource, { mistakes }: Report): boolean {
  const tickMs = periodMs(tick);
  // The renew deadline is one second earlier than the ticks alone would have it.
  if (tickMs <= 1000) mistakes.push({ ...source.at(['tick']), reason: `tick too short (${periodWords(tick)}): it must be longer than 1 second` });
  else if (tickMs > TICK_DAYS_MAX * 86_400_000) mistakes.push({ ...source.at(['tick']), reason: `${periodWords(tick)} are longer than ${TICK_DAYS_MAX} days` });
  else return true;
  return false;
}

function checkNames(source: AgentSource, { mistakes, remarks }: Report): void {
  const places = new Map<string, string>();
  for (const [index, { name }] of source.endpoints.entries()) {
    if (typeof name !== 'string') continue;
    const at = source.at(['endpoints', index, 'name']);
    if (!NAME.test(name) || name.length < NAME_LENGTH_MIN || name.length > NAME_LENGTH_MAX)
      mistakes.push({ ...at, reason: `"${name}" must match [a-zA-Z0-9-]+ and have ${NAME_LENGTH_MIN} to ${NAME_LENGTH_MAX} characters` });
    const first = places.get(name);
    if (first !== undefined) mistakes.push({ ...at, reason: `the name ${name} is taken by ${first}` });
    else {
      const similar = [...places.keys()].find((other) => other.toLowerCase() === name.toLowerCase());
      if (similar !== undefined) remarks.push(`${at.place}: the endpoints ${similar} and ${name} differ only in upper and lower case`);
      places.set(name, at.element);
    }
  }
}

function checkPeriod(tick: Period, endpoint: Elements, index: number, source: AgentSource, { mistakes, remarks }: Report): void {
  const period = periodIn(endpoint['schedulePeriod']);
  if (period === undefined || period.length === 0) return;
  const name = String(endpoint['name']);
  const atPeriod = source.at(['endpoints', index, 'schedulePeriod']);
  if (periodMs(tick) > periodMs(period)) {
    mistakes.push({ ...atPeriod, reason: `tick too long for plugin ${name} (${periodWords(tick)}, its period has ${periodWords(period)})` });
    return;
  }
  if (tick.unit === period.unit && period.length % tick.length !== 0)
    mistakes.push({ ...atPeriod, reason: `tick does not divide plugin ${name} period evenly (${periodWords(period)} in ticks of ${periodWords(tick)})` });
  const ticks = endpoint['renewAdvanceTicks'];
  if (typeof ticks !== 'number') return;
  const atTicks = source.at(['endpoints', index, 'renewAdvanceTicks']);
  if (ticks * periodMs(tick) >= periodMs(period)) {
    const lead = `${ticks} × ${periodWords(tick)}`;
    mistakes.push({ ...atTicks, reason: `${lead} is not less than the period of ${periodWords(period)}: plugin ${name} would renew on every tick` });
  }
  if (ticks === 0) remarks.push(`${atTicks.place}: with renewAdvanceTicks 0, plugin ${name} may renew up to a tick after the end of a reservation`);
}

function checkCapacity(endpoint: Elements, index: number, source: AgentSource, { mistakes }: Report): void {
  const { threads, concurrentCalls, concurrentRenewals, isolation, user } = endpoint;
  if (typeof threads === 'number' && typeof concurrentCalls === 'number' && typeof concurrentRenewals === 'number') {
    const capacity = threads * concurrentCalls;
    if (concurrentRenewals > capacity)
      mistakes.push({ ...source.at(['endpoints', index, 'concurrentRenewals']), reason: `is more than threads × concurrentCalls (${capacity})` });
  }
  if (user !== undefined && isolation === 'thread') mistakes.push({ ...source.at(['endpoints', index, 'user']), reason: 'is for isolation: process' });
}

function periodIn(value: unknown): Period | undefined {
  if (typeof value !== 'string') return undefined;
  const period = parsePeriod(value);
  return typeof period === 'string' ? undefined : period;
}

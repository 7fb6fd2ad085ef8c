import { type Kinds, loadKinds } from '../../../schemas/registry.ts';
import type { AgentConfig, EndpointConfig, Period } from '../../../src/agent/endpoint-config.ts';
import { INVENTORY } from './commands.ts';

/** What every life has: kinds and endpoints. */

const BUILT_IN = await loadKinds();

export const KINDS: Kinds = { ...BUILT_IN, all: BUILT_IN.all.filter(({ name }) => (INVENTORY as readonly string[]).includes(name)) };

export const TICK_MS = 30_000;

export const CONFIG: AgentConfig = {
  file: undefined,
  tick: { length: TICK_MS / 1000, unit: 'SECOND' },
  digest: { password: undefined, md5: true, nonceLifetimeMs: 300_000 },
  // Nothing is purged, so that every join can be accounted for.
  closedRetentionMs: 365 * 24 * 3_600_000,
  endpoints: [
    endpoint('alpha', { length: 10, unit: 'MINUTE' }, { concurrentRenewals: 2 }),
    endpoint('beta', { length: 5, unit: 'MINUTE' }, { concurrentRenewals: 3, renewAdvanceTicks: 3, renewRetries: 3 }),
    // Longer than a timer can be set for.
    endpoint('gamma', { length: 30, unit: 'DAY' }, {}),
    endpoint('never', { length: 0, unit: 'MINUTE' }, {}),
  ],
};

function endpoint(name: string, schedulePeriod: Period, more: Partial<EndpointConfig>): EndpointConfig {
  return {
    name,
    plugin: 'simulated',
    exportName: 'default',
    resolveFrom: '/',
    jar: 'simulated',
    mainClass: 'default',
    schedulePeriod,
    renewAdvanceTicks: 1,
    config: undefined,
    properties: {},
    description: undefined,
    isolation: 'thread',
    threads: 1,
    concurrentCalls: 4,
    concurrentRenewals: 2,
    queueLengthMax: 100,
    memoryMiB: 64,
    env: [],
    user: undefined,
    timeLimitsMs: { join: 5000, leave: 5000, modify: 5000, renew: 5000, status: 2000, find: 2000, list: 2000 },
    renewRetries: 0,
    ...more,
  };
}

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Endpoint } from '../../src/agent/endpoint.ts';
import type { EndpointConfig } from '../../src/agent/endpoint-config.ts';
import { EndpointSet } from '../../src/agent/endpoint-set.ts';
import { openPluginHost } from '../../src/agent/plugin-host/plugin-host.ts';
import type { PluginOutcome } from '../../src/protocol/plugin-calls.ts';
import { endpointConfig, INSTANCE, propertiesIn, TestLog } from './plugin-host-rig.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-endpoints-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const LIMITS = endpointConfig().timeLimitsMs;

/** Endpoints with real plugins in threads. */
async function withSet(first: EndpointConfig, run: (set: EndpointSet) => Promise<void>): Promise<void> {
  const log = new TestLog();
  const set = new EndpointSet((config) => openPluginHost(config, { instance: INSTANCE, log }), { openCount: () => 0 }, log);
  try {
    assert.deepEqual(await set.replace([first]), []);
    await run(set);
  } finally {
    await set.close(0);
  }
}

function endpointOf(set: EndpointSet): Endpoint {
  const endpoint = set.get('testing');
  assert.ok(endpoint !== undefined);
  return endpoint;
}

let joins = 0;
function joining({ host }: Endpoint, behaviour: string, more: Readonly<Record<string, string>> = {}): Promise<PluginOutcome> {
  joins += 1;
  return host.call({ operation: 'join', operationId: `${INSTANCE}-${joins}`, input: { untilMs: 0, callerProperties: { do: behaviour, ...more } } }, 600_000)
    .ended;
}

describe('a changed configuration', { concurrency: 4 }, () => {
  test('of what the plugin never sees is taken without a new plugin', () =>
    withSet(endpointConfig(), async (set) => {
      const { host } = endpointOf(set);
      const changes: readonly Partial<EndpointConfig>[] = [
        { description: 'another' },
        { schedulePeriod: { length: 2, unit: 'HOUR' } },
        { renewAdvanceTicks: 2 },
        { renewRetries: 3 },
        { timeLimitsMs: { ...LIMITS, join: 7000 } },
        { jar: 'another' },
        { mainClass: 'another' },
        { concurrentRenewals: 2 },
      ];
      for (const change of changes) {
        const config = endpointConfig(change);
        assert.deepEqual(await set.replace([config]), []);
        assert.equal(endpointOf(set).host, host, JSON.stringify(change));
        assert.deepEqual(endpointOf(set).config, config);
        assert.deepEqual(set.configured, [config]);
      }
      assert.equal((await joining(endpointOf(set), 'fine')).type, 'returned');
    }));

  test('of anything else is a new plugin', () =>
    withSet(endpointConfig(), async (set) => {
      const changes: readonly Partial<EndpointConfig>[] = [
        { queueLengthMax: 7 },
        { threads: 2 },
        { concurrentCalls: 2 },
        { memoryMiB: 65 },
        { env: ['PATH'] },
        { properties: { a: 'b' } },
        { plugin: 'null' },
        { resolveFrom: directory },
      ];
      for (const change of changes) {
        const { host } = endpointOf(set);
        assert.deepEqual(await set.replace([endpointConfig(change)]), []);
        assert.notEqual(endpointOf(set).host, host, JSON.stringify(change));
      }
    }));

  test('whose plugin reads a file that was written again is a new plugin', async () => {
    writeFileSync(join(directory, 'settings'), 'one');
    const config = endpointConfig({ config: 'settings', resolveFrom: directory });
    await withSet(config, async (set) => {
      const { host } = endpointOf(set);
      await set.replace([config]);
      assert.equal(endpointOf(set).host, host);
      writeFileSync(join(directory, 'settings'), 'two and more');
      await set.replace([config]);
      const fresh = endpointOf(set).host;
      assert.notEqual(fresh, host);
      rmSync(join(directory, 'settings'));
      assert.match((await set.replace([config])).join(), /endpoint testing: its config settings cannot be read/);
      assert.equal(endpointOf(set).host, fresh);
    });
  });

  test('lets the calls that wait for the old plugin run there', () =>
    withSet(endpointConfig(), async (set) => {
      const old = endpointOf(set);
      const running = joining(old, 'wait', { ms: '1500' });
      const waiting = [joining(old, 'fine'), joining(old, 'fine')];
      await set.replace([endpointConfig({ threads: 2 })]);
      assert.notEqual(endpointOf(set).host, old.host);
      assert.equal((await joining(old, 'fine')).type, 'refused');
      assert.equal((await joining(endpointOf(set), 'fine')).type, 'returned');
      for (const outcome of await Promise.all([running, ...waiting])) propertiesIn(outcome);
    }));

  test('does not keep a stop waiting for the calls of the plugin that it replaced', () =>
    withSet(endpointConfig(), async (set) => {
      const hanging = joining(endpointOf(set), 'hang');
      await set.replace([endpointConfig({ threads: 2 })]);
      const started = performance.now();
      const closed = set.close(100).then(() => 'closed');
      assert.equal(await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 8000).unref())]), 'closed');
      assert.ok(performance.now() - started < 5000);
      assert.equal((await hanging).type, 'died');
    }));
});

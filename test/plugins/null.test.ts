import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPluginHost } from '../../src/agent/plugin-host/plugin-host.ts';
import type { PluginCall, PluginOutcome, Properties } from '../../src/protocol/plugin-calls.ts';
import { endpointConfig, INSTANCE, TestLog, withHost } from '../agent/plugin-host-rig.ts';

test('the null plugin answers what NodeAgent2 answered, to the letter', () =>
  withHost({ plugin: 'null' }, async ({ host }) => {
    const run = (call: Omit<PluginCall, 'operationId'>): Promise<PluginOutcome> => host.call({ ...call, operationId: 'op' } as PluginCall, 5000).ended;
    const returned = (reservationId: string, properties: Properties): PluginOutcome => ({
      type: 'returned',
      answer: { status: 0, reservationId, properties, errorMessage: null },
    });
    const ids = new Set<string>();
    for (let joins = 0; joins < 200; joins++) {
      const joined = await run({ operation: 'join', input: { untilMs: 0, callerProperties: { mine: 'ignored' } } });
      const id = joined.type === 'returned' ? (joined.answer.reservationId ?? '') : '';
      assert.match(id, /^[0-9a-z]{10}$/);
      assert.deepEqual(joined, returned(id, { key1: 'val1', key2: 'val2', key3: 'string35' }));
      ids.add(id);
    }
    assert.equal(ids.size, 200);
    const reservation = { reservationId: 'r1', schedProperties: { kept: 'yes' } };
    assert.deepEqual(
      await run({ operation: 'leave', input: { ...reservation, callerProperties: {} } }),
      returned('r1', { key11: 'val11', key21: 'val21', key31: 'stgring46' }),
    );
    assert.deepEqual(
      await run({ operation: 'modify', input: { ...reservation, callerProperties: {} } }),
      returned('r1', { key12: 'val12', key22: 'val22', key32: 'String67' }),
    );
    assert.deepEqual(
      await run({ operation: 'renew', input: { ...reservation, untilMs: 0, joinProperties: {} } }),
      returned('r1', { key13: 'val13', key23: 'val23', key33: 'string78' }),
    );
    assert.deepEqual(await run({ operation: 'status', input: reservation }), returned('r1', { kept: 'yes' }));
    assert.deepEqual(await run({ operation: 'find', input: { joinOperationId: 'any' } }), { type: 'nothing' });
  }));

test('the null plugin knows what became of interrupted joins: nothing', async () => {
  const opened = await openPluginHost(endpointConfig({ plugin: 'null' }), { instance: INSTANCE, log: new TestLog() });
  assert.ok(opened.ok);
  assert.deepEqual(opened.value.features, { find: true, list: false });
  await opened.value.host.close(0);
});

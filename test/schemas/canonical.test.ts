import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { canonical, withoutNulls } from '../../schemas/canonical.ts';
import type { Kind } from '../../schemas/kind.ts';
import { loadKinds } from '../../schemas/registry.ts';
import { recordsOf } from '../store/arbitrary-records.ts';
import { fc } from '../support/properties.ts';

const kinds = await loadKinds();

function kind(name: string): Kind {
  const found = kinds.find(name);
  assert(found !== undefined, name);
  return found;
}

function text(name: string, record: Record<string, unknown>): string {
  return JSON.stringify(canonical(kind(name), record));
}

test('properties come in the order of the schema, whatever order they were sent in', () => {
  assert.equal(text('Component', { Type: 'Node', NID: 1, ID: 'x1c0' }), '{"ID":"x1c0","Type":"Node","NID":1}');
  assert.equal(text('Component', { NID: 1, ID: 'x1c0', Type: 'Node' }), '{"ID":"x1c0","Type":"Node","NID":1}');
});

test('nothing that is null, empty or secret is kept, and empty lists and texts are', () => {
  assert.equal(
    text('ComputeNode', {
      hostname: 'a',
      architecture: 'b',
      boot_data: {},
      spec: { bmc_password: 'p' },
      status: { power_state: {}, extended_data: {} },
      bmc: null,
    }),
    '{"hostname":"a","architecture":"b"}',
  );
  assert.equal(
    text('ComputeNode', { hostname: 'a', architecture: 'b', description: '', network_interfaces: [] }),
    '{"hostname":"a","architecture":"b","network_interfaces":[],"description":""}',
  );
  assert.doesNotMatch(text('BMC', { username: 'u', password: 'p', mac_address: '00-00-5E-00-53-17' }), /"p"/);
});

test('values that have several spellings get one', () => {
  assert.equal(text('BMC', { mac_address: 'AA-BB-CC-DD-EE-FF' }), '{"mac_address":"aa:bb:cc:dd:ee:ff"}');
  assert.equal(text('RedfishEndpoint', { UUID: '0192F0C4-7B1E-7C3A-9D52-3F6A1B0C8E11' }), '{"UUID":"0192f0c4-7b1e-7c3a-9d52-3f6a1b0c8e11"}');
  assert.equal(
    text('RedfishEndpoint', { DiscoveryInfo: { LastAttempt: '2026-11-22t02:10:00.10+01:00' } }),
    '{"DiscoveryInfo":{"LastAttempt":"2026-11-22T01:10:00.1Z"}}',
  );
  assert.equal(text('Component', { NID: -0 }), '{"NID":0}');
});

test('free-form objects are kept as they are, nulls and empty objects inside them too', () => {
  const extended_data = { z: null, a: {}, m: [null, {}, []], '': '' };
  assert.equal(text('ComputeNode', { status: { extended_data } }), `{"status":{"extended_data":${JSON.stringify(extended_data)}}}`);
});

test('elements of a list stay in their places, also when nothing is left in them', () => {
  const network_interfaces = [{ interface_name: 'a', extended_data: {} }, { extended_data: {} }, { mac_address: 'AA-BB-CC-DD-EE-FF' }];
  assert.equal(text('ComputeNode', { network_interfaces }), '{"network_interfaces":[{"interface_name":"a"},{},{"mac_address":"aa:bb:cc:dd:ee:ff"}]}');
});

test('nulls are taken out of what a client sends where the schema describes it, and only there', () => {
  const record = {
    hostname: 'a',
    bmc: null,
    status: { power_state: null, extended_data: { a: null } },
    network_interfaces: [{ serial: null, extended_data: { b: null } }, null],
  };
  assert.deepEqual(withoutNulls(kind('ComputeNode'), record), {
    hostname: 'a',
    status: { extended_data: { a: null } },
    network_interfaces: [{ extended_data: { b: null } }, null],
  });
});

for (const { name } of kinds.all) {
  test(`the canonical form of a valid ${name} is valid, is its own canonical form, and leaves the record alone`, () => {
    fc.assert(
      fc.property(recordsOf(kind(name)), (record) => {
        fc.pre(kinds.check(kind(name), record).length === 0);
        const before = JSON.stringify(record);
        const once = canonical(kind(name), record);
        assert.equal(JSON.stringify(record), before);
        assert.equal(JSON.stringify(canonical(kind(name), once)), JSON.stringify(once));
        assert.equal(JSON.stringify(canonical(kind(name), JSON.parse(JSON.stringify(once)) as Record<string, unknown>)), JSON.stringify(once));
        assert.deepEqual(kinds.check(kind(name), once), []);
      }),
    );
  });
}

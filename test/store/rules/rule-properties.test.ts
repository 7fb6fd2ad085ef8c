import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { renewDeadlineOf, untilOf, untilOfDeadline } from '../../../src/agent/endpoint.ts';
import type { ReservationImage, ReservationStep } from '../../../src/protocol/reservations.ts';
import { afterStep, TRANSITIONS } from '../../../src/store/reservations/transitions.ts';
import { superfluous } from '../../../src/store/retention.ts';
import { SimulatedDisk } from '../../torture/disk/simulated-disk.ts';
import { plainTables } from '../../torture/plain-tables.ts';
import { CONFIG, TICK_MS } from '../../torture/simulation/site.ts';
import { seedOfTests } from '../../torture/torture.ts';
import { type Fields, KEEP_ALL, onlyKinds, Rig, value } from '../rig.ts';

/** What must hold of each rule whatever comes, one property for each. */

const KINDS = onlyKinds('ComputeNode', 'BMC', 'NodeCollection');
const SEED = seedOfTests();
const RUNS = { seed: SEED, numRuns: 40 };

async function store(): Promise<Rig> {
  const files = new SimulatedDisk().files();
  return await Rig.open('/data', { kinds: KINDS, files, openWorkingSet: plainTables(files) });
}

const zeros = fc.constantFrom('', '0', '00');
/** A few places in every spelling. */
const nodeXname = fc.tuple(zeros, fc.nat(3), fc.nat(1), zeros, fc.nat(1)).map(([a, slot, bmc, b, node]) => `x1000c0s${a}${slot}b${b}${bmc}n${node}`);
const mac = fc.tuple(fc.nat(5), fc.constantFrom(':', '-'), fc.boolean()).map(([last, between, isUpper]) => {
  const text = ['02', '00', '5e', '00', '53', `a${last}`].join(between);
  return isUpper ? text.toUpperCase() : text;
});
const place = (xname: string): string => xname.replaceAll(/\d+/g, (digits) => String(Number(digits)));
const address = (text: string): string => text.toLowerCase().replaceAll('-', ':');

function node(more: Fields): Fields {
  return { hostname: 'nid', architecture: 'x86_64', ...more };
}

async function all(rig: Rig, kind: string): Promise<readonly Fields[]> {
  return await rig.found(kind);
}

test('a node has the BMC that its xname implies, and places have one BMC each, however they are spelled', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(nodeXname, { minLength: 1, maxLength: 8 }), async (xnames) => {
      const rig = await store();
      for (const xname of xnames) await rig.create('ComputeNode', node({ xname }));
      const bmcs = await all(rig, 'BMC');
      const places = new Set(xnames.map((xname) => place(xname).replace(/n\d$/, '')));
      assert.deepEqual(new Set(bmcs.map((bmc) => place(String(bmc['xname'])))), places);
      assert.equal(bmcs.length, places.size);
      for (const each of await all(rig, 'ComputeNode')) {
        assert.equal(place(String((each['bmc'] as Fields)['xname'])), place(String(each['xname'])).replace(/n\d$/, ''));
      }
    }),
    RUNS,
  );
});

test('a value that is unique is taken in every spelling of it, and free again when its record has gone', async () => {
  const change = fc.record({ boot_mac: mac, isRemoval: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
      const rig = await store();
      const taken = new Set<string>();
      for (const { boot_mac, isRemoval } of changes) {
        const known = taken.has(address(boot_mac));
        const answer = isRemoval ? await rig.remove('ComputeNode', boot_mac) : await rig.create('ComputeNode', node({ boot_mac }));
        const code = answer.ok ? 'done' : answer.fault.code;
        assert.equal(code, isRemoval ? (known ? 'done' : 'not-found') : known ? 'conflict' : 'done');
        if (isRemoval) taken.delete(address(boot_mac));
        else taken.add(address(boot_mac));
      }
    }),
    RUNS,
  );
});

test('no node is in two partitions or in two tenants, and nothing is refused that would not have broken that', async () => {
  const collection = fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    type: fc.constantFrom('partition', 'tenant', 'job', 'ad-hoc'),
    nodes: fc.array(nodeXname, { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(collection, { minLength: 1, maxLength: 12 }), async (collections) => {
      const rig = await store();
      const model = new Map<string, { type: string; nodes: Set<string> }>();
      for (const { name, type, nodes } of collections) {
        const places = new Set(nodes.map(place));
        const isShared = [...model].some(([other, kept]) => other !== name && kept.type === type && [...places].some((each) => kept.nodes.has(each)));
        const isRefused = isShared && (type === 'partition' || type === 'tenant');
        const answer = await rig.replace('NodeCollection', name, { name, type, nodes }, { upsert: true });
        assert.equal(answer.ok ? 'done' : answer.fault.code, isRefused ? 'conflict' : 'done');
        if (!isRefused) model.set(name, { type, nodes: places });
      }
    }),
    RUNS,
  );
});

test('a BMC that nodes have goes by force only, and then they do not have it any more', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(nodeXname, { minLength: 1, maxLength: 6 }), fc.boolean(), async (xnames, force) => {
      const rig = await store();
      for (const xname of xnames) await rig.create('ComputeNode', node({ xname }));
      for (const { id } of await all(rig, 'BMC')) assert.equal((await rig.remove('BMC', String(id), { force })).ok, force);
      for (const each of await all(rig, 'ComputeNode')) assert.equal(each['bmc'] === undefined, force);
    }),
    RUNS,
  );
});

test('a write with If-Match is made when the record has one of those revisions, and only then', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.nat(8), { maxLength: 4 }), { minLength: 1, maxLength: 8 }), async (conditions) => {
      const rig = await store();
      let { revision } = await rig.created('ComputeNode', node({ boot_mac: '02:00:00:00:00:01' }));
      for (const [index, ifMatch] of conditions.entries()) {
        const answer = await rig.patch('ComputeNode', '02:00:00:00:00:01', { hostname: `nid${index}` }, { ifMatch });
        assert.equal(answer.ok ? 'done' : answer.fault.code, ifMatch.includes(revision) ? 'done' : 'precondition-failed');
        if (answer.ok) revision = answer.value.stored[0]?.revision ?? 0;
      }
    }),
    RUNS,
  );
});

test('a request that comes again under its idempotency key changes nothing, and another one under it is refused', async () => {
  const request = fc.record({ key: fc.constantFrom('k1', 'k2', 'k3'), requestHash: fc.constantFrom('a', 'b') });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 10 }), async (requests) => {
      const rig = await store();
      const answered = new Map<string, { readonly requestHash: string; readonly body: string }>();
      for (const idempotency of requests) {
        const earlier = answered.get(idempotency.key);
        const before = rig.status.sequence;
        const answer = await rig.create('ComputeNode', node({}), { idempotency });
        if (earlier === undefined) {
          const [stored] = (value(answer) as { stored: readonly { key: string }[] }).stored;
          answered.set(idempotency.key, { ...idempotency, body: (await rig.image('ComputeNode', stored?.key ?? ''))?.text ?? '' });
          continue;
        }
        assert.equal(rig.status.sequence, before);
        if (earlier.requestHash !== idempotency.requestHash) assert.equal(!answer.ok && answer.fault.code, 'idempotency-mismatch');
        else assert.equal(Buffer.from((value(answer) as { replay: { body: Uint8Array } }).replay.body).toString('utf8'), earlier.body);
      }
    }),
    RUNS,
  );
});

test('retention never takes the two newest snapshots, nor more than the newest that it is to keep', () => {
  const snapshot = fc.record({ timeMs: fc.integer({ min: 0, max: 10_000_000_000 }), sequence: fc.nat(1_000_000) });
  const snapshots = fc.uniqueArray(snapshot, { maxLength: 30, selector: ({ sequence }) => sequence });
  const rules = fc.record({ newest: fc.nat(6), hourly: fc.nat(5), daily: fc.nat(5), weekly: fc.nat(5) });
  fc.assert(
    fc.property(snapshots, rules, (taken, wanted) => {
      const named = taken.map((each) => ({ ...each, name: String(each.sequence) }));
      const gone = new Set(superfluous(named, { ...KEEP_ALL, ...wanted }));
      const newestFirst = [...named].sort((a, b) => b.sequence - a.sequence);
      for (const { name } of newestFirst.slice(0, Math.max(2, wanted.newest))) assert(!gone.has(name));
      const { newest, hourly, daily, weekly } = wanted;
      assert(named.length - gone.size <= Math.max(2, newest) + hourly + daily + weekly);
    }),
    { ...RUNS, numRuns: 300 },
  );
});

const STEPS = Object.keys(TRANSITIONS) as ReservationStep['step'][];

test('whatever steps come, a reservation begins with a join or a take-over, what is closed stays closed, and an id is held while it is open', () => {
  const steps = fc.array(fc.record({ step: fc.constantFrom(...STEPS), isLast: fc.boolean() }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(steps, (wanted) => {
      let image: ReservationImage | undefined;
      for (const [index, { step, isLast }] of wanted.entries()) {
        const operationId = isLast ? (image?.calls?.at(-1)?.operation_id ?? 'none') : `operation-${index}`;
        const after = afterStep(image, { key: 'key', step, operationId, endpoint: 'oscars', reservationId: 'r1' }, '2026-11-22T02:10:00Z');
        if (!after.ok) continue;
        if (image === undefined) assert(step === 'join.begin' || step === 'take-over', step);
        if (image?.state === 'closed') assert.equal(step, 'purge');
        image = after.value as ReservationImage | undefined;
        const isOpen = image !== undefined && image.state !== 'closed' && image.state !== 'orphaned';
        if (isOpen && image?.reservation_id !== undefined) assert.equal(image.held_as, 'oscars/r1');
        if (!isOpen) assert.equal(image?.held_as ?? image?.renew_deadline, undefined);
      }
    }),
    { ...RUNS, numRuns: 300 },
  );
});

test('a reservation falls due before its end by the ticks that its endpoint says, and the end follows from when it falls due', () => {
  const [base] = CONFIG.endpoints;
  assert(base !== undefined);
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.integer({ min: 0, max: 10 }), fc.nat(2_000_000_000_000), (length, renewAdvanceTicks, nowMs) => {
      const config = { ...base, schedulePeriod: { length, unit: 'SECOND' } as const, renewAdvanceTicks };
      const untilMs = untilOf(config, nowMs);
      const deadlineMs = renewDeadlineOf(config, TICK_MS, untilMs);
      assert.equal(deadlineMs === null, length === 0);
      if (deadlineMs === null) return;
      assert(deadlineMs < untilMs && untilMs - deadlineMs > renewAdvanceTicks * TICK_MS);
      assert.equal(untilOfDeadline(config, TICK_MS, deadlineMs), untilMs);
    }),
    { ...RUNS, numRuns: 300 },
  );
});

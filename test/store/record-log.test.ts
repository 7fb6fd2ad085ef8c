import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import type { RecordView } from '../../src/dispatch/record-view.ts';
import { RecordReader } from '../../src/protocol/record-reader.ts';
import { PHASE, type Shown } from '../../src/protocol/shared-memory.ts';
import { addressOf, NOWHERE, offsetOf, RECORD_BYTES_MAX, SLAB_BYTES, SLABS_MAX, slabIndexOf, UNIT_BYTES } from '../../src/protocol/slab.ts';
import { KeyIndex } from '../../src/store/key-index.ts';
import { RecordLog } from '../../src/store/record-log.ts';
import { SharedMemory } from '../../src/store/shared-memory.ts';
import { type Fields, fault, onlyKinds, Rig, type RigOptions, temporaryFolder, value, withRig } from './rig.ts';

const OPTIONS: RigOptions = { kinds: onlyKinds('NodeCollection') };
const RECORDS = 60;
const RECORD_BYTES = 256 * 1024;

function collection(number: number, round: number): Fields {
  return { name: `c${number}`, type: 'job', nodes: [], cloud_init_data: { data: `${round}:`.padEnd(RECORD_BYTES, '-') } };
}

function contentOf(view: RecordView): ReadonlyMap<string, string> {
  const content = new Map<string, string>();
  for (const location of view.locationsOf('NodeCollection')) {
    const { bytes, revision } = view.imageAt(location);
    const { name, cloud_init_data } = JSON.parse(bytes.toString('utf8')) as { name: string; cloud_init_data: { data: string } };
    content.set(name, `${revision} ${cloud_init_data.data.slice(0, cloud_init_data.data.indexOf(':'))} ${cloud_init_data.data.length}`);
  }
  return content;
}

test('garbage is compacted away while every image stays what it is, and a pinned view still reads what it has', async () => {
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    const rounds = new Map<string, number>();
    value(
      await rig.bulk(
        'NodeCollection',
        Array.from({ length: RECORDS }, (_, number) => collection(number, 0)),
      ),
    );
    for (let number = 0; number < RECORDS; number++) rounds.set(`c${number}`, 0);
    const pinned = rig.view.pinned();
    const locations = rig.view.locationsOf('NodeCollection');
    const then = [...locations].map((location) => pinned.imageAt(location).bytes.toString('latin1', 0, 400));
    // Every third stays where it is, so that no slab becomes empty by itself.
    for (let round = 1; round <= 6; round++) {
      for (let number = 0; number < RECORDS; number++) {
        if (number % 3 === 0) continue;
        value(await rig.replace('NodeCollection', `c${number}`, collection(number, round)));
        rounds.set(`c${number}`, round);
      }
      value(await rig.remove('NodeCollection', `c${round}`));
      value(await rig.create('NodeCollection', collection(round, round)));
      rounds.set(`c${round}`, round);
    }
    const before = rig.status;
    assert(before.recordLogGarbageBytes > SLAB_BYTES, `${before.recordLogGarbageBytes} bytes of garbage`);
    const content = contentOf(rig.view);
    for (const [name, round] of rounds) assert.match(content.get(name) ?? '', new RegExp(` ${round} ${RECORD_BYTES}$`), name);
    let moved = 0;
    for (;;) {
      const { movedBytes } = await rig.query('store.compact', {});
      if (movedBytes === 0) break;
      moved += movedBytes;
      assert.deepEqual(contentOf(rig.view), content, 'after every step');
    }
    assert(moved > 0);
    const after = rig.status;
    assert.equal(after.recordLogLiveBytes, before.recordLogLiveBytes);
    assert(after.recordLogGarbageBytes < before.recordLogGarbageBytes / 2, `${after.recordLogGarbageBytes} of ${before.recordLogGarbageBytes}`);
    assert(rig.replies.flatMap(({ releasedSlabs }) => releasedSlabs).length > 0, 'slabs were let go');
    for (const [index, location] of locations.entries()) assert.equal(pinned.imageAt(location).bytes.toString('latin1', 0, 400), then[index]);
    for (const name of rounds.keys()) {
      const image = await rig.image('NodeCollection', name);
      assert.equal(rig.view.imageAt(rig.view.locationOf('NodeCollection', image?.key ?? '') ?? -1).bytes.toString('utf8'), image?.text);
    }
    // New writes use the room, and what they write is found.
    value(await rig.replace('NodeCollection', 'c0', collection(0, 99)));
    await withRig(rig.another(), async (other) => assert.deepEqual(contentOf(other.view), contentOf(rig.view)));
  });
});

test('what is compacted between a write and the moment that the tables take it is in the tables as it was written', async () => {
  await withRig(Rig.open(temporaryFolder(), OPTIONS), async (rig) => {
    for (const round of [0, 1]) {
      value(
        await rig.bulk(
          'NodeCollection',
          Array.from({ length: RECORDS }, (_, number) => collection(number, round)).filter((_, number) => round === 0 || number % 3 !== 0),
          round === 1,
        ),
      );
    }
    let moved = 0;
    for (let bytes = -1; bytes !== 0; moved += bytes) bytes = (await rig.query('store.compact', {})).movedBytes;
    assert(moved > 0 && rig.status.unappliedChanges > RECORDS);
    await rig.snapshot();
    await withRig(rig.another(), async (other) => assert.deepEqual(contentOf(other.view), contentOf(rig.view)));
  });
});

test('the view merged from replies is what the owner has, whatever comes between', async () => {
  await withRig(Rig.open(temporaryFolder(), { kinds: onlyKinds('Component') }), async (rig) => {
    let state = 12_345;
    const below = (limit: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state % limit;
    };
    const names = Array.from({ length: 50 }, (_, index) => `x${index}c0`);
    const expected = new Map<string, string>();
    for (let step = 0; step < 600; step++) {
      const name = names[below(names.length)] ?? '';
      const subtype = `step ${step} `.padEnd(below(200), '.');
      switch (below(5)) {
        case 0:
          if ((await rig.remove('Component', name)).ok) expected.delete(name);
          break;
        case 1:
          if ((await rig.create('Component', { ID: name, Type: 'Node', Subtype: subtype })).ok) expected.set(name, subtype);
          break;
        case 2:
          if ((await rig.patch('Component', name, { Subtype: subtype })).ok) expected.set(name, subtype);
          break;
        case 3:
          await rig.query('store.compact', {});
          break;
        default:
          value(await rig.replace('Component', name, { ID: name, Type: 'Node', Subtype: subtype }, { upsert: true }));
          expected.set(name, subtype);
      }
      if (step % 100 !== 99) continue;
      const seen = [...rig.images().values()].map((image) => JSON.parse(image.slice(image.indexOf(' '))) as Fields);
      for (const { ID, Subtype } of seen) assert.equal(Subtype, expected.get(String(ID)));
      assert.equal(seen.length, expected.size);
      assert.deepEqual(new Map((await rig.found('Component')).map(({ ID, Subtype }) => [ID, Subtype])), new Map(seen.map(({ ID, Subtype }) => [ID, Subtype])));
      assert.equal(rig.status.records['Component'], expected.size);
    }
  });
});

test('a slab is let go when nothing in it is current, and its index is not given out before all others have been', () => {
  const memory = new SharedMemory();
  const log = new RecordLog(memory);
  const shown: Shown[] = [];
  memory.show({ postMessage: (slab) => shown.push(slab) });
  const indices = (): number[] => shown.splice(0).flatMap((each) => (each.type === 'slab' ? [each.index] : []));
  const image = new Uint8Array(SLAB_BYTES / 4 - 64);
  const first = [1, 2, 3, 4].map((revision) => log.putBytes(image, revision, 'key'));
  log.putBytes(image, 5, 'key');
  assert.deepEqual(log.takeReleased(), []);
  assert.deepEqual(indices(), [0, 1]);
  for (const location of first) log.forget(location);
  assert.deepEqual(log.takeReleased(), [0]);
  for (let revision = 6; revision < 14; revision++) log.putBytes(image, revision, 'key');
  assert.deepEqual(indices(), [2, 3]);
  assert.equal(log.liveBytes, 9 * (SLAB_BYTES / 4 - 32));
});

test('an index that comes again is another slab: who has an address of the one before does not find in it what came long after', () => {
  const memory = new SharedMemory();
  const log = new RecordLog(memory, 3);
  const index = new KeyIndex(OPTIONS.kinds?.all ?? [], [], memory, log);
  const [reader, late] = [new RecordReader(), new RecordReader()];
  const ports = [reader, late].map((each) => {
    const { port1, port2 } = new MessageChannel();
    memory.show(port1);
    each.follow(port2);
    return port2;
  });
  memory.control.phase = PHASE.filled;
  const kind = 'NodeCollection';
  const image = (text: string): string => `{"name":"${text}","more":"${text.repeat(RECORD_BYTES_MAX - 22)}"}`;
  const publish = (key: string, location: number): void =>
    index.publish([{ kind, key, location }], (_change, before) => before !== undefined && log.forget(before));
  // Each has a slab for itself, and seven rounds use each index again and again.
  let revision = 0;
  let first = { location: NOWHERE, images: reader.pinned() };
  for (let round = 0; round < 7; round++) {
    for (const key of ['a', 'b']) {
      revision += 1;
      const location = log.put(image(key), revision, key);
      assert.equal(slabIndexOf(location), (revision - 1) % 3, 'the indices come in turn');
      publish(key, location);
      assert.equal(reader.locate(kind, key), location);
      assert.equal(reader.imageAt(location).revision, revision);
      assert.equal(reader.imageAt(location).bytes.toString('latin1', 0, 10), image(key).slice(0, 10));
      if (revision === 1) first = { location, images: reader.pinned() };
    }
  }
  assert.equal(first.images.imageAt(first.location).revision, 1, 'what was pinned is there');
  assert.equal(reader.imageAt(first.location).revision, 13, 'though the address is one of another slab now');
  // This one has not looked since there was nothing.
  for (const [key, last] of [
    ['a', 13],
    ['b', 14],
  ] as const)
    assert.equal(late.imageAt(late.locate(kind, key)).revision, last);
  assert.deepEqual(log.takeReleased().slice(0, 3), [0, 1, 2]);
  const third = log.put(image('c'), 99, 'c');
  publish('c', third);
  assert.throws(() => log.put(image('d'), 100, 'd'), /the record log is full: 3 slabs/);
  for (const key of ['a', 'b', 'c']) publish(key, NOWHERE);
  assert.equal(log.liveBytes, 0);
  for (const port of ports) port.close();
});

test('an address names the last record of the last slab, and is one small integer', () => {
  const last = addressOf(SLABS_MAX - 1, SLAB_BYTES - UNIT_BYTES);
  assert.equal(last, 2 ** 31 - 1);
  assert.deepEqual([slabIndexOf(last), offsetOf(last)], [SLABS_MAX - 1, SLAB_BYTES - UNIT_BYTES]);
  for (const slab of [0, 1, 1023, 1024, SLABS_MAX - 1]) {
    for (const offset of [0, UNIT_BYTES, SLAB_BYTES / 2, SLAB_BYTES - UNIT_BYTES]) {
      const address = addressOf(slab, offset);
      assert.deepEqual([slabIndexOf(address), offsetOf(address)], [slab, offset]);
    }
  }
});

test('a reader made before a slab was let go still reads there', () => {
  const log = new RecordLog();
  const location = log.put('{"a":1}', 1, 'a');
  const read = log.reader();
  log.put('x'.repeat(SLAB_BYTES / 2 - 100), 2, 'b');
  log.put('x'.repeat(SLAB_BYTES / 2 - 100), 3, 'c');
  log.forget(location);
  assert.equal(read(location).toString('utf8'), '{"a":1}');
  assert.equal(log.revisionAt(log.put('漢😀', 7, 'd')), 7);
});

test('a record is known by its key, wherever that stands and however JSON spells it', () => {
  const log = new RecordLog();
  const keys = ['', 'x0c0', 'a"b', '\\', '\u0001', '\ud800', '漢😀', '\u007f', 'Übung', '"', '\\"', 'k'.repeat(300)];
  for (const [index, key] of keys.entries()) {
    const images = [JSON.stringify({ id: key, a: 1 }), JSON.stringify({ a: key, id: key }), JSON.stringify({ n: 1, id: key }), '{}'];
    const locations = [...images.map((image) => log.put(image, index, key)), ...images.map((image) => log.putBytes(Buffer.from(image), index, key))];
    locations.push(log.putStub(key));
    for (const [position, location] of locations.entries()) {
      assert.equal(log.keyAt(location), key);
      for (const other of keys) assert.equal(log.hasKey(location, other), other === key, `${JSON.stringify(other)} for ${JSON.stringify(key)}`);
      assert.equal(log.imageAt(location).toString(), images[position % images.length] === undefined || position === 8 ? '' : images[position % 4]);
      assert.equal(log.isStub(location), position === 8);
    }
    for (const location of locations) log.forget(location);
  }
  assert.equal(log.liveBytes, 0);
});

test('when there is no room for more images, what grows is refused, reads and deletions go on, and a start finds everything', async () => {
  const options: RigOptions = { ...OPTIONS, limits: { recordLogSlabsMax: 4 } };
  await withRig(Rig.open(temporaryFolder(), options), async (rig) => {
    let count = 0;
    for (let made = await rig.create('NodeCollection', collection(count, 0)); made.ok; made = await rig.create('NodeCollection', collection(count, 0)))
      count += 1;
    assert(count > 100, `${count} records`);
    const refusals = [await rig.create('NodeCollection', collection(count, 0)), await rig.replace('NodeCollection', 'c0', collection(0, 1))];
    await assert.rejects(rig.bulk('NodeCollection', [collection(count, 0), collection(count + 1, 0)]), /not-durable/);
    for (const refused of refusals) assert.match(fault(refused, 'not-durable').detail, /no room in memory/);
    assert.deepEqual([rig.status.fatal, rig.status.recordLogFull], [undefined, true]);
    assert.equal(contentOf(rig.view).size, count);
    const another = await rig.another();
    await withRig(Promise.resolve(another), async (other) => {
      assert.deepEqual(contentOf(other.view), contentOf(rig.view));
      fault(await other.create('NodeCollection', collection(count, 0)), 'not-durable');
    });
    // A sixth of each slab, so that none becomes empty by itself.
    for (let number = 0; number < count; number += 6) value(await rig.remove('NodeCollection', `c${number}`));
    fault(await rig.create('NodeCollection', collection(count, 0)), 'not-durable');
    for (let bytes = -1; bytes !== 0; ) bytes = (await rig.query('store.compact', {})).movedBytes;
    assert.equal(rig.status.recordLogFull, undefined);
    value(await rig.create('NodeCollection', collection(count, 0)));
    await withRig(rig.another(), async (other) => assert.deepEqual(contentOf(other.view), contentOf(rig.view)));
  });
});

test('when there is no room for more secrets, they are refused, what has none is not, and deletions make room', async () => {
  const options: RigOptions = { kinds: onlyKinds('NodeCollection', 'RedfishEndpoint'), limits: { secretsBytesMax: 2 * 1024 * 1024 } };
  const endpoint = (number: number) => ({ ID: `x${number}c0`, Password: 'p'.repeat(900) });
  await withRig(Rig.open(temporaryFolder(), options), async (rig) => {
    let count = 0;
    for (let made = await rig.create('RedfishEndpoint', endpoint(count)); made.ok; made = await rig.create('RedfishEndpoint', endpoint(count))) count += 1;
    assert(count > 500, `${count} records`);
    const refusals = [await rig.create('RedfishEndpoint', endpoint(count)), await rig.patch('RedfishEndpoint', 'x0c0', { Password: 'another' })];
    for (const refused of refusals) assert.match(fault(refused, 'not-durable').detail, /no room in memory for more secrets/);
    assert.equal(rig.status.fatal, undefined);
    await withRig(rig.another(), async (other) => void fault(await other.create('RedfishEndpoint', endpoint(count)), 'not-durable'));
    value(await rig.patch('RedfishEndpoint', 'x0c0', { Password: null }));
    value(await rig.create('NodeCollection', collection(0, 0)));
    for (let number = 1; number < count; number++) value(await rig.remove('RedfishEndpoint', `x${number}c0`));
    value(await rig.create('RedfishEndpoint', endpoint(count)));
  });
});

test('one bulk brings no more secrets than there is room for', async () => {
  const options: RigOptions = { kinds: onlyKinds('RedfishEndpoint'), limits: { secretsBytesMax: 2 * 1024 * 1024 } };
  const endpoints = (count: number) => Array.from({ length: count }, (_, number) => ({ ID: `x${number}c0`, Password: 'p'.repeat(900) }));
  await withRig(Rig.open(temporaryFolder(), options), async (rig) => {
    await assert.rejects(rig.bulk('RedfishEndpoint', endpoints(4000)), /not-durable: element \d+: there is no room in memory for more secrets/);
    value(await rig.bulk('RedfishEndpoint', endpoints(1000)));
    assert.equal(rig.images().size, 1000);
  });
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { RecordView } from '../../src/dispatch/record-view.ts';
import { SLAB_BYTES } from '../../src/protocol/slab.ts';
import { RecordLog } from '../../src/store/record-log.ts';
import { type Fields, onlyKinds, Rig, type RigOptions, temporaryFolder, value, withRig } from './rig.ts';

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

test('a slab is let go when nothing in it is current, and its index is not given out before that was told', () => {
  const log = new RecordLog();
  const image = new Uint8Array(SLAB_BYTES / 4 - 16);
  const first = [1, 2, 3, 4].map((revision) => log.putBytes(image, revision));
  log.putBytes(image, 5);
  assert.deepEqual(log.takeNews().released, []);
  for (const location of first) log.forget(location);
  // Released, not told yet: the next slab needs another index.
  for (let revision = 6; revision < 10; revision++) log.putBytes(image, revision);
  const news = log.takeNews();
  assert.deepEqual(news.released, [0]);
  assert.deepEqual(
    news.slabs.map(({ index }) => index),
    [2],
  );
  for (let revision = 10; revision < 14; revision++) log.putBytes(image, revision);
  assert.deepEqual(
    log.takeNews().slabs.map(({ index }) => index),
    [0],
  );
  assert.equal(log.liveBytes, 9 * (SLAB_BYTES / 4));
});

test('a reader made before a slab was let go still reads there', () => {
  const log = new RecordLog();
  const location = log.put('{"a":1}', 1);
  const read = log.reader();
  log.put('x'.repeat(SLAB_BYTES / 2), 2);
  log.put('x'.repeat(SLAB_BYTES / 2), 3);
  log.forget(location);
  assert.equal(read(location).toString('utf8'), '{"a":1}');
  assert.equal(log.revisionAt(log.put('漢😀', 7)), 7);
});

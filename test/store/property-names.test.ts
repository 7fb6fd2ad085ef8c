import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadKinds } from '../../schemas/registry.ts';
import { type Fields, Rig, temporaryFolder, value, withRig } from './rig.ts';

/** A site may name its properties as the store's own SQL names something: snapshots, and starts from them, are as with any other name. */

const BOOKKEEPING = {
  created_at: { type: 'string', format: 'date-time', readOnly: true },
  updated_at: { type: 'string', format: 'date-time', readOnly: true },
  revision: { type: 'integer', readOnly: true },
};
const RACKS = 200;

async function withRacks(key: string, property: string): Promise<Rig> {
  const folder = temporaryFolder();
  const properties = { [key]: { type: 'string' }, [property]: { type: 'string' }, ...BOOKKEEPING };
  writeFileSync(join(folder, 'Rack.json'), JSON.stringify({ 'x-holdfast': { key }, type: 'object', additionalProperties: false, properties }));
  const kinds = await loadKinds(folder);
  const rig = await Rig.open(temporaryFolder(), { kinds: { ...kinds, all: kinds.all.filter(({ name }) => name === 'Rack') }, limits: { stretchRows: 40 } });
  const rack = (index: number): Fields => ({ [key]: `r${1000 + index}`, [property]: `value ${index % 3}` });
  value(
    await rig.bulk(
      'Rack',
      Array.from({ length: RACKS }, (_, index) => rack(index)),
    ),
  );
  return rig;
}

for (const name of ['place', 'key', 'is_behind', 'file_row_number', 'images', 'image']) {
  test(`a property or a key may be named ${name}`, async () => {
    for (const [key, property] of [
      ['id', name],
      [name, 'remark'],
    ] as const) {
      const rig = await withRacks(key, property);
      await rig.snapshot();
      value(await rig.patch('Rack', 'r1007', { [property]: 'changed' }));
      await rig.snapshot();
      value(await rig.patch('Rack', 'r1008', { [property]: 'changed behind it' }));
      const images = rig.images();
      assert.equal(images.size, RACKS);
      await withRig(rig.restart(), async (other) => {
        assert.deepEqual(other.images(), images);
        assert.equal((await other.found('Rack')).length, RACKS);
        value(await other.patch('Rack', 'r1009', { [property]: 'and after the start' }));
      });
    }
  });
}

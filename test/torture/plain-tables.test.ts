import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { realFiles } from '../../src/store/files.ts';
import { onlyKinds, Rig, type RigOptions, temporaryFolder, value, withRig } from '../store/rig.ts';
import { plainTables } from './plain-tables.ts';

const KINDS = onlyKinds('ComputeNode', 'BMC', 'NodeCollection');
const PLAIN: RigOptions = { kinds: KINDS, openWorkingSet: plainTables(realFiles) };

async function write(rig: Rig): Promise<void> {
  for (let number = 1; number <= 12; number++) await rig.created('ComputeNode', node(number));
  value(await rig.patch('ComputeNode', 'x1000c0s5b0n0', { hostname: 'renamed' }));
  await rig.snapshot();
  value(await rig.bulk('ComputeNode', [node(20), node(21)]));
  value(await rig.remove('ComputeNode', 'x1000c0s3b0n0'));
}

function node(number: number): Record<string, unknown> {
  return { xname: `x1000c0s${number}b0n0`, hostname: `nid${number}`, architecture: number % 2 === 0 ? 'x86_64' : 'aarch64' };
}

test('a store on plain tables remembers and finds what one on DuckDB does', async () => {
  const seen: unknown[] = [];
  for (const options of [PLAIN, { kinds: KINDS }]) {
    const rig = await Rig.open(temporaryFolder(), options);
    await write(rig);
    const images = rig.images();
    await withRig(rig.restart(), async (again) => {
      assert.deepEqual(again.images(), images);
      const find = async (more: object): Promise<unknown> => {
        const { locations, ...rest } = await again.query('record.find', { kind: 'ComputeNode', conditions: [], sort: [], count: true, ...more });
        return { ...rest, hostnames: [...locations].map((at) => JSON.parse(again.view.imageAt(at).bytes.toString('utf8'))['hostname']) };
      };
      const sort = [{ path: ['hostname'], descending: true }];
      seen.push([
        await find({ sort }),
        await find({ sort: [...sort], limit: 3 }).then((page) => (page as { hostnames: unknown }).hostnames),
        await find({ sort, conditions: [{ path: ['architecture'], operator: 'equal', values: ['x86_64'] }] }),
        await find({ sort, conditions: [{ path: ['hostname'], operator: 'gt', values: ['nid3'] }] }),
        await find({ sort, conditions: [{ path: ['description'], operator: 'missing', values: [] }] }),
      ]);
    });
  }
  assert.deepEqual(seen[0], seen[1]);
});

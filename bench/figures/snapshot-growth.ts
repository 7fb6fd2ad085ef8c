import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from '../figure.ts';
import { callWell } from '../http.ts';
import { Prng } from '../prng.ts';
import type { Site, Snapshot } from '../site.ts';

/** The record size of ZFS, which is also what most tools that look for equal blocks take. */
const BLOCK_BYTES = 128 * 1024;
const CHANGED_SHARE = 0.01;
const PATCHES_AT_ONCE = 64;
const MIB = 1024 ** 2;

/**
 * What one more snapshot takes on a disk that keeps equal blocks once: after 1 % of the nodes were switched on or off (the
 * figure), got another description, or were added. Beside it the changed records themselves, as JSON.
 */
export async function measureSnapshotGrowth(site: Site): Promise<readonly Figure[]> {
  const blocks = new Set<string>();
  const first = (await site.takeSnapshot()).snapshot;
  const wholeMiB = newMiB(first, blocks);
  const switched = await patched(site, (index) => ({
    status: { power_state: { on: index % 2 === 0, last_updated: new Date(Date.UTC(2026, 10, 22) + index * 977).toISOString() } },
  }));
  const switchedMiB = newMiB((await site.takeSnapshot()).snapshot, blocks);
  await patched(site, (index) => ({ description: `Moved on day ${index * 7}.` }));
  const describedMiB = newMiB((await site.takeSnapshot()).snapshot, blocks);
  await added(site);
  const addedMiB = newMiB((await site.takeSnapshot()).snapshot, blocks);
  return [
    {
      figure: 'snapshot-growth',
      value: switchedMiB,
      unit: 'MiB',
      better: 'lower',
      limit: { what: 'the changed records as JSON', value: switched / MIB },
      runs: 1,
      details: { blockKiB: BLOCK_BYTES / 1024, wholeMiB, describedMiB, addedMiB },
    },
  ];
}

/** The bytes of those of its blocks that none before had. */
function newMiB({ folder }: Snapshot, blocks: Set<string>): number {
  let fresh = 0;
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name));
    for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
      const block = bytes.subarray(start, start + BLOCK_BYTES);
      const hash = createHash('sha256').update(block).digest('base64');
      if (!blocks.has(hash)) fresh += block.length;
      blocks.add(hash);
    }
  }
  return fresh / MIB;
}

/** Changes 1 % of the nodes. @returns the bytes of the changed records. */
async function patched(site: Site, change: (index: number) => object): Promise<number> {
  const { port } = await site.server();
  const ids = await site.ids();
  const prng = new Prng(site.options.seed);
  const count = Math.ceil(ids.length * CHANGED_SHARE);
  let bytes = 0;
  for (let start = 0; start < count; start += PATCHES_AT_ONCE) {
    const size = Math.min(PATCHES_AT_ONCE, count - start);
    const answers = await Promise.all(
      Array.from({ length: size }, (_, offset) =>
        callWell(port, {
          method: 'PATCH',
          path: `/inventory/ComputeNode/${ids[prng.below(ids.length)]}`,
          headers: { ...site.headers, 'Content-Type': 'application/merge-patch+json' },
          body: JSON.stringify(change(start + offset)),
          agent: site.agent,
        }),
      ),
    );
    for (const { body } of answers) bytes += body.length;
  }
  return bytes;
}

async function added(site: Site): Promise<void> {
  const { port } = await site.server();
  const count = Math.ceil(site.options.nodes * CHANGED_SHARE);
  const lines = Array.from({ length: count }, (_, index) => `${JSON.stringify({ hostname: `new${index}`, architecture: 'x86_64' })}\n`);
  await callWell(port, {
    method: 'POST',
    path: '/inventory/ComputeNode/bulk',
    headers: { ...site.headers, 'Content-Type': 'application/x-ndjson' },
    body: lines.join(''),
  });
}

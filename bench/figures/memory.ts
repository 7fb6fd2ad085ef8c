import type { Figure } from '../figure.ts';
import { callUntilOk } from '../http.ts';
import { atRest, type MemoryFacts, memoryOf } from '../process-facts.ts';
import type { Site } from '../site.ts';

const MIB = 1024 * 1024;
/** A quick look does not wait for what is small anyway. */
const LARGE_BYTES = 16 * MIB;
const TARGET_RATIO = 4;
/** DuckDB's allocator gives freed memory back within ten seconds. */
const SETTLE_MS = 15_000;

/** Resident memory after an import, and after a restart when everything is filled. */
export async function measureMemory(site: Site): Promise<readonly Figure[]> {
  await site.server();
  const afterImport = site.imported?.memory;
  const [id = ''] = await site.ids();
  const server = await site.crashAndStart();
  await callUntilOk(server.port, { path: `/inventory/ComputeNode/${id}` });
  await atRest(server.pid);
  await new Promise((resolve) => setTimeout(resolve, site.lines.length > LARGE_BYTES ? SETTLE_MS : 0));
  const atRestAgain = memoryOf(server.pid);
  const figure = (name: string, { residentMiB, peakMiB }: MemoryFacts): Figure => ({
    figure: name,
    value: residentMiB,
    unit: 'MiB',
    better: 'lower',
    limit: { what: 'the imported bytes themselves', value: site.lines.length / MIB },
    target: TARGET_RATIO,
    runs: 1,
    details: { peakMiB },
  });
  return [...(afterImport === undefined ? [] : [figure('memory-import', afterImport)]), figure('memory-restart', atRestAgain)];
}

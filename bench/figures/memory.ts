import type { Figure } from '../figure.ts';
import { callUntilOk } from '../http.ts';
import { atRest, type MemoryFacts, memoryOf } from '../process-facts.ts';
import type { Site } from '../site.ts';

const MIB = 1024 * 1024;
/** A quick look does not wait for what is small anyway. */
const SMALL_NODES = 20_000;
const TARGET_RATIO = 2.5;
/** DuckDB's allocator, and JavaScript's, give freed memory back within ten seconds. */
const SETTLE_MS = 15_000;

/** Resident memory after an import, and after a restart from a snapshot when everything is filled. */
export async function measureMemory(site: Site): Promise<readonly Figure[]> {
  await site.import();
  const afterImport = await settledMemory(site);
  const [id = ''] = await site.ids();
  await site.snapshot();
  const { port } = await site.crashAndStart();
  await callUntilOk(port, { path: `/inventory/ComputeNode/${id}` });
  const afterRestart = await settledMemory(site);
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
  return [figure('memory-import', afterImport), figure('memory-restart', afterRestart)];
}

/** Of the server, when nothing of it is freed any more. */
export async function settledMemory(site: Site): Promise<MemoryFacts> {
  const { pid } = await site.server();
  await atRest(pid);
  if (site.options.nodes > SMALL_NODES) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return memoryOf(pid);
}

import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemCodeOf } from '../../../src/faults.ts';
import { Scrape } from '../../support/scrape.ts';
import type { Tolerance } from './flat.ts';

/** What a server holds of the machine, looked up from outside and in its metrics. */

/** By the name of the figure: counts, or MiB where the name says so. */
export type Sample = Readonly<Record<string, number>>;

const MIB = 1024 * 1024;

/** What may not grow, and how much of it is noise. Caches and allocators fill up for a while; files and threads do not. */
export const TOLERANCES: Readonly<Record<string, Tolerance>> = {
  residentMiB: { share: 0.1, atLeast: 24 },
  childrenMiB: { share: 0.25, atLeast: 32 },
  mainHeapMiB: { share: 0.25, atLeast: 12 },
  mainBuffersMiB: { share: 0.25, atLeast: 12 },
  ownerHeapMiB: { share: 0.25, atLeast: 12 },
  ownerBuffersMiB: { share: 0.25, atLeast: 12 },
  recordLogMiB: { share: 0.2, atLeast: 32 },
  recordLogGarbageMiB: { share: 0.5, atLeast: 48 },
  workingSetMiB: { share: 0.25, atLeast: 16 },
  files: { share: 0.1, atLeast: 8 },
  // Comparisons and past states hold the files that they read, also of snapshots that are deleted: a fixed number of them.
  heldSnapshotFiles: { share: 0.5, atLeast: 64 },
  threads: { share: 0, atLeast: 2 },
  children: { share: 0, atLeast: 1 },
  journalMiB: { share: 0.25, atLeast: 8 },
  segments: { share: 0.25, atLeast: 4 },
  snapshotsMiB: { share: 0.2, atLeast: 4 },
  snapshots: { share: 0, atLeast: 1 },
  temporary: { share: 0, atLeast: 1 },
  queryCopies: { share: 0, atLeast: 2 },
  otherMiB: { share: 0.1, atLeast: 1 },
  records: { share: 0.02, atLeast: 20 },
  reservations: { share: 0.25, atLeast: 60 },
  requestsInFlight: { share: 0.5, atLeast: 16 },
  writesWaiting: { share: 0.5, atLeast: 16 },
  queries: { share: 0.5, atLeast: 16 },
  pluginCallsWaiting: { share: 0.5, atLeast: 16 },
  feedClients: { share: 0.5, atLeast: 8 },
};

/** @throws when the server has gone. */
export async function sampleOf(pid: number, url: string, directory: string): Promise<Sample> {
  const response = await fetch(`${url}/metrics`);
  const scrape = new Scrape(await response.text());
  return { ...inMetrics(scrape), ...processFigures(pid), ...diskFigures(directory) };
}

function inMetrics(scrape: Scrape): Sample {
  const of = (name: string, labels: Readonly<Record<string, string>> = {}): number => scrape.value(`holdfast_${name}`, labels) ?? 0;
  const memory = (part: string): number => of('memory_bytes', { part }) / MIB;
  return {
    mainHeapMiB: memory('main-heap'),
    mainBuffersMiB: memory('main-buffers'),
    ownerHeapMiB: memory('owner-heap'),
    ownerBuffersMiB: memory('owner-buffers'),
    recordLogMiB: memory('record-log'),
    recordLogGarbageMiB: of('record_log_garbage_bytes') / MIB,
    workingSetMiB: memory('working-set'),
    records: of('records') - of('records', { kind: 'reservations' }),
    reservations: of('records', { kind: 'reservations' }),
    requestsInFlight: of('http_requests_in_flight'),
    writesWaiting: of('owner_queue_length'),
    queries: of('owner_queries'),
    pluginCallsWaiting: of('plugin_queue_length'),
    feedClients: of('feed_clients'),
  };
}

/** Of the process itself; the resident memory of those that it has started beside it. */
export function processFigures(pid: number): Sample {
  const children = childrenOf(pid);
  const files = entriesOf(`/proc/${pid}/fd`).map((fd) => unlessGone(() => readlinkSync(`/proc/${pid}/fd/${fd}`), ''));
  const held = files.filter((path) => path.includes('/snapshots/'));
  return {
    residentMiB: residentMiB(pid),
    childrenMiB: children.reduce((sum, child) => sum + residentMiB(child), 0),
    children: children.length,
    files: files.length - held.length,
    heldSnapshotFiles: held.length,
    threads: entriesOf(`/proc/${pid}/task`).length,
  };
}

function diskFigures(directory: string): Sample {
  const journal = filesUnder(join(directory, 'journal'));
  const snapshots = filesUnder(join(directory, 'snapshots'));
  const names = [...entriesOf(directory), ...entriesOf(join(directory, 'journal')), ...entriesOf(join(directory, 'snapshots'))];
  const all = filesUnder(directory);
  const bytes = (files: readonly number[]): number => files.reduce((sum, size) => sum + size, 0);
  return {
    journalMiB: bytes(journal) / MIB,
    segments: journal.length,
    snapshotsMiB: bytes(snapshots) / MIB,
    snapshots: entriesOf(join(directory, 'snapshots')).filter((name) => name.startsWith('snapshot=')).length,
    temporary: names.filter((name) => name.startsWith('.')).length,
    queryCopies: entriesOf(join(directory, 'query')).length,
    otherMiB: (bytes(all) - bytes(journal) - bytes(snapshots)) / MIB,
  };
}

/** Sizes of all files below a folder, as far as they are still there. */
function filesUnder(folder: string): readonly number[] {
  return unlessGone(() => readdirSync(folder, { recursive: true, withFileTypes: true }), [])
    .filter((entry) => entry.isFile())
    .flatMap((entry) => unlessGone(() => [statSync(join(entry.parentPath, entry.name)).size], []));
}

function childrenOf(pid: number): readonly number[] {
  return entriesOf(`/proc/${pid}/task`).flatMap((thread) => {
    const text = unlessGone(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'), '');
    return text.split(' ').filter(Boolean).map(Number);
  });
}

function residentMiB(pid: number): number {
  const status = unlessGone(() => readFileSync(`/proc/${pid}/status`, 'utf8'), '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}

function entriesOf(folder: string): readonly string[] {
  return unlessGone(() => readdirSync(folder), []);
}

/** Processes end and snapshots are pruned while they are looked at. */
function unlessGone<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'ENOTDIR') return otherwise;
    throw error;
  }
}

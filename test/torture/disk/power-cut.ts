import { strict as assert } from 'node:assert';
import type { Prng } from '../../../bench/prng.ts';
import type { DiskChange, DiskImage, ImageNode, NodeId } from './simulated-disk.ts';

/**
 * What is left of a disk when the power is cut. A file's sync makes its bytes and its length durable, a folder's sync the
 * names in it: nothing else is promised, and of everything else any part may be there, in whatever order it was done.
 *
 * - Of what was written to a sector since its file's sync any state may be left, or the beginning of one.
 * - A file's length may be any that it had since.
 * - A new file that was synced is lost with its name when its folder was not.
 * - Names come and go one by one, in any order, as long as no two changes of the same name are swapped; a rename is one step.
 *
 * What stands where a length came without its bytes is zeros: file systems do not show what others have deleted.
 */

const SECTOR_BYTES = 512;

type NameChange = Extract<DiskChange, { folder: NodeId }>;
type ByteChange = Extract<DiskChange, { type: 'write' | 'truncate' }>;

/** How much of what was not synced the disk keeps. */
interface Mood {
  readonly names: number;
  readonly sectors: number;
  readonly lengths: number;
}

/** @param until how many of the changes were made before the power went. */
export function powerCut(base: DiskImage, changes: readonly DiskChange[], until: number, numbers: Prng): DiskImage {
  const files = new Map<NodeId, { durable: Buffer; pending: ByteChange[] }>();
  const folders = new Map<NodeId, Map<string, NodeId>>();
  for (const [id, node] of base.nodes) {
    if (Buffer.isBuffer(node)) files.set(id, { durable: node, pending: [] });
    else folders.set(id, new Map(node));
  }
  let names: NameChange[] = [];
  for (let index = 0; index < until; index++) {
    const change = changes[index] as DiskChange;
    switch (change.type) {
      case 'create':
        files.set(change.node, { durable: EMPTY, pending: [] });
        names.push(change);
        break;
      case 'make-directory':
        folders.set(change.node, new Map());
        names.push(change);
        break;
      case 'remove':
      case 'rename':
        names.push(change);
        break;
      case 'write':
      case 'truncate':
        files.get(change.node)?.pending.push(change);
        break;
      case 'sync-file': {
        const file = files.get(change.node);
        assert(file !== undefined, 'a file that is synced is there');
        if (file.pending.length > 0) file.durable = settled(file.durable, file.pending);
        file.pending = [];
        break;
      }
      default: {
        for (const name of names) if (name.folder === change.node) rename(folders, name);
        names = names.filter(({ folder }) => folder !== change.node);
      }
    }
  }
  const mood = moodOf(numbers);
  keepNames(folders, names, mood.names, numbers);
  return reachable(base.root, folders, (id) => {
    const file = files.get(id);
    assert(file !== undefined, 'a name leads to a file');
    return file.pending.length === 0 ? file.durable : kept(file.durable, file.pending, mood, numbers);
  });
}

const EMPTY = Buffer.alloc(0);

function moodOf(numbers: Prng): Mood {
  const share = (): number => numbers.pick([0, 1, 0.5, 0.5, 0.9, 0.1]);
  return { names: share(), sectors: share(), lengths: share() };
}

function rename(folders: ReadonlyMap<NodeId, Map<string, NodeId>>, change: NameChange): void {
  const entries = folders.get(change.folder);
  if (entries === undefined) return;
  if (change.type === 'create' || change.type === 'make-directory') {
    entries.set(change.name, change.node);
    return;
  }
  const node = entries.get(change.name);
  entries.delete(change.name);
  if (change.type === 'rename' && node !== undefined) entries.set(change.to, node);
}

/** A change of a name whose earlier change is lost is lost with it. */
function keepNames(folders: ReadonlyMap<NodeId, Map<string, NodeId>>, names: readonly NameChange[], share: number, numbers: Prng): void {
  const lost = new Set<string>();
  for (const change of names) {
    const touched = [`${change.folder}/${change.name}`, ...(change.type === 'rename' ? [`${change.folder}/${change.to}`] : [])];
    if (numbers.next() < share && !touched.some((name) => lost.has(name))) rename(folders, change);
    else for (const name of touched) lost.add(name);
  }
}

/** The bytes after all changes. */
function settled(durable: Buffer, pending: readonly ByteChange[]): Buffer {
  let length = durable.length;
  let longest = length;
  for (const change of pending) {
    length = change.type === 'truncate' ? change.length : Math.max(length, change.position + change.bytes.length);
    longest = Math.max(longest, length);
  }
  const bytes = Buffer.alloc(longest);
  durable.copy(bytes);
  for (const change of pending) {
    if (change.type === 'truncate') bytes.fill(0, change.length);
    else change.bytes.copy(bytes, change.position);
  }
  return bytes.subarray(0, length);
}

/** The bytes after some of the changes of each sector, and a length of one of those times. */
function kept(durable: Buffer, pending: readonly ByteChange[], mood: Mood, numbers: Prng): Buffer {
  const lengths = [durable.length];
  for (const change of pending) {
    const before = lengths.at(-1) ?? 0;
    lengths.push(change.type === 'truncate' ? change.length : Math.max(before, change.position + change.bytes.length));
  }
  const longest = Math.max(...lengths);
  const sectors = Math.ceil(longest / SECTOR_BYTES);
  const touches = new Uint32Array(sectors);
  for (const change of pending) {
    const [first, end] = sectorsOf(change, sectors);
    for (let sector = first; sector < end; sector++) touches[sector] = (touches[sector] ?? 0) + 1;
  }
  const left = touches.map((count) => (numbers.next() < mood.sectors ? count : numbers.below(count + 1)));
  const bytes = Buffer.alloc(longest);
  durable.copy(bytes);
  for (const change of pending) {
    const [first, end] = sectorsOf(change, sectors);
    for (let sector = first; sector < end; sector++) {
      const remaining = left[sector] ?? 0;
      if (remaining === 0) continue;
      left[sector] = remaining - 1;
      // The last state of a sector may have come to the disk in part.
      const isTorn = remaining === 1 && numbers.next() < TORN_SHARE;
      const from = sector * SECTOR_BYTES;
      const to = isTorn ? from + numbers.below(SECTOR_BYTES) : from + SECTOR_BYTES;
      if (change.type === 'truncate') bytes.fill(0, Math.min(Math.max(from, change.length), to, longest), Math.min(to, longest));
      else overlap(bytes, change, from, to);
    }
  }
  const length = numbers.next() < mood.lengths ? (lengths.at(-1) ?? 0) : (lengths[numbers.below(lengths.length)] ?? 0);
  return bytes.subarray(0, length);
}

const TORN_SHARE = 0.1;

function sectorsOf(change: ByteChange, sectors: number): [first: number, end: number] {
  if (change.type === 'truncate') return [Math.floor(change.length / SECTOR_BYTES), sectors];
  return [Math.floor(change.position / SECTOR_BYTES), Math.ceil((change.position + change.bytes.length) / SECTOR_BYTES)];
}

function overlap(bytes: Buffer, { position, bytes: written }: Extract<ByteChange, { type: 'write' }>, from: number, to: number): void {
  const start = Math.max(from, position);
  const end = Math.min(to, position + written.length);
  if (start < end) written.copy(bytes, start, start - position, end - position);
}

function reachable(root: NodeId, folders: ReadonlyMap<NodeId, ReadonlyMap<string, NodeId>>, fileAt: (id: NodeId) => Buffer): DiskImage {
  const nodes = new Map<NodeId, ImageNode>();
  const visit = (id: NodeId): void => {
    const folder = folders.get(id);
    nodes.set(id, folder ?? fileAt(id));
    if (folder !== undefined) for (const inner of folder.values()) visit(inner);
  };
  visit(root);
  return { root, nodes };
}

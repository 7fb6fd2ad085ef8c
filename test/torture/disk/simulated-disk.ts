import { strict as assert } from 'node:assert';
import { basename, dirname } from 'node:path';
import type { Files } from '../../../src/store/files.ts';

/**
 * A disk in memory that remembers every change in order, so that the power can be cut at any of them afterwards
 * (`power-cut.ts`). What a process sees is always the newest state, as with a page cache.
 */

export type NodeId = number;

/** What is on a disk that nothing is being done to. Never changed. */
export interface DiskImage {
  readonly root: NodeId;
  readonly nodes: ReadonlyMap<NodeId, ImageNode>;
}

/** A file's bytes, or the entries of a folder. */
export type ImageNode = Buffer | ReadonlyMap<string, NodeId>;

export type DiskChange =
  | { readonly type: 'create' | 'make-directory'; readonly folder: NodeId; readonly name: string; readonly node: NodeId }
  | { readonly type: 'remove'; readonly folder: NodeId; readonly name: string }
  | { readonly type: 'rename'; readonly folder: NodeId; readonly name: string; readonly to: string }
  | { readonly type: 'write'; readonly node: NodeId; readonly position: number; readonly bytes: Buffer }
  | { readonly type: 'truncate'; readonly node: NodeId; readonly length: number }
  | { readonly type: 'sync-file'; readonly node: NodeId }
  | { readonly type: 'sync-directory'; readonly node: NodeId };

/** The process was killed: whatever it does from now on happens to nobody. */
export class Killed extends Error {
  constructor() {
    super('the process was killed');
    this.name = 'Killed';
  }
}

interface FileNode {
  bytes: Buffer;
  length: number;
  /** The bytes are those of the image and must be copied before they are changed. */
  isShared: boolean;
  links: number;
}

type FolderNode = Map<string, NodeId>;

const EMPTY = Buffer.alloc(0);

/** With an empty data folder: whoever makes that one syncs it. */
export const EMPTY_DISK: DiskImage = {
  root: 1,
  nodes: new Map<NodeId, ImageNode>([
    [1, new Map([['data', 2]])],
    [2, new Map()],
  ]),
};

export class SimulatedDisk {
  readonly base: DiskImage;
  readonly changes: DiskChange[] = [];
  readonly #nodes = new Map<NodeId, FileNode | FolderNode>();
  readonly #root: NodeId;
  #nextNode: NodeId;
  #generation = 0;

  constructor(base: DiskImage = EMPTY_DISK) {
    this.base = base;
    this.#root = base.root;
    let last = 0;
    for (const [id, node] of base.nodes) {
      this.#nodes.set(id, Buffer.isBuffer(node) ? { bytes: node, length: node.length, isShared: true, links: 1 } : new Map(node));
      if (id > last) last = id;
    }
    this.#nextNode = last + 1;
  }

  /** The process that is about to make the change with this index dies; of a write it has made a part. */
  killAt: number = Number.POSITIVE_INFINITY;
  partOfWrite = 0;
  /** The process that was started last. */
  isDead = false;

  /** The disk as a process has it that starts now; whatever was started before is dead. */
  files(): Files {
    const generation = ++this.#generation;
    this.isDead = false;
    this.killAt = Number.POSITIVE_INFINITY;
    const open = new Map<number, NodeId>();
    let nextFile = 3;
    const alive = (): void => {
      if (this.isDead || generation !== this.#generation) throw new Killed();
    };
    const change = (made: DiskChange): void => {
      alive();
      if (this.changes.length < this.killAt) {
        this.#make(made);
        return;
      }
      this.isDead = true;
      if (made.type === 'write' && this.partOfWrite > 0) {
        this.#make({ ...made, bytes: made.bytes.subarray(0, Math.floor(made.bytes.length * this.partOfWrite)) });
      }
      throw new Killed();
    };
    const openAt = (path: string): number => {
      alive();
      open.set(nextFile, this.#at(path));
      return nextFile++;
    };
    const nodeOf = (file: number): NodeId => {
      alive();
      const node = open.get(file);
      assert(node !== undefined, 'the file is open');
      return node;
    };
    const removeTree = (folder: NodeId, name: string): void => {
      const node = this.#entries(folder).get(name);
      if (node === undefined) return;
      const inside = this.#nodes.get(node);
      if (inside instanceof Map) for (const inner of [...inside.keys()]) removeTree(node, inner);
      change({ type: 'remove', folder, name });
    };
    return {
      create: (path) => {
        alive();
        const [folder, name] = this.#place(path);
        if (this.#entries(folder).has(name)) throw systemError('EEXIST', path);
        change({ type: 'create', folder, name, node: this.#nextNode++ });
        return openAt(path);
      },
      openToAppend: openAt,
      openToRead: openAt,
      write: (file, bytes, position) => change({ type: 'write', node: nodeOf(file), position, bytes: Buffer.from(bytes) }),
      read: (file, bytes, position) => {
        const { bytes: from, length } = this.#file(nodeOf(file));
        const count = Math.max(0, Math.min(bytes.length, length - position));
        if (count > 0) bytes.set(from.subarray(position, position + count));
        return count;
      },
      truncate: (file, length) => change({ type: 'truncate', node: nodeOf(file), length }),
      syncFile: (file) => change({ type: 'sync-file', node: nodeOf(file) }),
      syncDirectory: (path) => change({ type: 'sync-directory', node: this.#at(path) }),
      close: (file) => {
        nodeOf(file);
        open.delete(file);
      },
      linkCount: (file) => this.#file(nodeOf(file)).links,
      size: (path) => {
        alive();
        return this.#file(this.#at(path)).length;
      },
      exists: (path) => {
        alive();
        return this.#find(path) !== undefined;
      },
      readAll: (path) => {
        alive();
        const { bytes, length } = this.#file(this.#at(path));
        return Buffer.from(bytes.subarray(0, length));
      },
      list: (path) => {
        alive();
        return [...this.#entries(this.#at(path)).keys()];
      },
      makeDirectory: (path) => {
        alive();
        const above = dirname(path);
        if (this.#find(path) !== undefined) return;
        if (this.#find(above) === undefined) throw systemError('ENOENT', above);
        const [folder, name] = this.#place(path);
        change({ type: 'make-directory', folder, name, node: this.#nextNode++ });
      },
      rename: (from, to) => {
        alive();
        const [folder, name] = this.#place(from);
        const [toFolder, toName] = this.#place(to);
        assert.equal(folder, toFolder, 'the store renames within a folder');
        this.#at(from);
        change({ type: 'rename', folder, name, to: toName });
      },
      remove: (path) => {
        alive();
        if (this.#find(path) === undefined) return;
        removeTree(...this.#place(path));
      },
    };
  }

  #make(change: DiskChange): void {
    this.changes.push(change);
    this.#apply(change);
  }

  #apply(change: DiskChange): void {
    switch (change.type) {
      case 'create':
        this.#nodes.set(change.node, { bytes: EMPTY, length: 0, isShared: true, links: 1 });
        this.#entries(change.folder).set(change.name, change.node);
        return;
      case 'make-directory':
        this.#nodes.set(change.node, new Map());
        this.#entries(change.folder).set(change.name, change.node);
        return;
      case 'remove': {
        const entries = this.#entries(change.folder);
        const node = this.#nodes.get(entries.get(change.name) as NodeId);
        if (node !== undefined && !(node instanceof Map)) node.links -= 1;
        entries.delete(change.name);
        return;
      }
      case 'rename': {
        const entries = this.#entries(change.folder);
        entries.set(change.to, entries.get(change.name) as NodeId);
        entries.delete(change.name);
        return;
      }
      case 'write': {
        const end = change.position + change.bytes.length;
        const file = this.#writable(change.node, end);
        if (change.position > file.length) file.bytes.fill(0, file.length, change.position);
        change.bytes.copy(file.bytes, change.position);
        file.length = Math.max(file.length, end);
        return;
      }
      case 'truncate': {
        const file = this.#writable(change.node, change.length);
        if (change.length > file.length) file.bytes.fill(0, file.length, change.length);
        file.length = change.length;
        return;
      }
      default:
        return;
    }
  }

  #writable(node: NodeId, bytes: number): FileNode {
    const file = this.#file(node);
    if (file.isShared || file.bytes.length < bytes) {
      const grown = Buffer.allocUnsafe(Math.max(bytes * 2, 1024));
      file.bytes.copy(grown, 0, 0, file.length);
      file.bytes = grown;
      file.isShared = false;
    }
    return file;
  }

  #file(id: NodeId): FileNode {
    const node = this.#nodes.get(id);
    if (node === undefined || node instanceof Map) throw systemError('EISDIR', `node ${id}`);
    return node;
  }

  #entries(id: NodeId): FolderNode {
    const node = this.#nodes.get(id);
    if (!(node instanceof Map)) throw systemError('ENOTDIR', `node ${id}`);
    return node;
  }

  #place(path: string): [folder: NodeId, name: string] {
    return [this.#at(dirname(path)), basename(path)];
  }

  #at(path: string): NodeId {
    const node = this.#find(path);
    if (node === undefined) throw systemError('ENOENT', path);
    return node;
  }

  #find(path: string): NodeId | undefined {
    let node: NodeId | undefined = this.#root;
    for (const name of path.split('/')) {
      if (name === '') continue;
      const entries: FileNode | FolderNode | undefined = node === undefined ? undefined : this.#nodes.get(node);
      if (!(entries instanceof Map)) return undefined;
      node = entries.get(name);
    }
    return node;
  }
}

function systemError(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

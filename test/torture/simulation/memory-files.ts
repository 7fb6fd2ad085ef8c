import type { Files } from '../../../src/store/files.ts';

/** A disk in memory on which everything is safe as soon as it is written. */

interface Inode {
  bytes: Buffer;
  length: number;
  links: number;
}

export function memoryFiles(): Files {
  const files = new Map<string, Inode>();
  const folders = new Set<string>(['/']);
  const open = new Map<number, Inode>();
  let next = 3;
  const inodeAt = (path: string): Inode => {
    const inode = files.get(path);
    if (inode === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return inode;
  };
  const inodeOf = (file: number): Inode => {
    const inode = open.get(file);
    if (inode === undefined) throw Object.assign(new Error('EBADF'), { code: 'EBADF' });
    return inode;
  };
  const opened = (inode: Inode): number => {
    open.set(next, inode);
    return next++;
  };
  return {
    create(path) {
      if (files.has(path)) throw Object.assign(new Error(`EEXIST: ${path}`), { code: 'EEXIST' });
      const inode = { bytes: Buffer.alloc(0), length: 0, links: 1 };
      files.set(path, inode);
      return opened(inode);
    },
    openToAppend: (path) => opened(inodeAt(path)),
    openToRead: (path) => opened(inodeAt(path)),
    write(file, bytes, position) {
      const inode = inodeOf(file);
      const end = position + bytes.length;
      if (end > inode.bytes.length) {
        const grown = Buffer.alloc(Math.max(end, inode.bytes.length * 2));
        inode.bytes.copy(grown, 0, 0, inode.length);
        inode.bytes = grown;
      }
      inode.bytes.set(bytes, position);
      inode.length = Math.max(inode.length, end);
    },
    read(file, bytes, position) {
      const inode = inodeOf(file);
      const count = Math.max(0, Math.min(bytes.length, inode.length - position));
      bytes.set(inode.bytes.subarray(position, position + count));
      return count;
    },
    truncate(file, length) {
      inodeOf(file).length = length;
    },
    syncFile: (file) => void inodeOf(file),
    syncDirectory: () => undefined,
    close: (file) => void open.delete(file),
    linkCount: (file) => inodeOf(file).links,
    size: (path) => inodeAt(path).length,
    exists: (path) => files.has(path) || folders.has(path),
    readAll: (path) => {
      const inode = inodeAt(path);
      return Buffer.from(inode.bytes.subarray(0, inode.length));
    },
    list(path) {
      const names = new Set<string>();
      for (const each of [...files.keys(), ...folders]) if (each.startsWith(`${path}/`)) names.add(each.slice(path.length + 1).split('/')[0] as string);
      return [...names];
    },
    makeDirectory: (path) => void folders.add(path),
    rename(from, to) {
      for (const [path, inode] of [...files]) {
        if (path !== from && !path.startsWith(`${from}/`)) continue;
        files.delete(path);
        files.set(to + path.slice(from.length), inode);
      }
      for (const path of [...folders]) {
        if (path !== from && !path.startsWith(`${from}/`)) continue;
        folders.delete(path);
        folders.add(to + path.slice(from.length));
      }
    },
    remove(path) {
      for (const [each, inode] of [...files]) {
        if (each !== path && !each.startsWith(`${path}/`)) continue;
        inode.links = 0;
        files.delete(each);
      }
      for (const each of [...folders]) if (each === path || each.startsWith(`${path}/`)) folders.delete(each);
    },
  };
}

import { type Files, realFiles } from '../../src/store/files.ts';

/** What a faulty disk does with one call. Return undefined to let it through. */
export type Trouble = (call: FileCall) => NodeJS.ErrnoException | undefined;

export interface FileCall {
  readonly name: keyof Files;
  /** The path of the call, or of the open file that it is about. */
  readonly path: string;
  /** How many calls came before it. */
  readonly index: number;
}

export interface TroubledFiles {
  readonly files: Files;
  /** May be changed at any time. */
  trouble: Trouble | undefined;
  /** A write that is refused leaves so many of its bytes behind. */
  tornWriteBytes: number;
  readonly calls: FileCall[];
}

export function diskError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: injected`), { code });
}

/** The real file system, with trouble on call. */
export function troubledFiles(trouble?: Trouble): TroubledFiles {
  const paths = new Map<number, string>();
  const calls: FileCall[] = [];
  const self: TroubledFiles = { files: realFiles, trouble, tornWriteBytes: 0, calls };
  const check = (name: keyof Files, path: string, whatIsLeft?: () => void): void => {
    const call = { name, path, index: calls.length };
    calls.push(call);
    const error = self.trouble?.(call);
    if (error === undefined) return;
    whatIsLeft?.();
    throw error;
  };
  const opened = (name: 'create' | 'openToAppend' | 'openToRead', path: string): number => {
    check(name, path);
    const file = realFiles[name](path);
    paths.set(file, path);
    return file;
  };
  const pathOf = (file: number): string => paths.get(file) ?? '?';
  const byPath =
    <R>(name: keyof Files, call: (path: string) => R) =>
    (path: string): R => {
      check(name, path);
      return call(path);
    };
  const files: Files = {
    create: (path) => opened('create', path),
    openToAppend: (path) => opened('openToAppend', path),
    openToRead: (path) => opened('openToRead', path),
    write(file, bytes, position) {
      check('write', pathOf(file), () => {
        if (self.tornWriteBytes > 0) realFiles.write(file, bytes.subarray(0, self.tornWriteBytes), position);
      });
      realFiles.write(file, bytes, position);
    },
    read(file, bytes, position) {
      check('read', pathOf(file));
      return realFiles.read(file, bytes, position);
    },
    truncate(file, length) {
      check('truncate', pathOf(file));
      realFiles.truncate(file, length);
    },
    syncFile(file) {
      check('syncFile', pathOf(file));
      realFiles.syncFile(file);
    },
    close(file) {
      // The kernel closes the file even when close reports an error.
      check('close', pathOf(file), () => realFiles.close(file));
      realFiles.close(file);
    },
    linkCount(file) {
      check('linkCount', pathOf(file));
      return realFiles.linkCount(file);
    },
    rename(from, to) {
      check('rename', from);
      realFiles.rename(from, to);
    },
    syncDirectory: byPath('syncDirectory', realFiles.syncDirectory),
    size: byPath('size', realFiles.size),
    exists: byPath('exists', realFiles.exists),
    readAll: byPath('readAll', realFiles.readAll),
    list: byPath('list', realFiles.list),
    makeDirectory: byPath('makeDirectory', realFiles.makeDirectory),
    remove: byPath('remove', realFiles.remove),
  };
  return Object.assign(self, { files });
}

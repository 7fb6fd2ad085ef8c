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

/** @param isLate the call was done, and yet it is told that it failed. */
export function diskError(code: string, isLate = false): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: injected`), { code, isLate });
}

/** The real file system, with trouble on call. */
export function troubledFiles(trouble?: Trouble): TroubledFiles {
  const paths = new Map<number, string>();
  const calls: FileCall[] = [];
  const self: TroubledFiles = { files: realFiles, trouble, tornWriteBytes: 0, calls };
  const attempt = <R>(name: keyof Files, path: string, perform: () => R, whatIsLeft?: () => void): R => {
    const call = { name, path, index: calls.length };
    calls.push(call);
    const error = self.trouble?.(call);
    if (error === undefined) return perform();
    if ('isLate' in error && error.isLate === true) perform();
    else whatIsLeft?.();
    throw error;
  };
  const opened = (name: 'create' | 'openToAppend' | 'openToRead', path: string): number =>
    attempt(name, path, () => {
      const file = realFiles[name](path);
      paths.set(file, path);
      return file;
    });
  const pathOf = (file: number): string => paths.get(file) ?? '?';
  const byPath =
    <R>(name: keyof Files, call: (path: string) => R) =>
    (path: string): R =>
      attempt(name, path, () => call(path));
  const files: Files = {
    create: (path) => opened('create', path),
    openToAppend: (path) => opened('openToAppend', path),
    openToRead: (path) => opened('openToRead', path),
    write: (file, bytes, position) =>
      attempt(
        'write',
        pathOf(file),
        () => realFiles.write(file, bytes, position),
        () => {
          if (self.tornWriteBytes > 0) realFiles.write(file, bytes.subarray(0, self.tornWriteBytes), position);
        },
      ),
    read: (file, bytes, position) => attempt('read', pathOf(file), () => realFiles.read(file, bytes, position)),
    truncate: (file, length) => attempt('truncate', pathOf(file), () => realFiles.truncate(file, length)),
    syncFile: (file) => attempt('syncFile', pathOf(file), () => realFiles.syncFile(file)),
    close(file) {
      const close = (): void => realFiles.close(file);
      // The kernel closes the file even when close reports an error.
      attempt('close', pathOf(file), close, close);
    },
    linkCount: (file) => attempt('linkCount', pathOf(file), () => realFiles.linkCount(file)),
    rename: (from, to) => attempt('rename', from, () => realFiles.rename(from, to)),
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

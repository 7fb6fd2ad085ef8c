import type { Files } from '../../../src/store/files.ts';
import { diskError, type FileCall } from '../../store/failing-files.ts';

/** Ways in which one call to the file system, and those after it, can fail. */

export interface FaultForm {
  readonly name: string;
  /** Bytes of a refused write that are there all the same. */
  readonly tornWriteBytes: number;
  /** Whether a call of this name can fail so. */
  fits(name: keyof Files): boolean;
  /** @param after how many calls after the first that fails. */
  error(after: number): NodeJS.ErrnoException | undefined;
}

const WRITES: ReadonlySet<keyof Files> = new Set<keyof Files>(['create', 'write', 'truncate', 'syncFile', 'syncDirectory', 'makeDirectory', 'rename']);
const OPENS: ReadonlySet<keyof Files> = new Set<keyof Files>(['create', 'openToAppend', 'openToRead', 'readAll', 'list', 'syncDirectory', 'remove']);
const CHANGES: ReadonlySet<keyof Files> = new Set<keyof Files>(['create', 'openToAppend', 'write', 'truncate', 'makeDirectory', 'rename', 'remove']);
const EFFECTS: ReadonlySet<keyof Files> = new Set<keyof Files>([...WRITES, 'remove', 'close']);

function form(name: string, fits: (call: keyof Files) => boolean, error: FaultForm['error'], tornWriteBytes = 0): FaultForm {
  return { name, tornWriteBytes, fits, error };
}

function once(code: string, isLate = false): FaultForm['error'] {
  return (after) => (after === 0 ? diskError(code, isLate) : undefined);
}

export const FORMS: readonly FaultForm[] = [
  form('EIO', () => true, once('EIO')),
  form('ENOSPC', (call) => WRITES.has(call), once('ENOSPC')),
  form('EROFS', (call) => CHANGES.has(call), once('EROFS')),
  form('EMFILE', (call) => OPENS.has(call), once('EMFILE')),
  form('20 bytes and ENOSPC', (call) => call === 'write', once('ENOSPC'), 20),
  form('90 bytes and EIO', (call) => call === 'write', once('EIO'), 90),
  form('done, and yet EIO', (call) => EFFECTS.has(call), once('EIO', true)),
  form(
    'EIO twice',
    () => true,
    (after) => (after <= 1 ? diskError('EIO') : undefined),
    20,
  ),
  form(
    'ENOSPC four times',
    (call) => WRITES.has(call),
    (after) => (after <= 3 ? diskError('ENOSPC') : undefined),
    20,
  ),
  form(
    'EIO from then on',
    () => true,
    () => diskError('EIO'),
    50,
  ),
];

/** The trouble of one combination. */
export function troubleAt(at: number, { error }: FaultForm): (call: FileCall) => NodeJS.ErrnoException | undefined {
  return ({ index }) => (index < at ? undefined : error(index - at));
}

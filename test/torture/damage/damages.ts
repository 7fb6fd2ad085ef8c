import { copyFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { SEGMENT_HEADER_BYTES, segmentName } from '../../../src/store/journal-format.ts';
import { encodeManifest, type Manifest } from '../../../src/store/manifest.ts';
import type { Site } from './site.ts';

/** Everything that can be wrong with a data folder, one thing at a time, and what a start has to make of it. */

export interface Damage {
  readonly name: string;
  /**
   * `cut`: starts without the last write. `whole`: starts with everything. `fallback`: the same, with a snapshot set aside.
   * `refused`: with a message that this matches.
   */
  readonly expected: 'cut' | 'whole' | 'fallback' | RegExp;
  /** What the log has to say of it. */
  readonly told?: RegExp;
  /** @param other a data folder of another store, with the same sequences */
  do(folder: string, site: Site, other: Site): void;
}

const journal = (folder: string, name = ''): string => join(folder, 'journal', name);
const snapshots = (folder: string, name = '', file = ''): string => join(folder, 'snapshots', name, file);
const last = (names: readonly string[]): string => names.at(-1) ?? '';

function edit(path: string, change: (bytes: Buffer) => Uint8Array): void {
  writeFileSync(path, change(readFileSync(path)));
}

function flip(path: string, offset: number): void {
  edit(path, (bytes) => {
    const at = offset < 0 ? bytes.length + offset : offset;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  });
}

function folderInstead(path: string): void {
  rmSync(path, { recursive: true });
  mkdirSync(path);
}

function editManifest(folder: string, name: string, change: (manifest: Record<string, unknown>) => Record<string, unknown>): void {
  const path = snapshots(folder, name, '_manifest.json');
  const { checksum, ...manifest } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  writeFileSync(path, encodeManifest(change(manifest) as unknown as Manifest));
}

export const IN_JOURNAL: readonly Damage[] = [
  { name: 'half of the last frame', expected: 'cut', told: /unfinished write/, do: (folder, { segments }) => truncate(journal(folder, last(segments)), -20) },
  { name: 'a bit in the last frame', expected: 'cut', told: /that change is lost/, do: (folder, { segments }) => flip(journal(folder, last(segments)), -5) },
  {
    name: 'zeros behind the last frame',
    expected: 'whole',
    told: /512 damaged bytes/,
    do: (folder, { segments }) => edit(journal(folder, last(segments)), (bytes) => Buffer.concat([bytes, Buffer.alloc(512)])),
  },
  {
    name: 'a bit in a frame before the last',
    expected: /is damaged at byte 64 \(change 7\), and intact changes stand behind it.*holdfast doctor/,
    do: (folder, { segments }) => flip(journal(folder, last(segments)), SEGMENT_HEADER_BYTES + 50),
  },
  {
    name: 'a bit in the header of the last segment',
    expected: /has a damaged header/,
    do: (folder, { segments }) => flip(journal(folder, last(segments)), 20),
  },
  {
    name: 'zeros in place of a sector in the middle',
    expected: /is damaged at byte/,
    do: (folder, { segments }) => edit(journal(folder, last(segments)), (bytes) => bytes.fill(0, SEGMENT_HEADER_BYTES, SEGMENT_HEADER_BYTES + 60)),
  },
  {
    name: 'a last segment of which only a part of the header was written',
    expected: 'whole',
    told: /unfinished write/,
    do: (folder, { lastSequence }) => writeFileSync(journal(folder, segmentName(lastSequence + 1)), Buffer.alloc(30, 1)),
  },
  {
    name: 'a segment that stands there twice',
    expected: /is not what its name says/,
    do: (folder, { segments, lastSequence }) => copyFileSync(journal(folder, last(segments)), journal(folder, segmentName(lastSequence + 1))),
  },
  {
    name: 'a segment of another data folder behind the last',
    expected: /belongs to another data folder/,
    do: (folder, { lastSequence }, other) => {
      const name = segmentName(lastSequence + 1);
      copyFileSync(journal(other.directory, last(other.segments)), journal(folder, name));
    },
  },
  {
    name: 'a segment of another data folder in place of the last',
    expected: /belongs to another data folder/,
    do: (folder, { segments }, other) => copyFileSync(journal(other.directory, last(other.segments)), journal(folder, last(segments))),
  },
  {
    name: 'a segment of a newer format',
    expected: /format 9, written by a newer version/,
    do: (folder, { segments }) =>
      edit(journal(folder, last(segments)), (bytes) => {
        bytes.writeUInt32LE(9, 8);
        bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
        return bytes;
      }),
  },
  {
    name: 'a folder in place of the last segment',
    expected: /cannot be read: EISDIR.*holdfast doctor/,
    do: (folder, { segments }) => folderInstead(journal(folder, last(segments))),
  },
  {
    name: 'a dangling link in place of the last segment',
    expected: /cannot be read: ENOENT/,
    do: (folder, { segments }) => {
      rmSync(journal(folder, last(segments)));
      symlinkSync('nowhere', journal(folder, last(segments)));
    },
  },
  {
    name: 'a segment behind a link',
    expected: 'whole',
    do: (folder, { segments }) => {
      renameSync(journal(folder, last(segments)), join(folder, 'moved'));
      symlinkSync('../moved', journal(folder, last(segments)));
    },
  },
  {
    name: 'a file in place of the journal',
    expected: /the data folder cannot be used: .*journal/,
    do: (folder) => {
      rmSync(journal(folder), { recursive: true });
      writeFileSync(journal(folder), '');
    },
  },
  { name: 'damage in what a snapshot has', expected: 'whole', do: (folder, { segments }) => flip(journal(folder, segments[0] ?? ''), -5) },
  { name: 'a missing segment that a snapshot has', expected: 'whole', do: (folder, { segments }) => rmSync(journal(folder, segments[0] ?? '')) },
  {
    name: 'foreign files',
    expected: 'whole',
    do: (folder) => {
      writeFileSync(journal(folder, 'README'), 'mine');
      writeFileSync(journal(folder, '1.journal'), 'mine');
    },
  },
];

/** What happens to any one file of a snapshot, and falls back to the snapshot before. */
const FILE_DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  'cut short': (path) => truncate(path, -2),
  emptied: (path) => truncateSync(path, 0),
  'with a bit flipped': (path) => flip(path, Math.floor(readFileSync(path).length / 2)),
  'with a byte more': (path) => edit(path, (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])),
  missing: (path) => rmSync(path),
  'replaced by a folder': folderInstead,
  'replaced by a dangling link': (path) => {
    rmSync(path);
    symlinkSync('nowhere', path);
  },
};
const READ_AT_START: ReadonlySet<string> = new Set(['Component.parquet', '_private', '_manifest.json']);
const SNAPSHOT_FILES = ['Component.parquet', 'reservations.parquet', '_private', '_schemas.json', '_manifest.json', 'load.sql', 'schema.sql'];

export const IN_FILES: readonly Damage[] = [
  ...SNAPSHOT_FILES.flatMap((file) =>
    // All are told by length or checksum: for those that a start does not read, one damage is enough.
    Object.entries(FILE_DAMAGES)
      .slice(READ_AT_START.has(file) ? 0 : -1)
      .map(
        ([name, damage]): Damage => ({
          name: `${file} ${name}`,
          expected: 'fallback',
          told: /cannot be used: .*was renamed to \.broken-/,
          do: (folder, site) => damage(snapshots(folder, last(site.snapshots), file)),
        }),
      ),
  ),
  { name: '_SUCCESS missing', expected: 'fallback', do: (folder, site) => rmSync(snapshots(folder, last(site.snapshots), '_SUCCESS')) },
];

export const IN_SNAPSHOTS: readonly Damage[] = [
  {
    name: 'a Parquet file of the snapshot before',
    expected: 'fallback',
    do: (folder, { snapshots: names }) => copyFileSync(snapshots(folder, names[1], 'Component.parquet'), snapshots(folder, last(names), 'Component.parquet')),
  },
  {
    name: 'a private part of the snapshot before',
    expected: 'fallback',
    do: (folder, { snapshots: names }) => copyFileSync(snapshots(folder, names[1], '_private'), snapshots(folder, last(names), '_private')),
  },
  {
    name: 'the manifest of the snapshot before',
    expected: 'fallback',
    do: (folder, { snapshots: names }) => copyFileSync(snapshots(folder, names[1], '_manifest.json'), snapshots(folder, last(names), '_manifest.json')),
  },
  {
    name: 'a Parquet file behind a link',
    expected: 'whole',
    do: (folder, { snapshots: names }) => {
      const path = snapshots(folder, last(names), 'Component.parquet');
      renameSync(path, join(folder, 'moved'));
      symlinkSync('../../moved', path);
    },
  },
  {
    name: 'the newest snapshot emptied',
    expected: 'fallback',
    do: (folder, { snapshots: names }) => folderInstead(snapshots(folder, last(names))),
  },
  {
    name: 'a file in place of the newest snapshot',
    expected: 'fallback',
    do: (folder, { snapshots: names }) => {
      rmSync(snapshots(folder, last(names)), { recursive: true });
      writeFileSync(snapshots(folder, last(names)), '');
    },
  },
  { name: 'the newest snapshot missing', expected: 'whole', do: (folder, { snapshots: names }) => rmSync(snapshots(folder, last(names)), { recursive: true }) },
  {
    name: 'the two newest snapshots missing',
    expected: /the changes between are missing.*holdfast doctor/,
    do: (folder, { snapshots: names }) => {
      for (const name of names.slice(1)) rmSync(snapshots(folder, name), { recursive: true });
    },
  },
  {
    name: 'all snapshots damaged',
    expected: /the changes between are missing/,
    do: (folder, { snapshots: names }) => {
      for (const name of names) truncate(snapshots(folder, name, 'Component.parquet'), -1);
    },
  },
  {
    name: 'all snapshots damaged and no journal',
    expected: /none of the 3 snapshots can be used .* and there is no journal/,
    do: (folder, { snapshots: names }) => {
      for (const name of names) rmSync(snapshots(folder, name, '_SUCCESS'));
      rmSync(journal(folder), { recursive: true });
    },
  },
  {
    name: 'the newest snapshot damaged and the journal that stands in for it without its end',
    expected: /only change 4 can be reached: the journal does not go as far as that snapshot, 6.*holdfast doctor/,
    do: (folder, { snapshots: names, segments }) => {
      truncate(snapshots(folder, last(names), 'Component.parquet'), -1);
      for (const name of segments) rmSync(journal(folder, name));
      writeFileSync(journal(folder, segmentName(5)), '');
    },
  },
  {
    name: 'the newest manifest damaged and the journal that stands in for it missing',
    expected: /only change 4 can be reached/,
    do: (folder, { snapshots: names, segments }) => {
      flip(snapshots(folder, last(names), '_manifest.json'), 30);
      for (const name of segments) rmSync(journal(folder, name));
    },
  },
  {
    name: 'a snapshot of another data folder',
    expected: /of another data folder than the journal/,
    do: (folder, _site, other) => {
      const name = last(other.snapshots);
      cpSync(snapshots(other.directory, name), snapshots(folder, name.replace(/T\d\d-\d\d/, 'T23-59')), { recursive: true });
      editManifest(folder, name.replace(/T\d\d-\d\d/, 'T23-59'), (manifest) => ({
        ...manifest,
        name: String(manifest['name']).replace(/T\d\d-\d\d/, 'T23-59'),
      }));
    },
  },
  {
    name: 'a snapshot of a newer format',
    expected: /its manifest has format 9, written by a newer version/,
    do: (folder, { snapshots: names }) => editManifest(folder, last(names), (manifest) => ({ ...manifest, format: 9 })),
  },
  {
    name: 'a manifest that tells of more records than there are',
    expected: /records of kind Component, but its manifest says 77.*holdfast doctor/,
    do: (folder, { snapshots: names }) => editManifest(folder, last(names), withRows(77)),
  },
  {
    name: 'a Parquet file of far more rows than the manifest tells',
    expected: /records of kind Component, but its manifest says 1/,
    do: (folder, { snapshots: names }) => editManifest(folder, last(names), withRows(1)),
  },
  {
    name: 'a manifest that names a file outside of the folder',
    expected: 'fallback',
    told: /lacks what every manifest has/,
    do: (folder, { snapshots: names }) =>
      editManifest(folder, last(names), (manifest) => ({
        ...manifest,
        files: [...(manifest['files'] as object[]), { name: '../../keys/store-key', bytes: 1, sha256: '' }],
      })),
  },
  {
    name: 'a manifest without a checksum for what would be loaded',
    expected: 'fallback',
    told: /lacks what every manifest has/,
    do: (folder, { snapshots: names }) =>
      editManifest(folder, last(names), (manifest) => ({
        ...manifest,
        files: (manifest['files'] as { name: string }[]).filter(({ name }) => name !== 'Component.parquet'),
      })),
  },
  {
    name: 'a manifest with nothing in it',
    expected: 'fallback',
    do: (folder, { snapshots: names }) => editManifest(folder, last(names), () => ({})),
  },
  {
    name: 'a load.sql of somebody else beside a sound snapshot, and other strangers',
    expected: 'whole',
    do: (folder, { snapshots: names }) => {
      writeFileSync(snapshots(folder, last(names), 'load2.sql'), "COPY (SELECT 'here') TO 'pwned'");
      writeFileSync(snapshots(folder, last(names), 'Evil.parquet'), 'PAR1');
      writeFileSync(snapshots(folder, 'README'), 'mine');
      mkdirSync(snapshots(folder, 'snapshot=yesterday'));
    },
  },
  {
    name: 'what crashes leave of snapshots',
    expected: 'whole',
    do: (folder) => {
      for (const name of ['.tmp-1763777400000', '.del-2026-11-22T02-10-00Z-000000000001']) {
        mkdirSync(snapshots(folder, name));
        writeFileSync(snapshots(folder, name, 'Component.parquet'), 'half');
      }
    },
  },
  { name: 'nothing at all', expected: 'whole', do: () => undefined },
];

function withRows(rows: number): (manifest: Record<string, unknown>) => Record<string, unknown> {
  return (manifest) => {
    const kinds = manifest['kinds'] as Record<string, Record<string, unknown>>;
    return { ...manifest, kinds: { ...kinds, Component: { ...kinds['Component'], rows } } };
  };
}

function truncate(path: string, by: number): void {
  truncateSync(path, Math.max(0, readFileSync(path).length + by));
}

import type { Mutation } from '../mutation.ts';

/** What the power cuts have to notice. */

export interface StoreMutation extends Mutation {
  /** What is seen after hundreds of power cuts only is looked for from this seed on, shortly before the one that shows it. */
  readonly firstSeed?: number;
}

const NOTHING = ';';

export const MUTATIONS: readonly StoreMutation[] = [
  {
    name: 'the journal is not synced',
    file: 'src/store/journal.js',
    text: 'this.#files.syncFile(segment.file);',
    replacement: NOTHING,
  },
  {
    name: 'a write is answered before the journal is synced',
    file: 'src/store/journal.js',
    text: "return this.#policy === 'always' ? this.#sync(segment) : done(undefined);",
    replacement: 'setImmediate(() => this.broken === undefined && this.#segment === segment && this.#sync(segment)); return done(undefined);',
  },
  {
    name: 'the folder is not synced when a journal segment is begun',
    file: 'src/store/journal.js',
    text: 'this.#files.syncFile(file);\n            this.#files.syncDirectory(this.#directory);',
    replacement: 'this.#files.syncFile(file);',
  },
  {
    name: 'several journal segments are dropped with one sync of the folder',
    file: 'src/store/journal.js',
    text: 'this.#files.syncDirectory(this.#directory);\n            dropped.push(name);',
    replacement: 'dropped.push(name);',
    firstSeed: 4838,
  },
  {
    name: 'the checksum of a frame is not compared',
    file: 'src/store/segment-reader.js',
    text: 'return payloadIsIntact(header, payload) ? payload : undefined;',
    replacement: 'return payload;',
  },
  {
    name: "the checksum of a frame's header is not compared",
    file: 'src/store/journal-format.js',
    text: 'crc32(bytes.subarray(offset, offset + 36)) !== bytes.readUInt32LE(offset + 36)',
    replacement: 'false',
    firstSeed: 2310,
  },
  {
    name: 'a torn end is not cut off',
    file: 'src/store/replay.js',
    text: 'files.truncate(file, goodBytes);',
    replacement: NOTHING,
    firstSeed: 228,
  },
  {
    name: 'a hole in what was never synced is taken for damage',
    file: 'src/store/segment-reader.js',
    text: 'if (start + at - header.unsyncedBytes > offset)',
    replacement: 'if (true)',
    firstSeed: 419,
  },
  {
    name: 'the parts of a bulk are replayed without their commit',
    file: 'src/store/replay.js',
    text: 'if (uncommitted === undefined)\n            return offset;',
    replacement: 'for (const chunk of chunks) this.#takeFrame(chunk.content, chunk.firstSequence); return offset;',
  },
  {
    name: 'recovery does not sync the frames that it has replayed',
    file: 'src/store/replay.js',
    text: 'files.truncate(file, goodBytes);\n        files.syncFile(file);',
    replacement: 'files.truncate(file, goodBytes);',
    firstSeed: 1026,
  },
  {
    name: 'recovery does not sync the folders that it has found them in',
    file: 'src/store/recovery.js',
    text: 'snapshotDirectory])\n        files.syncDirectory(directory);',
    replacement: 'snapshotDirectory]) ;',
  },
  {
    name: 'the journal is dropped as far as the newest snapshot has it',
    file: 'src/store/snapshots.js',
    text: 'const second = kept[1];',
    replacement: 'const second = kept[0];',
    firstSeed: 419,
  },
  {
    name: 'retention keeps the newest snapshot only',
    file: 'src/store/retention.js',
    text: 'const NEWEST_MIN = 2;',
    replacement: 'const NEWEST_MIN = 1;',
    firstSeed: 1308,
  },
  {
    name: 'the tables in a snapshot are not synced',
    file: 'src/store/snapshot.js',
    text: 'files.syncFile(file);',
    replacement: NOTHING,
  },
  {
    name: 'the files that the store writes itself are not synced',
    file: 'src/store/files.js',
    text: 'files.write(file, bytes, 0);\n        files.syncFile(file);',
    replacement: 'files.write(file, bytes, 0);',
  },
  {
    name: 'a snapshot gets its name before its own folder is synced',
    file: 'src/store/snapshot.js',
    text: 'files.syncDirectory(temporary);',
    replacement: NOTHING,
  },
  {
    name: 'the folder is not synced when a snapshot has got its name',
    file: 'src/store/snapshot.js',
    text: 'inPlace = target;\n        files.syncDirectory(directory);',
    replacement: 'inPlace = target;',
  },
  {
    name: 'with the sync policy `interval` a snapshot has changes that the journal does not have on disk',
    file: 'src/store/snapshot.js',
    text: 'parts.syncJournal();',
    replacement: NOTHING,
    firstSeed: 8132,
  },
  {
    name: 'a snapshot has no secrets and no answers to repeated requests',
    file: 'src/store/snapshot.js',
    text: 'parts.privatePart()',
    replacement: '{ places: [], secrets: [], answers: [] }',
  },
  {
    name: 'the answer that a repeated request gets is not journaled with its change',
    file: 'src/store/batch.js',
    text: 'answers.push(answer);',
    replacement: NOTHING,
    firstSeed: 276,
  },
  {
    name: 'secrets are not journaled with their record',
    file: 'src/store/batch.js',
    text: 'image, predecessor, secrets }',
    replacement: 'image, predecessor }',
  },
];

import { type About, json, ref } from './about.ts';
import { BODY_FAULTS, QUERY_FAULTS } from './fault-sets.ts';
import type { JsonSchema } from './json-schema.ts';

/** Snapshots as a resource. */

const text: JsonSchema = { type: 'string' };
const integer: JsonSchema = { type: 'integer' };

const SNAPSHOT: JsonSchema = {
  title: 'Snapshot',
  type: 'object',
  required: ['name', 'time', 'sequence', 'reason', 'rows', 'bytes', 'seconds', 'checksum'],
  properties: {
    name: text,
    time: { type: 'string', format: 'date-time' },
    sequence: { type: 'integer', description: 'Of the last change that is in it.' },
    reason: { type: 'string', description: 'What it was taken for: `interval`, `cron`, `demand`, `shutdown`, `journal-size`, `import`, `restore`.' },
    note: text,
    rows: { type: 'object', additionalProperties: integer, description: 'Records by kind.' },
    bytes: integer,
    seconds: { type: 'number', description: 'How long it took.' },
    checksum: { type: 'string', description: 'SHA-256 of its manifest.' },
  },
};

const NAME = {
  description: 'The name of a snapshot, `latest`, `earliest`, or a time or a sequence: the newest at or before it.',
  schema: text,
} as const;

const DETAIL: JsonSchema = {
  ...SNAPSHOT,
  title: 'Snapshot with its files',
  required: ['name', 'time', 'sequence', 'reason', 'rows', 'bytes', 'seconds', 'checksum', 'files'],
  properties: {
    ...(SNAPSHOT['properties'] as JsonSchema),
    files: {
      type: 'array',
      items: { type: 'object', required: ['name', 'bytes', 'sha256'], properties: { name: text, bytes: integer, sha256: text } },
    },
  },
};

export const SNAPSHOT_ABOUT: Readonly<Record<'list' | 'take' | 'read' | 'delete' | 'file', About>> = {
  list: {
    operationId: 'getSnapshots',
    tag: 'Snapshots',
    summary: 'Lists snapshots, newest first',
    answers: { 200: { description: 'The snapshots.', content: json({ type: 'array', items: ref('snapshots.Snapshot') }) } },
    faults: [...QUERY_FAULTS, 'snapshot-failed'],
    components: { 'snapshots.Snapshot': SNAPSHOT },
  },
  take: {
    operationId: 'takeSnapshot',
    tag: 'Snapshots',
    summary: 'Takes a snapshot',
    body: {
      description: 'A remark, if there is one to make.',
      isOptional: true,
      content: json({ type: 'object', additionalProperties: false, properties: { note: { type: 'string', maxLength: 1000 } } }, { note: 'before the move' }),
    },
    answers: { 201: { description: 'It is taken.', headers: ['Location'], content: json(ref('snapshots.Snapshot')) } },
    faults: [...BODY_FAULTS, ...QUERY_FAULTS, 'snapshot-failed'],
    components: { 'snapshots.Snapshot': SNAPSHOT },
  },
  read: {
    operationId: 'getSnapshot',
    tag: 'Snapshots',
    summary: 'One snapshot, with its files',
    path: { name: NAME },
    answers: { 200: { description: 'The snapshot.', headers: ['ETag'], content: json(ref('snapshots.Detail')) } },
    faults: ['not-found', ...QUERY_FAULTS, 'snapshot-failed'],
    components: { 'snapshots.Detail': DETAIL },
  },
  delete: {
    operationId: 'removeSnapshot',
    tag: 'Snapshots',
    summary: 'Deletes a snapshot',
    description: 'Never the last sound one, nor one that the journal could not stand in for.',
    path: { name: { description: 'The whole name of the snapshot.', schema: text } },
    answers: { 204: { description: 'It is gone.' } },
    faults: ['not-found', 'conflict', ...QUERY_FAULTS, 'snapshot-failed'],
  },
  file: {
    operationId: 'getSnapshotFile',
    tag: 'Snapshots',
    summary: 'A file of a snapshot',
    description:
      'Parquet, the manifest, or SQL that makes and loads the tables. Parts of it by `Range`. `reservations.parquet` needs the scope `reservations` as well.',
    path: { name: NAME, file: { description: 'The name of the file.', schema: { type: 'string', examples: ['ComputeNode.parquet'] } } },
    headers: ['If-None-Match'],
    answers: {
      200: {
        description: 'The file.',
        headers: ['ETag', 'Content-Disposition'],
        content: { 'application/vnd.apache.parquet': { schema: text }, 'application/json': { schema: { type: 'object' } }, 'text/plain': { schema: text } },
      },
      206: {
        description: 'A part of the file.',
        headers: ['ETag', 'Content-Disposition'],
        content: { 'application/vnd.apache.parquet': { schema: text }, 'application/json': { schema: {} }, 'text/plain': { schema: text } },
      },
      304: { description: 'It has not changed.', headers: ['ETag'] },
    },
    faults: ['not-found', ...QUERY_FAULTS, 'snapshot-failed'],
  },
};

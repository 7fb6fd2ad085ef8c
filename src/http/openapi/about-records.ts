import type { Kind } from '../../../schemas/kind.ts';
import { type About, AT_PARAMETER, type Content, JSON_MEDIA, json, lines, listOf, NDJSON_MEDIA, type Parameter, ref } from './about.ts';
import { BODY_FAULTS, CHANGE_FAULTS, QUERY_FAULTS } from './fault-sets.ts';
import type { JsonSchema } from './json-schema.ts';
import { exampleOf } from './kind-forms.ts';
import { listParameters } from './list-parameters.ts';

/** The routes that every kind has. Their operation ids are a verb and the name of the kind; nothing else begins with these verbs. */

const RECORD = ref('{Kind}');
const FLAG: JsonSchema = { type: 'boolean' };
const ONE = 'by its key or one of its natural keys';

const VERSION = ref('history.Version');
const VERSION_SCHEMA: JsonSchema = {
  title: 'A version of a record',
  type: 'object',
  required: ['sequence', 'time', 'type', 'source'],
  properties: {
    sequence: { type: 'integer', description: 'Of the change that made it; its revision.' },
    time: { type: 'string', format: 'date-time' },
    type: { enum: ['created', 'updated', 'deleted'] },
    source: { enum: ['journal', 'snapshot'], description: '`snapshot`: it was seen in one; changes between two snapshots may not be kept.' },
    snapshot: { type: 'string' },
    record: { type: 'object', description: 'The record; of a deletion, as it last was.' },
    patch: { type: 'object', description: 'A merge patch (RFC 7396) of the version before.' },
  },
};

const UPSERT: Parameter = { name: 'upsert', description: 'Makes the record when there is none.', schema: FLAG };

const CREATED = {
  description: 'It is made.',
  headers: ['ETag', 'Location', 'Idempotency-Replayed'],
  content: json(RECORD),
} as const;
const STORED = { description: 'The record as it is now.', headers: ['ETag', 'Idempotency-Replayed'], content: json(RECORD) } as const;

/** Of `POST`: with an example where the schema has enough of them. */
function oneOrMore(kind: Kind): Content {
  return json({ anyOf: [ref(`${kind.name}-write`), { type: 'array', items: ref(`${kind.name}-write`) }] }, exampleOf(kind));
}

const WRITTEN: Content = json(ref('{Kind}-write'));

const REPLACE = {
  tag: '{Kind}',
  description:
    'A property that is not in the body is gone, but for secrets, which stay as they were. What only the server sets is ignored, so that a record that was read can be sent back.',
  query: [UPSERT],
  headers: ['If-Match', 'Idempotency-Key'],
  body: { description: 'The whole record.', content: WRITTEN },
  answers: { 200: STORED, 201: CREATED },
  faults: [...BODY_FAULTS, ...CHANGE_FAULTS, 'not-found', 'conflict', 'precondition-failed', 'idempotency-mismatch'],
} as const satisfies Partial<About>;

export const RECORD_ABOUT: Readonly<Record<'list' | 'create' | 'bulk' | 'read' | 'replace' | 'overwrite' | 'patch' | 'remove' | 'secrets' | 'history', About>> =
  {
    list: {
      operationId: 'list{Kind}',
      tag: '{Kind}',
      summary: 'Lists records of {Kind}',
      description:
        'Without parameters: all of them. Different properties must all hold. Numbers and times are compared by `.gt`, `.gte`, `.lt` and `.lte` behind their name; texts can be, too (`xname.gte=x3000`). A parameter that is not understood is a 400 that names it.',
      query: listParameters,
      answers: {
        200: {
          description: 'Those that fit, whole unless `fields` says otherwise.',
          headers: ['Link', 'X-Total-Count', 'X-Holdfast-Sequence', 'X-Holdfast-As-Of'],
          content: listOf(RECORD),
        },
      },
      faults: ['not-acceptable', 'not-found', ...QUERY_FAULTS],
    },
    create: {
      operationId: 'create{Kind}',
      tag: '{Kind}',
      summary: 'Makes a record of {Kind}, or an array of them',
      description: 'Of an array all records are made, or none.',
      headers: ['Idempotency-Key'],
      body: { description: 'One record, or an array of at most 10000.', content: oneOrMore },
      answers: { 201: { ...CREATED, content: json({ anyOf: [RECORD, { type: 'array', items: RECORD }] }) } },
      faults: [...BODY_FAULTS, ...CHANGE_FAULTS, 'conflict', 'precondition-failed', 'idempotency-mismatch'],
    },
    bulk: {
      operationId: 'bulk{Kind}',
      tag: '{Kind}',
      summary: 'Makes or replaces many records of {Kind}',
      description: 'The body is read as a stream. An Idempotency-Key needs `mode=atomic`.',
      query: [
        {
          name: 'mode',
          description: '`atomic`: all records or none. `partial`: each for itself, with one line of the answer for each.',
          schema: { type: 'string', enum: ['atomic', 'partial'], default: 'atomic' },
        },
        { name: 'upsert', description: 'A record whose key or natural key exists already replaces that one.', schema: FLAG },
        { name: 'dry_run', description: 'Judges and changes nothing.', schema: FLAG },
      ],
      headers: ['Idempotency-Key'],
      body: {
        description: 'Records, as lines or as one array.',
        content: { [NDJSON_MEDIA]: lines(ref('{Kind}-write')), [JSON_MEDIA]: { schema: { type: 'array', items: ref('{Kind}-write') } } },
      },
      answers: {
        200: {
          description: 'What was done: counts, or with `mode=partial` a line for each record, in their order.',
          headers: ['Idempotency-Replayed'],
          content: { ...json(ref('inventory.BulkCounts')), [NDJSON_MEDIA]: lines(ref('inventory.BulkLine')) },
        },
      },
      faults: [...BODY_FAULTS, ...CHANGE_FAULTS, 'conflict', 'precondition-failed', 'idempotency-mismatch'],
      components: {
        'inventory.BulkCounts': {
          title: 'Counts of a bulk',
          type: 'object',
          required: ['created', 'updated', 'total', 'dry_run', 'sequence'],
          properties: {
            created: { type: 'integer' },
            updated: { type: 'integer' },
            total: { type: 'integer' },
            dry_run: FLAG,
            sequence: { type: 'integer', description: 'Of the last change.' },
          },
        },
        'inventory.BulkLine': {
          title: 'What became of one record of a bulk',
          type: 'object',
          required: ['index', 'status'],
          properties: { index: { type: 'integer', description: 'The place of the record in the body, from 0.' } },
          anyOf: [
            {
              required: ['id', 'revision'],
              properties: {
                status: { type: 'integer', enum: [200, 201] },
                id: { type: 'string', description: 'The key of the record.' },
                revision: { type: 'integer' },
              },
            },
            ref('problems.Problem'),
          ],
        },
      },
    },
    read: {
      operationId: 'read{Kind}',
      tag: '{Kind}',
      summary: `Reads one {Kind}, ${ONE}`,
      query: [AT_PARAMETER],
      headers: ['If-None-Match'],
      answers: {
        200: { description: 'The record.', headers: ['ETag', 'X-Holdfast-As-Of'], content: json(RECORD) },
        304: { description: 'It has not changed.', headers: ['ETag', 'X-Holdfast-As-Of'] },
      },
      faults: ['not-found', ...QUERY_FAULTS],
    },
    replace: { ...REPLACE, operationId: 'replace{Kind}', summary: 'Replaces one {Kind}' },
    overwrite: { ...REPLACE, operationId: 'overwrite{Kind}', summary: 'The same as PUT, as node-orchestrator has it', deprecated: true },
    patch: {
      operationId: 'patch{Kind}',
      tag: '{Kind}',
      summary: 'Changes some properties of one {Kind}',
      description: 'The patch is applied to the record as it is when its turn comes. `application/json` means a merge patch.',
      headers: ['If-Match'],
      body: {
        description: 'A merge patch (RFC 7396) or a JSON patch (RFC 6902).',
        content: {
          'application/merge-patch+json': { schema: ref('{Kind}-patch') },
          'application/json-patch+json': { schema: ref('inventory.JsonPatch') },
          [JSON_MEDIA]: { schema: ref('{Kind}-patch') },
        },
      },
      answers: { 200: { description: 'The record as it is now.', headers: ['ETag'], content: json(RECORD) } },
      faults: [...BODY_FAULTS, ...CHANGE_FAULTS, 'not-found', 'conflict', 'patch-failed', 'precondition-failed'],
      components: {
        'inventory.JsonPatch': {
          title: 'JSON patch',
          description: 'Operations in their order, all of them or none (RFC 6902).',
          type: 'array',
          maxItems: 10_000,
          items: {
            type: 'object',
            required: ['op', 'path'],
            properties: {
              op: { type: 'string', enum: ['add', 'remove', 'replace', 'move', 'copy', 'test'] },
              path: { type: 'string', description: 'JSON pointer (RFC 6901).' },
              from: { type: 'string', description: 'JSON pointer: of `move` and `copy`.' },
              value: { description: 'Of `add`, `replace` and `test`.' },
            },
          },
          examples: [[{ op: 'add', path: '/description', value: 'row 3' }]],
        },
      },
    },
    remove: {
      operationId: 'delete{Kind}',
      tag: '{Kind}',
      summary: 'Deletes one {Kind}',
      query: [{ name: 'force', description: 'Also when other records refer to it.', schema: FLAG }],
      headers: ['If-Match'],
      answers: { 204: { description: 'It is gone.' } },
      faults: [...CHANGE_FAULTS, 'not-found', 'conflict', 'precondition-failed'],
    },
    history: {
      operationId: 'trace{Kind}',
      tag: '{Kind}',
      summary: 'Versions of one {Kind}, newest first',
      description:
        'Out of the journal, and of snapshots that are older than it. The name is that of the record as it is, or any key, also of a deleted record.',
      query: [
        {
          name: 'limit',
          description: 'At most so many; where there are more, the header Link leads to them.',
          schema: { type: 'integer', minimum: 1, maximum: 1000 },
        },
        { name: 'after', description: 'The sequence of a version: older ones.', schema: { type: 'string', pattern: '^[0-9]{1,16}$' } },
        { name: 'patch', description: 'Merge patches against the version before, where that is known.', schema: FLAG },
      ],
      answers: { 200: { description: 'The versions.', headers: ['Link'], content: listOf(VERSION) } },
      faults: ['not-found', 'not-acceptable', ...QUERY_FAULTS],
      components: { 'history.Version': VERSION_SCHEMA },
    },
    secrets: {
      operationId: 'reveal{Kind}',
      tag: '{Kind}',
      summary: 'Reads the secrets of one {Kind}',
      description: 'Each such request is a line in the log.',
      answers: { 200: { description: 'The secrets that are stored.', headers: ['Cache-Control'], content: json(ref('{Kind}-secrets')) } },
      faults: ['not-found', ...QUERY_FAULTS],
    },
  };

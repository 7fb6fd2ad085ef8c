import { LIST_LIMIT_MAX } from '../list-query.ts';
import { type About, json, lines, NDJSON_MEDIA, type Parameter, ref } from './about.ts';
import { QUERY_FAULTS } from './fault-sets.ts';
import type { JsonSchema } from './json-schema.ts';

/** What is different between two moments. */

const text: JsonSchema = { type: 'string' };
const count: JsonSchema = { type: 'integer', minimum: 0 };
const WHEN = 'a time (RFC 3339), the name of a snapshot, `latest`, `earliest`, `now`, or a sequence';

const QUERY: readonly Parameter[] = [
  { name: 'from', description: `The state that is compared from: ${WHEN}.`, schema: { type: 'string', minLength: 1 }, required: true },
  { name: 'to', description: `The state that is compared to: ${WHEN}. It may be the earlier one.`, schema: { type: 'string', minLength: 1, default: 'now' } },
  {
    name: 'kind',
    description: 'Only this kind; repeated: these. Without it the whole inventory. `reservations` alone, which needs the scope `reservations`.',
    schema: { type: 'array', items: text, maxItems: 100 },
  },
  {
    name: 'form',
    description: 'How a changed record is told: by a patch, or by both records. `counts`: no record is told, only how many there are.',
    schema: { type: 'string', enum: ['patch', 'records', 'counts'], default: 'patch' },
  },
  {
    name: 'limit',
    description: 'At most so many changes; where there are more, the header Link leads to them.',
    schema: { type: 'integer', minimum: 1, maximum: LIST_LIMIT_MAX },
  },
  { name: 'after', description: 'Where the page begins: taken from the header Link of the page before.', schema: text },
];

const STATE: JsonSchema = {
  title: 'One of the two states of a diff',
  type: 'object',
  required: ['sequence', 'source', 'exact'],
  properties: {
    sequence: { type: 'integer', minimum: 0, description: 'Every change up to this one is in it, and none after it.' },
    time: {
      type: 'string',
      format: 'date-time',
      description: 'Of that change, or of the snapshot where nothing else is known. Absent before the first change.',
    },
    source: { enum: ['snapshot', 'journal'] },
    snapshot: { type: 'string', description: 'The snapshot that it is built from; absent when the journal has everything.' },
    exact: { type: 'boolean', description: 'False: it is the newest snapshot before what was asked for, and changes in between are not kept any more.' },
  },
};

const RECORD: JsonSchema = { type: 'object' };
const CHANGE: JsonSchema = {
  title: 'A record that is not the same in two states',
  type: 'object',
  required: ['kind', 'key', 'type'],
  properties: {
    kind: text,
    key: text,
    type: { enum: ['created', 'changed', 'deleted'], description: 'What makes the second state of the first one.' },
    fromRevision: { type: 'integer', description: 'In the first state; absent when it is not there.' },
    toRevision: { type: 'integer' },
    patch: { ...ref('inventory.JsonPatch'), description: 'Of a changed record: makes `to` of `from` (RFC 6902).' },
    before: { ...RECORD, description: 'Of a deleted record, and of a changed one with `form=records`.' },
    after: { ...RECORD, description: 'Of a created record, and of a changed one with `form=records`.' },
  },
};

const DIFF: JsonSchema = {
  title: 'What is different between two states',
  type: 'object',
  required: ['from', 'to', 'counts'],
  properties: {
    from: ref('history.DiffState'),
    to: ref('history.DiffState'),
    counts: {
      type: 'object',
      description: 'By kind: of the whole, whatever `limit` says.',
      additionalProperties: { type: 'object', required: ['created', 'changed', 'deleted'], properties: { created: count, changed: count, deleted: count } },
    },
    changes: { type: 'array', description: 'By kind and key. Absent with `form=counts`.', items: ref('history.Change') },
  },
};

export const DIFF_ABOUT: About = {
  operationId: 'getDiff',
  tag: 'History',
  summary: 'What is different between two moments',
  description: 'Records that were created, changed and deleted between two states; all pages are of the same two. Secrets are in neither.',
  query: QUERY,
  answers: {
    200: {
      description: 'The differences.',
      headers: ['Link', 'X-Total-Count', 'X-Holdfast-From', 'X-Holdfast-To'],
      content: { ...json(ref('history.Diff')), [NDJSON_MEDIA]: lines(ref('history.Change')) },
    },
  },
  faults: ['not-found', 'not-acceptable', 'unauthorized', 'forbidden', 'too-many-failures', ...QUERY_FAULTS],
  components: { 'history.Diff': DIFF, 'history.Change': CHANGE, 'history.DiffState': STATE },
};

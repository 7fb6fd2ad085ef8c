import { type About, json, ref } from './about.ts';
import { BODY_FAULTS, CHANGE_FAULTS } from './fault-sets.ts';
import type { JsonSchema } from './json-schema.ts';

/** Going back to a moment. */

const text: JsonSchema = { type: 'string' };
const integer: JsonSchema = { type: 'integer' };
const texts: JsonSchema = { type: 'array', items: text };

const COUNTS: JsonSchema = {
  type: 'object',
  required: ['created', 'updated', 'deleted'],
  properties: { created: integer, updated: integer, deleted: integer },
};

const REPORT: JsonSchema = {
  title: 'What a restore did, or would do',
  type: 'object',
  required: ['dry_run', 'as_of', 'sequence', 'total', 'counts', 'changes', 'broken', 'broken_count', 'lost_secrets', 'lost_secrets_count'],
  properties: {
    dry_run: { type: 'boolean', description: 'Nothing was changed.' },
    as_of: {
      type: 'object',
      required: ['sequence', 'source', 'exact'],
      properties: {
        sequence: integer,
        time: { type: 'string', format: 'date-time' },
        source: { enum: ['snapshot', 'journal'] },
        snapshot: text,
        exact: { const: true },
      },
      description: 'What the inventory goes back to.',
    },
    sequence: { type: 'integer', description: 'Of the last change before it in a dry run; else of its own last change.' },
    total: COUNTS,
    counts: { type: 'object', additionalProperties: COUNTS, description: 'By kind, without those of which nothing changes.' },
    changes: {
      type: 'array',
      description: 'The first of them.',
      items: {
        type: 'object',
        required: ['kind', 'key', 'type'],
        properties: {
          kind: text,
          key: text,
          type: { enum: ['created', 'updated', 'deleted'] },
          patch: { type: 'array', items: { type: 'object' }, description: 'JSON patch (RFC 6902) from the record as it is to what it was.' },
          record: { type: 'object', description: 'The record that comes back, or goes.' },
        },
      },
    },
    broken: {
      type: 'array',
      description: 'The first of the rules that it would break.',
      items: { type: 'object', required: ['pointer', 'detail'], properties: { pointer: text, detail: text } },
    },
    broken_count: integer,
    lost_secrets: {
      type: 'array',
      description:
        'The first of the records that come back without secrets that they had, because those are not kept any more or do not open with the store key.',
      items: { type: 'object', required: ['kind', 'key', 'secrets'], properties: { kind: text, key: text, secrets: texts } },
    },
    lost_secrets_count: integer,
    safety_snapshot: { type: 'string', description: 'The name of the snapshot that was taken right before it.' },
  },
};

const BODY: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    confirm: { type: 'boolean', default: false, description: 'Without it, this is a dry run.' },
    sequence: { type: 'integer', minimum: 0, description: 'That of a dry run: refused when the inventory has changed since.' },
    kinds: { type: 'array', items: text, minItems: 1, maxItems: 100, description: 'Only records of these kinds.' },
    filter: { type: 'string', maxLength: 8192, description: 'Only records of the one kind that fit this filter of a list, then or now.' },
    properties: { type: 'array', items: text, minItems: 1, maxItems: 100, description: 'Only these properties, of records of the one kind that are there.' },
    note: { type: 'string', maxLength: 1000, description: 'Of the safety snapshot.' },
    limit: { type: 'integer', minimum: 0, maximum: 1000, default: 100, description: 'Changes that are told one by one.' },
  },
};

export const RESTORE_ABOUT: About = {
  operationId: 'restoreSnapshot',
  tag: 'Snapshots',
  summary: 'Takes the inventory back to a moment, or says what that would do',
  description: 'Needs the scope `inventory:write` as well. Reservations stay as they are, and so do the secrets of records that are there.',
  path: {
    name: {
      description:
        'The name of a snapshot, `latest`, `earliest`, a time or a sequence; it has to be kept exactly. `latest` is the newest snapshot that was not taken for the safety of a restore.',
      schema: text,
    },
  },
  body: { description: 'What goes back.', isOptional: true, content: json(BODY, { confirm: false, kinds: ['ComputeNode'] }) },
  answers: { 200: { description: 'It is done, or this is what it would do.', content: json(ref('snapshots.Restore')) } },
  faults: [...BODY_FAULTS.filter((code) => code !== 'invalid'), ...CHANGE_FAULTS, 'not-found', 'conflict', 'snapshot-failed'],
  components: { 'snapshots.Restore': REPORT },
};

import { type About, JSON_MEDIA, NDJSON_MEDIA } from './about.ts';
import { BODY_FAULTS, QUERY_FAULTS } from './fault-sets.ts';
import type { JsonSchema } from './json-schema.ts';

/** SQL. */

const ROW: JsonSchema = { type: 'object', description: 'One row, by the names of its columns.' };

export const QUERY_ABOUT: About = {
  operationId: 'query',
  tag: 'SQL',
  summary: 'Answers one SELECT',
  description: 'Tables are named like the kinds, and `reservations`. No secret is in any of them.',
  body: {
    description: 'The SQL, and what it is asked of.',
    content: {
      [JSON_MEDIA]: {
        schema: {
          type: 'object',
          required: ['sql'],
          additionalProperties: false,
          properties: {
            sql: { type: 'string', maxLength: 100_000 },
            at: {
              type: 'string',
              maxLength: 100,
              default: 'now',
              description: '`now`, the name of a snapshot, `latest`, `earliest`, a time, a sequence, or `all` snapshots.',
            },
          },
        },
        example: { sql: 'SELECT architecture, count(*) AS nodes FROM ComputeNode GROUP BY ALL' },
      },
    },
  },
  answers: {
    200: {
      description: 'The rows.',
      headers: ['X-Holdfast-Sequence', 'X-Holdfast-As-Of'],
      content: {
        [JSON_MEDIA]: { schema: { type: 'array', items: ROW } },
        [NDJSON_MEDIA]: { schema: { type: 'string' }, 'x-holdfast-line': ROW },
        'text/csv': { schema: { type: 'string' } },
        'application/vnd.apache.arrow.stream': { schema: {} },
        'application/vnd.apache.parquet': { schema: {} },
      },
    },
  },
  faults: [
    ...BODY_FAULTS,
    ...QUERY_FAULTS,
    'not-acceptable',
    'not-found',
    'overloaded',
    'forbidden',
    'invalid-sql',
    'forbidden-sql',
    'result-too-large',
    'query-resources',
    'query-failed',
  ],
};

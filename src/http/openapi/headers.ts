import type { JsonSchema } from './json-schema.ts';

/** Headers that requests and answers have, each described once. */

export type RequestHeader = 'If-Match' | 'If-None-Match' | 'Idempotency-Key';
export type AnswerHeader =
  | 'X-Request-Id'
  | 'ETag'
  | 'Location'
  | 'Link'
  | 'X-Total-Count'
  | 'X-Holdfast-Sequence'
  | 'X-Holdfast-As-Of'
  | 'X-Holdfast-From'
  | 'X-Holdfast-To'
  | 'Content-Disposition'
  | 'Idempotency-Replayed'
  | 'Retry-After'
  | 'WWW-Authenticate'
  | 'Cache-Control';

export interface Header {
  /** Every answer that is described with it has it. */
  readonly required?: true;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly example?: string;
}

const text: JsonSchema = { type: 'string' };

export const REQUEST_HEADERS: Readonly<Record<RequestHeader, Header>> = {
  'If-Match': {
    description: 'The ETag that the record must have, several of them, or `*` for any. Else nothing is changed, and the answer is 412.',
    schema: text,
    example: '"7"',
  },
  'If-None-Match': { description: 'An ETag that the caller has already: when it still holds, the answer is 304 without a body.', schema: text, example: '"7"' },
  'Idempotency-Key': {
    description: 'The same request with the same key acts once, and gets the first answer again for 24 hours.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
    example: 'rack-12-node-4',
  },
};

export const ANSWER_HEADERS: Readonly<Record<AnswerHeader, Header>> = {
  'X-Request-Id': { required: true, description: 'Names the request in the log: what the caller sent under this name, or a new id.', schema: text },
  ETag: { description: 'The version that was answered, for If-Match and If-None-Match. That of a record is its revision.', schema: text, example: '"7"' },
  Location: { description: 'The path of the new record.', schema: { type: 'string', format: 'uri-reference' } },
  Link: { description: 'Where there is more: the next page, with `rel="next"`.', schema: text },
  'X-Total-Count': { description: 'How many there are, whatever `limit` says; of lists with `count=true`.', schema: { type: 'integer', minimum: 0 } },
  'X-Holdfast-Sequence': {
    description: 'Every change up to this sequence is in the list; the feed goes on from there.',
    schema: { type: 'integer', minimum: 0 },
  },
  'X-Holdfast-As-Of': {
    description: 'With `at`: the sequence that it came to, then `time=`, `source=`, `snapshot=` and whether it is `exact=`.',
    schema: text,
    example: '42; time=2026-11-22T10:00:00.000Z; source=journal; exact=true',
  },
  'X-Holdfast-From': { description: 'The state that is compared from, as X-Holdfast-As-Of says it.', schema: text },
  'X-Holdfast-To': { description: 'The state that is compared to, as X-Holdfast-As-Of says it.', schema: text },
  'Content-Disposition': { description: 'The name of the file.', schema: text },
  'Idempotency-Replayed': {
    description: '`true`: this is the answer of an earlier request with the same Idempotency-Key.',
    schema: { type: 'string', enum: ['true'] },
  },
  'Retry-After': { description: 'Seconds after which another attempt makes sense.', schema: { type: 'integer', minimum: 0 } },
  'WWW-Authenticate': { required: true, description: 'How to show who one is: `Bearer`, or a challenge of HTTP Digest.', schema: text },
  'Cache-Control': { required: true, description: '`no-store`: the answer is for nobody else, or changes all the time.', schema: text },
};

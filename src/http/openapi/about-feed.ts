import { type About, type Parameter, ref } from './about.ts';
import type { JsonSchema } from './json-schema.ts';

/** The change feed. */

const text: JsonSchema = { type: 'string' };

const QUERY: readonly Parameter[] = [
  {
    name: 'kinds',
    description: 'Names of kinds, `reservations`, `snapshots`, `server`. Without it, everything that the caller may see.',
    schema: { type: 'array', items: text },
    explode: false,
  },
  { name: 'keys', description: 'Keys of records, not natural keys.', schema: { type: 'array', items: text, maxItems: 1000 }, explode: false },
  { name: 'endpoint', description: 'Reservations of this endpoint only.', schema: text },
  {
    name: 'since',
    description: 'The `sequence` of an event, or the `id` of one that has a sequence: what came after it is told first. `Last-Event-ID` does the same.',
    schema: { type: 'string', pattern: '^([0-9]{1,10}-)?[0-9]{1,16}(-position|-reset)?$' },
  },
  { name: 'patch', description: 'Updates as merge patches against the record before.', schema: { type: 'boolean' } },
  {
    name: 'filter',
    description: 'With one kind in `kinds`, every parameter by which its list is filtered may be given under its own name.',
    schema: { type: 'object', additionalProperties: text },
  },
];

const EVENT: JsonSchema = {
  title: 'Event',
  description: 'CloudEvents 1.0. `data` is the record, or a merge patch of it, or what the signal is about.',
  type: 'object',
  required: ['specversion', 'id', 'source', 'type', 'time'],
  properties: {
    specversion: { const: '1.0' },
    id: { type: 'string', description: 'Of a change: `<epoch>-<sequence>`, which `since` takes.' },
    source: { type: 'string', format: 'uri-reference' },
    type: { type: 'string', pattern: '^holdfast\\.', examples: ['holdfast.ComputeNode.updated', 'holdfast.reservation.active', 'holdfast.feed.reset'] },
    subject: { type: 'string', description: 'The key of the record, the name of the snapshot.' },
    time: { type: 'string', format: 'date-time' },
    sequence: { type: 'string', pattern: '^[0-9]{16}$', description: 'The position of the change in the journal. Signals have none.' },
    datacontenttype: { enum: ['application/json', 'application/merge-patch+json'] },
    matches: { const: false, description: 'The record does not fit the filter any more.' },
    data: { type: 'object' },
  },
};

export const FEED_ABOUT: About = {
  operationId: 'getFeed',
  tag: 'Feed',
  summary: 'Every change as it happens',
  description:
    'A WebSocket when the client asks for one, with one event in each message; else Server-Sent Events, with one event in each `data:`. ' +
    'Reservations need their own scope, and are left out for who does not have it and does not name them.',
  query: QUERY,
  answers: {
    101: { description: 'A WebSocket. Its subprotocol is `holdfast.feed`; a browser sends its token as another one, `bearer.<token>`.' },
    200: {
      description: 'A stream without end.',
      content: { 'text/event-stream': { schema: text, 'x-holdfast-event': ref('feed.Event') } },
    },
  },
  faults: ['unauthorized', 'forbidden', 'too-many-failures', 'recovering'],
  components: { 'feed.Event': EVENT },
};

import type { Column, Kind, NamedColumn } from '../../../schemas/kind.ts';
import { STATES } from '../reservation-view.ts';
import { type About, AT_PARAMETER, json, listOf, type Parameter, ref } from './about.ts';
import { BODY_FAULTS, CHANGE_FAULTS, OPERATION_FAULTS, QUERY_FAULTS } from './fault-sets.ts';
import type { JsonSchema } from './json-schema.ts';
import { listParameters } from './list-parameters.ts';

/** Reservations as records. */

const TAG = 'Reservations';
const text: JsonSchema = { type: 'string' };
const PROPERTIES: JsonSchema = { type: 'object', additionalProperties: text };

/** What the properties of a reservation are; a property that has no text here keeps the server from starting. */
const TEXTS: Readonly<Record<string, JsonSchema>> = {
  operation_id: { description: 'Names the join that made it.' },
  endpoint: { description: 'The endpoint.' },
  reservation_id: { description: 'The id that the plugin chose. Absent: the join is not known to have ended.' },
  state: { description: 'What it is doing.', enum: Object.keys(STATES) },
  until: { description: 'Its real end, as the substrate was told; of one that is renewing, the end that was asked for.' },
  renew_deadline: { description: 'When it is to be renewed. Absent: it is not on the schedule.' },
  join_properties: { ...PROPERTIES, description: 'What the caller gave; secrets are masked.' },
  sched_properties: { ...PROPERTIES, description: 'What the plugin returned; secrets are masked.' },
  attempts: { description: 'Renewals that failed since the last one that did not.' },
  last_error: { description: 'What went wrong last.' },
  calls: { description: 'Its newest plugin calls, newest last.' },
  'calls.operation': { description: 'join, leave, modify, renew, status, find.' },
  'calls.operation_id': { description: 'Names the call.' },
  'calls.caller': { description: 'Who asked for it. Absent: the schedule.' },
  'calls.started_at': { description: 'When it began.' },
  'calls.duration_ms': { description: 'How long it took.' },
  'calls.outcome': { description: '`done`, `failed` or `unknown`. Absent: it runs.' },
  'calls.error': { description: 'What went wrong.' },
  closed_at: { description: 'When it was closed.' },
  close_reason: { description: 'Why it was closed.' },
  created_at: { description: 'When it was made.' },
  updated_at: { description: 'When it was changed last.' },
  revision: { description: 'Rises with every change; it is the ETag.' },
};

function objectOf(columns: readonly NamedColumn[], place: string): JsonSchema {
  const properties = columns.map(({ name, column }) => {
    const at = `${place}${name}`;
    const about = TEXTS[at];
    if (about === undefined) throw new Error(`the property ${at} of reservations has no description`);
    return [name, { ...schemaOf(column, at), ...about }];
  });
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(properties) };
}

function schemaOf(column: Column, place: string): JsonSchema {
  switch (column.type) {
    case 'string':
      return column.format === undefined ? text : { type: 'string', format: column.format };
    case 'date-time':
      return { type: 'string', format: 'date-time' };
    case 'json':
      return {};
    case 'list':
      return { type: 'array', items: schemaOf(column.element, place) };
    case 'object':
      return objectOf(column.columns, `${place}.`);
    default:
      return { type: column.type };
  }
}

/** In the place of the column's own: a list of states, some names more. */
function reservationParameters(shown: Kind): readonly Parameter[] {
  const states = { type: 'array', items: { type: 'string', enum: Object.keys(STATES).flatMap((state) => [state, `!${state}`]) } };
  return [
    ...listParameters(shown).filter(({ name }) => name !== 'state'),
    { name: 'state', description: 'One of these states; with `!` in front, none of them.', schema: states, explode: false },
    { name: 'due_before', description: 'On the schedule with an earlier `renew_deadline`: an RFC 3339 time, or milliseconds since 1970.', schema: text },
    {
      name: 'property',
      description: 'A name, a colon and a value: a property of the caller or of the plugin has it. Repeated with one name: one of the values.',
      schema: { type: 'array', items: { type: 'string', pattern: '^[^:]+:' } },
    },
  ];
}

/** One Problem or what was taken over. */
const IMPORTED: JsonSchema = {
  type: 'object',
  required: ['taken', 'refused', 'items'],
  properties: {
    taken: { type: 'integer' },
    refused: { type: 'integer' },
    items: {
      type: 'array',
      description: 'In the order of the body.',
      items: {
        type: 'object',
        required: ['index', 'status'],
        properties: { index: { type: 'integer' }, endpoint: text, reservation_id: text },
        anyOf: [{ required: ['operation_id'], properties: { status: { type: 'integer', enum: [201] }, operation_id: text } }, ref('problems.Problem')],
      },
    },
  },
};

/** The members of `IMPORTED` for a body that was made by hand. */
const IMPORT_EXAMPLE = {
  list: [
    {
      status: 0,
      errorMsg: null,
      name: 'oscars',
      reservationId: '3f9a77bc01',
      deadline: 1_795_341_600_000,
      joinProperties: { 'unit.vlan': '7' },
      schedProperties: {},
    },
  ],
};

const IMPORT_BODY: JsonSchema = {
  type: 'object',
  required: ['list'],
  additionalProperties: false,
  properties: {
    list: {
      type: 'array',
      maxItems: 250_000,
      items: {
        type: 'object',
        required: ['name', 'reservationId', 'deadline'],
        properties: {
          name: { type: 'string', minLength: 1 },
          reservationId: { type: 'string', minLength: 1 },
          deadline: { type: 'integer', minimum: 0 },
          joinProperties: { type: ['object', 'null'], additionalProperties: { type: ['string', 'null'] } },
          schedProperties: { type: ['object', 'null'], additionalProperties: { type: ['string', 'null'] } },
        },
      },
    },
  },
};

export interface ReservationAbout {
  readonly list: About;
  readonly unknown: About;
  readonly read: About;
  readonly renew: About;
  readonly release: About;
  readonly take: About;
}

/** @param shown the kind as clients see it. */
export function reservationAbout(shown: Kind): ReservationAbout {
  const RESERVATION = ref('reservations.Reservation');
  const components = { 'reservations.Reservation': { title: 'Reservation', ...objectOf(shown.columns, ''), required: [shown.key] } };
  const shared = { tag: TAG, components } as const;
  const lists = {
    ...shared,
    query: reservationParameters(shown),
    answers: {
      200: {
        description: 'Those that fit, whole unless `fields` says otherwise.',
        headers: ['Link', 'X-Total-Count', 'X-Holdfast-Sequence', 'X-Holdfast-As-Of'],
        content: listOf(RESERVATION),
      },
    },
    faults: ['not-acceptable', 'not-found', ...QUERY_FAULTS],
  } as const satisfies Partial<About>;
  const one = { description: 'The reservation as it is now.', headers: ['ETag'], content: json(RESERVATION) } as const;
  return {
    list: { ...lists, operationId: 'getReservations', summary: 'Lists reservations' },
    unknown: { ...lists, operationId: 'getUnknownReservations', summary: 'Lists those that need a person: in state `unknown` or `orphaned`' },
    read: {
      ...shared,
      operationId: 'getReservation',
      summary: 'One reservation, with its history',
      query: [AT_PARAMETER],
      headers: ['If-None-Match'],
      answers: { 200: { ...one, headers: ['ETag', 'X-Holdfast-As-Of'] }, 304: { description: 'It has not changed.', headers: ['ETag', 'X-Holdfast-As-Of'] } },
      faults: ['not-found', ...QUERY_FAULTS],
    },
    renew: { ...shared, operationId: 'renewReservation', summary: 'Renews now, whatever the schedule says', answers: { 200: one }, faults: OPERATION_FAULTS },
    release: {
      ...shared,
      operationId: 'releaseReservation',
      summary: 'Forgets a reservation that its substrate no longer knows',
      body: {
        description: 'Why: nobody can ask the substrate later.',
        content: json(
          {
            type: 'object',
            additionalProperties: false,
            required: ['reason'],
            properties: { reason: { type: 'string', minLength: 1, maxLength: 500, pattern: '\\S' } },
          },
          { reason: 'the switch was replaced' },
        ),
      },
      answers: { 200: { ...one, description: 'The closed reservation.' } },
      faults: [...BODY_FAULTS, ...CHANGE_FAULTS, 'not-found', 'wrong-state'],
    },
    take: {
      ...shared,
      operationId: 'importReservations',
      summary: 'Takes over the schedule of another agent',
      description: 'Calls no plugin. Every entry is taken or refused for itself.',
      body: { description: 'What a NodeAgent2 answers to `GET /schedule`.', content: json(IMPORT_BODY, IMPORT_EXAMPLE) },
      answers: { 200: { description: 'What became of each entry.', content: json(IMPORTED) } },
      faults: [...BODY_FAULTS, ...CHANGE_FAULTS],
    },
  };
}

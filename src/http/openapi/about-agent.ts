import { type About, type Body, json, ref } from './about.ts';
import { BODY_FAULTS, OPERATION_FAULTS, PLUGIN_FAULTS } from './fault-sets.ts';
import type { JsonSchema } from './json-schema.ts';

/** NodeAgent2's calls. Their bodies are its own, to the letter. */

const TAG = 'NodeAgent2';
const text: JsonSchema = { type: 'string' };
const textOrNull: JsonSchema = { type: ['string', 'null'] };
const PROPERTIES: JsonSchema = { type: 'object', additionalProperties: text };

const COMPONENTS: Readonly<Record<string, JsonSchema>> = {
  'plugins.Return': {
    title: 'PluginReturn',
    description: 'What the plugin answered. A status other than 0 means that it refused, and 255 that it threw.',
    type: 'object',
    required: ['status', 'properties', 'resId', 'errorMsg'],
    properties: {
      status: { type: 'integer' },
      properties: { type: ['object', 'null'], additionalProperties: text },
      resId: { type: ['object', 'null'], required: ['id'], properties: { id: text } },
      errorMsg: textOrNull,
    },
  },
  'schedule.Schedule': {
    title: 'Schedule',
    description: 'Soonest deadline first.',
    type: 'object',
    required: ['list'],
    properties: { list: { type: 'array', items: ref('schedule.Entry') } },
  },
  'schedule.Entry': {
    title: 'What will be renewed',
    type: 'object',
    required: ['status', 'errorMsg', 'name', 'reservationId', 'deadline', 'joinProperties', 'schedProperties'],
    properties: {
      status: { type: 'integer' },
      errorMsg: textOrNull,
      name: { type: 'string', description: 'The endpoint.' },
      reservationId: text,
      deadline: { type: 'integer', description: 'When it is to be renewed, in milliseconds since 1970.' },
      joinProperties: PROPERTIES,
      schedProperties: PROPERTIES,
    },
  },
  'plugins.List': {
    title: 'Endpoints',
    type: 'object',
    required: ['name', 'plugins'],
    properties: { name: { ...textOrNull, description: 'As it was asked for.' }, plugins: { type: 'array', items: ref('plugins.Plugin') } },
  },
  'plugins.Plugin': {
    title: 'Endpoint',
    description: 'Its configuration; secrets are masked.',
    type: 'object',
    required: ['jar', 'mainClass', 'schedulePeriod', 'renewAdvanceTicks', 'config', 'properties', 'description', 'name'],
    properties: {
      jar: text,
      mainClass: text,
      schedulePeriod: {
        type: 'object',
        required: ['length', 'unit'],
        properties: { length: { type: 'integer' }, unit: { type: 'string', enum: ['WEEK', 'DAY', 'HOUR', 'MINUTE', 'SECOND'] } },
      },
      renewAdvanceTicks: { type: 'integer' },
      config: textOrNull,
      properties: {
        type: 'object',
        required: ['property'],
        properties: { property: { type: 'array', items: { type: 'object', required: ['name', 'value'], properties: { name: text, value: text } } } },
      },
      description: textOrNull,
      name: text,
    },
  },
};

const BODY: Body = {
  description: 'Properties for the plugin: a flat object of texts. No body means none; its type must be said all the same.',
  isOptional: true,
  content: json({ ...PROPERTIES, maxProperties: 512 }, { 'unit.vlan': '7' }),
};

function call(operationId: string, summary: string, more: Partial<About> = {}): About {
  return {
    operationId,
    tag: TAG,
    summary,
    answers: { 200: { description: 'What the plugin answered.', content: json(ref('plugins.Return')) } },
    faults: OPERATION_FAULTS,
    components: COMPONENTS,
    ...more,
  };
}

function schedule(operationId: string, summary: string): About {
  const answers = { 200: { description: 'The entries; none is no error.', content: json(ref('schedule.Schedule')) } };
  return { operationId, tag: TAG, summary, answers, faults: ['recovering'], components: COMPONENTS };
}

function plugins(operationId: string, summary: string, more: Partial<About> = {}): About {
  const answers = { 200: { description: 'The configuration.', content: json(ref('plugins.List')) } };
  return { operationId, tag: TAG, summary, answers, faults: [], components: COMPONENTS, ...more };
}

const ONE_OR_ALL = { description: 'The name of an endpoint, or `all`.', schema: text } as const;

export const AGENT_ABOUT: Readonly<
  Record<'join' | 'leave' | 'modify' | 'status' | 'description' | 'plugins' | 'plugin' | 'schedule' | 'scheduleOf' | 'scheduleOfOne' | 'expired', About>
> = {
  join: call('join', 'Provisions', {
    body: BODY,
    headers: ['Idempotency-Key'],
    faults: [...OPERATION_FAULTS, ...BODY_FAULTS, 'join-refused', 'reservation-id-taken', 'idempotency-mismatch'],
  }),
  leave: call('leave', 'Tears down', { body: BODY, faults: [...OPERATION_FAULTS, ...BODY_FAULTS] }),
  modify: call('modify', 'Changes what is provisioned', { body: BODY, faults: [...OPERATION_FAULTS, ...BODY_FAULTS] }),
  status: call('getStatus', 'Asks the plugin about one reservation', { faults: PLUGIN_FAULTS }),
  description: {
    operationId: 'getDescription',
    tag: TAG,
    summary: 'The description of an endpoint',
    answers: { 200: { description: 'As it is configured.', content: { 'text/plain': { schema: text } } } },
    faults: ['not-found'],
  },
  plugins: plugins('getPlugins', 'The configuration of all endpoints'),
  plugin: plugins('getPlugin', 'The configuration of one endpoint, or of all', { path: { endpoint: ONE_OR_ALL }, faults: ['not-found'] }),
  schedule: schedule('getSchedule', 'What will be renewed'),
  scheduleOf: schedule('getScheduleOfEndpoint', 'What of one endpoint will be renewed'),
  scheduleOfOne: schedule('getScheduleOfReservation', 'When one reservation will be renewed'),
  expired: schedule('getExpired', 'Entries whose renew deadline has passed'),
};

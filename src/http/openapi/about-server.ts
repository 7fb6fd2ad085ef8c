import { type About, type Answer, json, ref } from './about.ts';
import type { JsonSchema } from './json-schema.ts';

/** The routes about the server itself: what is here, how it is, schemas, snapshots, problems, this description. */

const text: JsonSchema = { type: 'string' };
const integer: JsonSchema = { type: 'integer' };

const UNCHANGED: Answer = { description: 'It has not changed.', headers: ['ETag'] };

export const INDEX_ABOUT: About = {
  operationId: 'getIndex',
  tag: 'Server',
  summary: 'What is here, as links',
  answers: {
    200: {
      description: 'Paths.',
      content: json({
        type: 'object',
        required: ['name', 'version', 'inventory'],
        properties: { name: text, version: text, inventory: { type: 'object', additionalProperties: text, description: 'Kind → path.' } },
        additionalProperties: text,
      }),
    },
  },
  faults: [],
};

const HEALTH_STATE: JsonSchema = {
  title: 'How the server is',
  type: 'object',
  required: ['status', 'live', 'ready', 'sequence', 'records', 'version'],
  properties: {
    status: { type: 'string', enum: ['ready', 'recovering', 'degraded', 'stopping', 'failed'] },
    live: { type: 'boolean', description: 'The process does its work; a supervisor restarts it when not.' },
    ready: { type: 'boolean', description: 'Reads and writes are served.' },
    sequence: { type: 'integer', description: 'Of the last change.' },
    records: { type: 'object', additionalProperties: integer, description: 'How many there are, by kind.' },
    detail: { type: 'string', description: 'Why it is not ready, and the like.' },
    version: text,
  },
};

function health(operationId: string, summary: string, answers: About['answers']): About {
  return { operationId, tag: 'Server', summary, answers, faults: [], components: { 'health.State': HEALTH_STATE } };
}

function state(description: string): Answer {
  return { description, headers: ['Cache-Control'], content: json(ref('health.State')) };
}

export const HEALTH_ABOUT: Readonly<Record<'ready' | 'live', About>> = {
  ready: health('getHealth', 'Whether reads and writes are served', { 200: state('They are.'), 503: state('They are not, or not yet.') }),
  live: health('getLiveness', 'Whether the process does its work', { 200: state('It answers, and that is all that is asked.') }),
};

export const SCHEMAS_ABOUT: About = {
  operationId: 'getSchemas',
  tag: 'Schemas',
  summary: 'Names of the JSON Schemas',
  answers: {
    200: {
      description: 'Every schema, also those of what only lives inside other records.',
      content: json({
        type: 'array',
        items: { type: 'object', required: ['name', 'url'], properties: { name: text, url: { type: 'string', format: 'uri-reference' } } },
      }),
    },
  },
  faults: [],
};

export const SCHEMA_ABOUT: About = {
  operationId: 'getSchema',
  tag: 'Schemas',
  summary: 'One JSON Schema',
  description: 'Self-contained, in draft 2020-12: clients can check records by it before they send anything.',
  path: { name: { description: 'The name of a schema and `.json`, in any case.', schema: { type: 'string', examples: ['ComputeNode.json'] } } },
  headers: ['If-None-Match'],
  answers: {
    200: { description: 'The schema.', headers: ['ETag'], content: { 'application/schema+json': { schema: { type: 'object' } } } },
    304: UNCHANGED,
  },
  faults: ['not-found'],
};

const PROBLEM_KIND: JsonSchema = {
  title: 'What a problem means',
  type: 'object',
  required: ['code', 'type', 'title', 'status', 'retryable', 'meaning', 'remedy'],
  properties: {
    code: text,
    type: { type: 'string', format: 'uri-reference' },
    title: text,
    status: integer,
    retryable: { type: 'boolean', description: 'It passes by itself: the same request may be sent again.' },
    meaning: text,
    remedy: { type: 'string', description: 'What to do.' },
  },
};
const PROBLEM_COMPONENTS = { 'problems.Meaning': PROBLEM_KIND } as const;
const PAGE = { 'text/html': { schema: text } } as const;

export const PROBLEM_ABOUT: Readonly<Record<'list' | 'one', About>> = {
  list: {
    operationId: 'getProblems',
    tag: 'Problems',
    summary: 'Every problem that an answer may be',
    headers: ['If-None-Match'],
    answers: {
      200: {
        description: 'As JSON, or as a page for `Accept: text/html`.',
        headers: ['ETag'],
        content: { ...json({ type: 'array', items: ref('problems.Meaning') }), ...PAGE },
      },
      304: UNCHANGED,
    },
    faults: [],
    components: PROBLEM_COMPONENTS,
  },
  one: {
    operationId: 'getProblem',
    tag: 'Problems',
    summary: 'What one problem means, and what to do',
    path: { name: { description: 'Its `code`.', schema: { type: 'string', examples: ['not-found'] } } },
    headers: ['If-None-Match'],
    answers: {
      200: { description: 'As JSON, or as a page for `Accept: text/html`.', headers: ['ETag'], content: { ...json(ref('problems.Meaning')), ...PAGE } },
      304: UNCHANGED,
    },
    faults: ['not-found'],
    components: PROBLEM_COMPONENTS,
  },
};

export const OPENAPI_ABOUT: About = {
  operationId: 'getOpenApi',
  tag: 'Server',
  summary: 'This description',
  headers: ['If-None-Match'],
  answers: {
    200: { description: 'OpenAPI 3.1.', headers: ['ETag'], content: json({ type: 'object', required: ['openapi', 'info', 'paths'] }) },
    304: UNCHANGED,
  },
  faults: [],
};

export const DOCS_ABOUT: Readonly<Record<'page' | 'file', About>> = {
  page: {
    operationId: 'getDocs',
    tag: 'Server',
    summary: 'This description, as a page to read and to try',
    headers: ['If-None-Match'],
    answers: { 200: { description: 'A page that asks nothing of other servers.', headers: ['ETag'], content: PAGE }, 304: UNCHANGED },
    faults: [],
  },
  file: {
    operationId: 'getDocsFile',
    tag: 'Server',
    summary: 'A file of that page',
    path: { name: { description: 'The name of the file.', schema: { type: 'string', examples: ['swagger-ui.css'] } } },
    headers: ['If-None-Match'],
    answers: {
      200: {
        description: 'The file.',
        headers: ['ETag'],
        content: { 'text/javascript': { schema: text }, 'text/css': { schema: text }, 'image/png': { schema: text } },
      },
      304: UNCHANGED,
    },
    faults: ['not-found'],
  },
};

export const METRICS_ABOUT: About = {
  operationId: 'getMetrics',
  tag: 'Server',
  summary: 'What the server counts, for Prometheus',
  answers: {
    200: { description: 'All metrics as of now.', headers: ['Cache-Control'], content: { 'text/plain': { schema: text } } },
  },
  faults: [],
};

import type { Kind } from '../../../schemas/kind.ts';
import type { FaultCode } from '../../faults.ts';
import type { AnswerHeader, RequestHeader } from './headers.ts';
import type { JsonSchema } from './json-schema.ts';

/**
 * What a route says of itself, for the description of the API. Every route has one, so a route that nobody described does
 * not compile; what the description can derive (path parameters, who may, the faults that every route has) is not repeated
 * here. In texts and references `{Kind}` stands for the name of the kind, and each kind has an operation of its own.
 */

export interface Parameter {
  readonly name: string;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly required?: true;
  readonly deprecated?: true;
  /** False: several values are one text with commas. */
  readonly explode?: false;
}

export interface Media {
  readonly schema: JsonSchema;
  readonly example?: unknown;
  /** Of newline-delimited JSON: the schema of one line. */
  readonly 'x-holdfast-line'?: JsonSchema;
  /** Of Server-Sent Events: the schema of what is in one `data:`. */
  readonly 'x-holdfast-event'?: JsonSchema;
}

/** Bodies by their media types. */
export type Content = Readonly<Record<string, Media>>;

export interface Answer {
  readonly description: string;
  readonly headers?: readonly AnswerHeader[];
  readonly content?: Content;
}

export interface Body {
  readonly description: string;
  /** A request without it is answered all the same. */
  readonly isOptional?: true;
  readonly content: Content | ((kind: Kind) => Content);
}

export interface About {
  /** Unique in the document. Those of the records of a kind begin with a verb of `about-records.ts`, and no others do. */
  readonly operationId: string;
  /** The heading under which it stands. */
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly deprecated?: true;
  /** What stands for a placeholder of the path, where it is not what it is elsewhere. */
  readonly path?: Readonly<Record<string, Omit<Parameter, 'name'>>>;
  /** Those of `Route.parameters`, and all that there are where those are `any`. */
  readonly query?: readonly Parameter[] | ((kind: Kind) => readonly Parameter[]);
  readonly headers?: readonly RequestHeader[];
  readonly body?: Body;
  /** Answers that are no problems. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Its own ones, beside those that come from what the route is (`faultsOf`). */
  readonly faults: readonly FaultCode[];
  /** Schemas that it refers to, by their names, which begin with a reserved word and a dot: no kind is called so. */
  readonly components?: Readonly<Record<string, JsonSchema>>;
}

/** The route is another name of the one with this path and the same method, and is described there. */
export interface SameAs {
  readonly sameAs: string;
}

export const JSON_MEDIA = 'application/json';
export const NDJSON_MEDIA = 'application/x-ndjson';

export function ref(component: string): JsonSchema {
  return { $ref: `#/components/schemas/${component}` };
}

/** Of reads that can also be about the past. */
export const AT_PARAMETER: Parameter = {
  name: 'at',
  description:
    'The past instead of the present: a time (RFC 3339), the name of a snapshot, `latest`, `earliest`, or a sequence. `X-Holdfast-As-Of` says what it came to.',
  schema: { type: 'string', minLength: 1 },
};

/** JSON of this schema. */
export function json(schema: JsonSchema, example?: unknown): Content {
  return { [JSON_MEDIA]: example === undefined ? { schema } : { schema, example } };
}

/** A list as one JSON array, or as lines. */
export function listOf(item: JsonSchema): Content {
  return { [JSON_MEDIA]: { schema: { type: 'array', items: item } }, [NDJSON_MEDIA]: lines(item) };
}

/** Newline-delimited JSON: OpenAPI 3.1 has no word for its items, so they have one of ours. */
export function lines(item: JsonSchema): Media {
  return { schema: { type: 'string', description: 'One JSON value a line.' }, 'x-holdfast-line': item };
}

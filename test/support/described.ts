import assert from 'node:assert/strict';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { FORMATS } from '../../schemas/formats.ts';

/** The description of the API, as a test holds answers against it. */

export interface DescribedMedia {
  readonly schema: Fields;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, Fields>>;
  readonly 'x-holdfast-line'?: Fields;
  readonly 'x-holdfast-event'?: Fields;
}

export interface DescribedResponse {
  readonly description: string;
  readonly headers: Readonly<Record<string, Fields>>;
  readonly content?: Readonly<Record<string, DescribedMedia>>;
  readonly 'x-holdfast-codes'?: readonly string[];
}

export interface DescribedParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Fields;
}

export interface DescribedOperation {
  readonly operationId: string;
  readonly security: readonly Fields[];
  readonly parameters?: readonly (DescribedParameter | { readonly $ref: string })[];
  readonly requestBody?: { readonly content: Readonly<Record<string, DescribedMedia>> };
  readonly responses: Readonly<Record<string, { readonly $ref: string } | DescribedResponse>>;
}

export type Fields = Readonly<Record<string, unknown>>;

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, Fields>>>>;
}

/** The part of an answer that is looked at. */
export interface SeenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Operation {
  /** `get /inventory/BMC/{name}` */
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly about: DescribedOperation;
}

const METHODS: readonly string[] = ['get', 'put', 'post', 'patch', 'delete'];

export class Description {
  readonly document: OpenApiDocument;
  readonly operations: readonly Operation[];
  #ajv: Ajv2020 | undefined;
  readonly #validators = new Map<string, ValidateFunction>();
  readonly #patterns: readonly { readonly pattern: RegExp; readonly isExact: boolean; readonly path: string }[];

  constructor(document: OpenApiDocument) {
    this.document = document;
    this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method] !== undefined).map((method) => ({
        title: `${method} ${path}`,
        method,
        path,
        about: item[method] as DescribedOperation,
      })),
    );
    this.#patterns = Object.keys(document.paths)
      .flatMap((path) => [path, ...this.aliasesOf(path)].map((name) => ({ name, path })))
      .map(({ name, path }) => ({
        pattern: new RegExp(`^${name.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`, 'i'),
        isExact: !name.includes('{'),
        path,
      }))
      .sort((a, b) => Number(b.isExact) - Number(a.isExact));
  }

  /** Made late: it takes a twentieth of a second for each server, and most tests only look at statuses and codes. */
  get #schemas(): Ajv2020 {
    this.#ajv ??= new Ajv2020({ strict: false, allErrors: true, formats: { ...FORMATS, 'uri-reference': true } }).addSchema({
      $id: 'document.json',
      components: this.document.components,
    });
    return this.#ajv;
  }

  /** Other paths of the same operations. */
  aliasesOf(path: string): readonly string[] {
    return (this.document.paths[path]?.['x-holdfast-aliases'] ?? []) as readonly string[];
  }

  /** The properties of a schema of the document. */
  propertiesOf(schema: string): Fields {
    return (this.document.components['schemas']?.[schema]?.['properties'] ?? {}) as Fields;
  }

  /** The operation that a request means; undefined where there is none. @param path without its query. */
  operationAt(method: string, path: string): Operation | undefined {
    const wanted = method === 'HEAD' ? 'get' : method.toLowerCase();
    for (const candidate of this.#patterns) {
      if (!candidate.pattern.test(path)) continue;
      const found = this.operations.find((operation) => operation.path === candidate.path && operation.method === wanted);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  responseOf({ about }: Operation, status: number): DescribedResponse | undefined {
    const response = about.responses[String(status)];
    return response === undefined ? undefined : (this.resolved(response) as DescribedResponse);
  }

  /** What a reference leads to. */
  resolved<T extends object>(value: T | { readonly $ref: string }): T {
    if (!('$ref' in value)) return value;
    const [, , group = '', name = ''] = value.$ref.split('/');
    const found = this.document.components[group]?.[name];
    assert.ok(found !== undefined, `${value.$ref} leads nowhere`);
    return found as T;
  }

  /** Fails where the value is not what a schema of the document says. */
  validates(schema: Fields, value: unknown, what: string): void {
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"document.json#/components/');
    let validate = this.#validators.get(text);
    if (validate === undefined) {
      validate = this.#schemas.compile(JSON.parse(text) as Fields);
      this.#validators.set(text, validate);
    }
    assert.ok(validate(value), `${what}: ${this.#schemas.errorsText(validate.errors)}\n${JSON.stringify(value)?.slice(0, 500)}`);
  }

  /** Fails when the answer has a status, or a code, that is not described. Requests that mean no operation are left alone. */
  knows(method: string, url: string, { status, text }: SeenAnswer): void {
    const path = url.split('?')[0] ?? '';
    const operation = this.operationAt(method, path);
    if (operation === undefined || method === 'OPTIONS') return;
    const response = this.responseOf(operation, status);
    assert.ok(response !== undefined, `${method} ${url} answers ${status}, which is not described: ${text.slice(0, 300)}`);
    const codes = response['x-holdfast-codes'];
    if (codes === undefined || method === 'HEAD') return;
    const { code } = JSON.parse(text) as { code: string };
    assert.ok(codes.includes(code), `${method} ${url} answers ${status} ${code}, which is not described`);
  }

  /** As `knows`, and also its headers and its body are what the description says. */
  fits(operation: Operation, answer: SeenAnswer, what: string): void {
    const response = this.responseOf(operation, answer.status);
    assert.ok(response !== undefined, `${what}: ${answer.status} is not described: ${answer.text.slice(0, 300)}`);
    for (const [name, header] of Object.entries(response.headers)) {
      if (this.resolved<Fields>(header as { $ref: string })['required'] === true) assert.ok(answer.headers.has(name), `${what}: the answer has no ${name}`);
    }
    if (response.content === undefined) {
      assert.equal(answer.text, '', what);
      return;
    }
    const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
    const media = response.content[type];
    assert.ok(media !== undefined, `${what}: "${type}" is not among ${Object.keys(response.content).join()}`);
    const event = media['x-holdfast-event'];
    if (event !== undefined) for (const [, each = ''] of answer.text.matchAll(/^data: (.*)$/gm)) this.validates(event, JSON.parse(each), what);
    const line = media['x-holdfast-line'];
    if (line !== undefined) {
      for (const each of answer.text.split('\n').slice(0, -1)) this.validates(line, JSON.parse(each), what);
    } else this.validates(media.schema, type.endsWith('json') ? JSON.parse(answer.text) : answer.text, what);
    this.knows(operation.method.toUpperCase(), operation.path.replaceAll(/[{}]/g, ''), answer);
  }
}

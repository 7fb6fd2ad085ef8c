import type { Prng } from '../../../bench/prng.ts';
import type { DescribedMedia, DescribedParameter, Description, Fields, Operation } from '../../support/described.ts';
import { numbersFor } from '../torture.ts';
import { brokenLine, headerLine, METHODS, strangeBytes, strangeJson, strangePath, strangeText } from './mutations.ts';
import { CANARY, Values, xname } from './values.ts';

/** Requests made from the description of the API: some good, so that there is something to meet, most with something wrong. */

export interface MadeRequest {
  readonly bytes: Buffer;
  readonly method: string;
  /** Undefined: its path or its method is none that is described. */
  readonly operation: Operation | undefined;
  /** Where it begins and ends is certain. */
  readonly isFramed: boolean;
  /** The rest of it never comes. */
  readonly isCut: boolean;
}

/** What requests show of who sends them. */
export interface Credentials {
  /** `Authorization` of somebody who may do everything. */
  readonly everything: string;
  /** Of all sorts of others; undefined: none. */
  readonly others: readonly [string | undefined, ...(string | undefined)[]];
}

/** How often, beside 1 for the others: what takes processes, disks or megabytes is not what most requests are about. */
const WEIGHTS: Readonly<Record<string, number>> = {
  query: 0.01,
  takeSnapshot: 0.005,
  restoreSnapshot: 0.003,
  removeSnapshot: 0.02,
  getSnapshotFile: 0.05,
  getDocsFile: 0.01,
  getOpenApi: 0.002,
  getMetrics: 0.05,
  getDiff: 0.03,
  getFeed: 0.1,
  getSchedule: 0.01,
  getExpired: 0.01,
  join: 2,
  leave: 4,
  importReservations: 0.1,
};
const HEAVY = /^(trace|getReservations|getUnknown)/;
const GOOD_SHARE = 0.4;
const KNOWN_MAX = 200;
const FILES: readonly [string, ...string[]] = ['schema.sql', 'load.sql', 'manifest.json', 'BMC.parquet', 'ComputeNode.parquet', '_private', 'nothing.parquet'];
const SQL: readonly [string, ...string[]] = [
  'SELECT count(*) FROM BMC',
  'SELECT * FROM ComputeNode LIMIT 3',
  'DROP TABLE BMC',
  "SELECT * FROM read_csv('/etc/passwd')",
  'SELECT',
  "COPY BMC TO '/tmp/x'",
];
const TYPES: readonly [string, ...string[]] = [
  'application/json; charset=utf-16',
  'text/plain',
  'application/x-ndjson',
  'application/json-patch+json',
  'a/b/c',
  '',
];

interface Weighted {
  readonly operation: Operation;
  readonly upTo: number;
}

export class RequestMaker {
  readonly #description: Description;
  readonly #values: Values;
  readonly #credentials: Credentials;
  readonly #operations: readonly Weighted[];
  readonly #total: number;
  /** Names that answers told, by the first part of a path. */
  readonly #known = new Map<string, string[]>();

  constructor(description: Description, credentials: Credentials) {
    this.#description = description;
    this.#values = new Values(description);
    this.#credentials = credentials;
    let upTo = 0;
    this.#operations = description.operations.map((operation) => {
      const { operationId } = operation.about;
      upTo += WEIGHTS[operationId] ?? (HEAVY.test(operationId) ? 0.1 : 1);
      return { operation, upTo };
    });
    this.#total = upTo;
  }

  /** Remembers a name for requests to come. */
  learn(group: string, name: string): void {
    const names = this.#known.get(group) ?? [];
    names.push(name);
    if (names.length > KNOWN_MAX) names.shift();
    this.#known.set(group, names);
  }

  /** The same seed makes the same request, but for names that were learnt. */
  make(seed: number): MadeRequest {
    const prng = numbersFor(seed, 'request');
    const at = prng.next() * this.#total;
    const { operation } = this.#operations.find(({ upTo }) => at < upTo) as Weighted;
    const draft = new Draft(operation, this.#pathOf(operation, prng), prng);
    draft.authorization = prng.below(5) > 0 ? this.#credentials.everything : prng.pick(this.#credentials.others);
    this.#addQuery(draft);
    this.#addBody(draft);
    if (prng.next() > GOOD_SHARE) for (let count = 1 + prng.below(2); count > 0; count--) draft.spoil(this.#credentials);
    return draft.finish();
  }

  #pathOf({ path, about }: Operation, prng: Prng): string {
    const group = groupOf(path);
    const known = this.#known.get(group) ?? [];
    const learnt = prng.below(4) > 0 ? known[prng.below(known.length)] : undefined;
    const aliases = this.#description.aliasesOf(path);
    const chosen = prng.below(4) === 0 ? (aliases[prng.below(aliases.length)] ?? path) : path;
    return chosen
      .replace('{endpoint}', prng.below(8) === 0 ? 'nowhere' : 'nulls')
      .replace('{id}', learnt ?? 'none')
      .replace('{file}', prng.pick(FILES))
      .replace('{name}', () => learnt ?? (group === '/snapshots' ? 'latest' : this.#nameFor(about.operationId, prng)));
  }

  #nameFor(operationId: string, prng: Prng): string {
    if (operationId === 'getDocsFile') return prng.pick(['start.js', 'swagger-ui.css', 'nothing.js']);
    if (operationId === 'getProblem') return prng.pick(['conflict', 'overloaded', 'nothing']);
    if (operationId === 'getSchema') return prng.pick(['BMC.json', 'ComputeNode.json', 'Nothing.json']);
    if (prng.below(4) === 0) return `02:00:00:00:00:${prng.below(64).toString(16).padStart(2, '0')}`;
    return xname(prng, prng.below(2) === 0 ? 'b' : 'n');
  }

  #addQuery(draft: Draft): void {
    const { prng, operation } = draft;
    const described = (operation.about.parameters ?? []).map((each) => this.#description.resolved<DescribedParameter>(each as DescribedParameter));
    const queries = described.filter((each) => each.in === 'query');
    const isList = queries.some(({ name }) => name === 'limit');
    if (isList && prng.below(50) > 0) draft.query.push(['limit', String(1 + prng.below(20))]);
    if (operation.about.operationId === 'getDiff') draft.query.push(['from', String(prng.below(100))]);
    for (let count = prng.below(8) - 4; count > 0; count--) {
      const parameter = queries[prng.below(queries.length)];
      // Reads of the past are for the few.
      if (parameter === undefined || (parameter.name === 'at' && prng.below(20) > 0)) continue;
      draft.query.push([parameter.name, prng.below(5) === 0 ? strangeText(prng) : String(this.#values.of(parameter.schema, prng))]);
    }
    for (const { name, schema, in: place } of described) {
      if (place !== 'header' || prng.below(8) > 0) continue;
      const value =
        name === 'Idempotency-Key' ? `key-${prng.below(1000)}` : name.startsWith('If-') ? `"${prng.below(200)}"` : String(this.#values.of(schema, prng));
      draft.lines.push(`${name}: ${value}`);
    }
  }

  #addBody(draft: Draft): void {
    const { prng, operation } = draft;
    const media = Object.entries(operation.about.requestBody?.content ?? {});
    const [type, content] = media[prng.below(media.length)] ?? [];
    if (type === undefined || content === undefined) return;
    draft.contentType = type;
    draft.value = this.#bodyOf(operation, type, content, prng);
    if (type === 'application/x-ndjson') {
      const line = (operation.about.requestBody?.content['application/json']?.schema['items'] ?? {}) as Fields;
      draft.text = Array.from({ length: 1 + prng.below(5) }, () => JSON.stringify(this.#values.of(line, prng))).join('\n');
    }
  }

  #bodyOf({ about: { operationId } }: Operation, type: string, { schema }: DescribedMedia, prng: Prng): unknown {
    if (operationId === 'query') return { sql: prng.pick(SQL) };
    if (operationId === 'restoreSnapshot') return { dry_run: prng.below(2) === 0, limit: 10 };
    if (operationId === 'importReservations') {
      return {
        list: Array.from({ length: 1 + prng.below(3) }, () => ({
          name: 'nulls',
          reservationId: `taken-${prng.below(50)}`,
          deadline: 1_900_000_000_000,
          joinProperties: null,
        })),
      };
    }
    if (type === 'application/json-patch+json') return this.#patch(prng);
    return this.#values.of(schema, prng);
  }

  /** Also such as would carry a secret to where it could be seen. */
  #patch(prng: Prng): unknown {
    const place = (): string =>
      prng.pick(['/description', '/password', '/Password', '/username', '/User', '/xname', '/nodes/-', '/bmc/password', '/nothing', '']);
    // Who sends a secret and copies it in the same patch shows it himself.
    const isCopying = prng.below(2) === 0;
    const ops = isCopying ? (['copy', 'move', 'remove'] as const) : (['add', 'replace', 'remove', 'test'] as const);
    return Array.from({ length: 1 + prng.below(3) }, () => {
      const op = prng.pick<string>(ops);
      const path = place();
      if (op === 'copy' || op === 'move') return { op, from: place(), path };
      return op === 'remove' ? { op, path } : { op, path, value: /password/i.test(path) ? `${CANARY}-p` : 'changed' };
    });
  }
}

/** `/inventory/BMC`, `/snapshots`: what has names of its own. All calls of NodeAgent2 are about reservations. */
export function groupOf(path: string): string {
  const [, first = '', second = ''] = path.split('/');
  if (path.includes('{id}')) return '/reservations';
  return first === 'inventory' ? `/inventory/${second}` : `/${first}`;
}

/** A request while it is made. */
class Draft {
  readonly operation: Operation;
  readonly prng: Prng;
  readonly query: [string, string][] = [];
  readonly lines: string[] = [];
  authorization: string | undefined;
  contentType: string | undefined;
  value: unknown;
  text: string | undefined;
  #bytes: Buffer | undefined;
  #path: string;
  #method: string;
  #isDescribed = true;
  #isFramed = true;
  #isCut = false;
  #isChunked = false;
  #version = 'HTTP/1.1';

  constructor(operation: Operation, path: string, prng: Prng) {
    this.operation = operation;
    this.prng = prng;
    this.#path = path;
    this.#method = operation.method.toUpperCase();
    if (this.#method === 'GET' && (operation.about.operationId === 'getFeed' || prng.below(20) === 0)) this.#method = prng.below(4) === 0 ? 'GET' : 'HEAD';
  }

  /** Makes one thing wrong. */
  spoil({ others }: Credentials): void {
    const { prng } = this;
    switch (prng.below(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
        this.text = strangeJson(this.value ?? {}, prng);
        this.contentType ??= 'application/json';
        break;
      case 4:
        this.#bytes = strangeBytes(this.text ?? JSON.stringify(this.value ?? {}), prng);
        break;
      case 5:
        this.#path = strangePath(this.#path, prng);
        this.#isDescribed = false;
        break;
      case 6:
      case 7:
        this.query.push([prng.below(3) === 0 ? strangeText(prng) : (this.query[0]?.[0] ?? 'nonsense'), strangeText(prng)]);
        break;
      case 8:
      case 9:
        this.lines.push(headerLine(prng));
        break;
      case 10:
        this.#method = prng.pick(METHODS);
        this.#isDescribed = false;
        break;
      case 11:
        this.authorization = prng.pick(others);
        break;
      case 12:
        this.contentType = prng.pick(TYPES);
        break;
      case 13:
        this.#isChunked = true;
        break;
      case 14:
        this.lines.push(brokenLine(prng));
        this.#isFramed = false;
        break;
      default:
        if (prng.below(4) === 0) this.#version = prng.pick(['HTTP/1.0', 'HTTP/2.0', 'HTTP', '']);
        else this.#isCut = true;
        this.#isFramed = false;
    }
  }

  finish(): MadeRequest {
    const body = this.#bytes ?? Buffer.from(this.text ?? (this.value === undefined ? '' : JSON.stringify(this.value)));
    const query = this.query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
    const hasBody = body.length > 0 || this.#method === 'POST' || this.#method === 'PUT';
    const head = [
      `${this.#method} ${this.#path}${query === '' ? '' : `?${query}`} ${this.#version}`,
      'Host: holdfast.test',
      ...(this.authorization === undefined ? [] : [`Authorization: ${this.authorization}`]),
      ...(this.contentType === undefined || !hasBody ? [] : [`Content-Type: ${this.contentType}`]),
      ...(hasBody ? [this.#isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`] : []),
      ...this.lines,
    ].join('\r\n');
    const whole = Buffer.concat([Buffer.from(`${head}\r\n\r\n`), hasBody && this.#isChunked ? this.#inChunks(body) : body]);
    const bytes = this.#isCut ? whole.subarray(0, 1 + this.prng.below(whole.length)) : whole;
    return {
      bytes,
      method: this.#method,
      operation: this.#isDescribed ? this.operation : undefined,
      isFramed: this.#isFramed,
      isCut: this.#isCut && bytes.length < whole.length,
    };
  }

  #inChunks(body: Buffer): Buffer {
    const parts: Buffer[] = [];
    for (let at = 0; at < body.length; ) {
      const size = Math.min(body.length - at, 1 + this.prng.below(this.prng.pick([3, 100, 100_000])));
      parts.push(Buffer.from(`${size.toString(16)}\r\n`), body.subarray(at, at + size), Buffer.from('\r\n'));
      at += size;
    }
    return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
  }
}

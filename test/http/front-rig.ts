import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { type Kinds, loadKinds } from '../../schemas/registry.ts';
import { OWNER_CLIENT_LIMITS, OwnerClient } from '../../src/dispatch/owner-client.ts';
import { RecordView } from '../../src/dispatch/record-view.ts';
import { done, fail } from '../../src/faults.ts';
import type { PastReads } from '../../src/http/as-of.ts';
import type { Authenticator } from '../../src/http/auth.ts';
import { type Front, type FrontOptions, startFront } from '../../src/http/front.ts';
import type { About } from '../../src/http/openapi/about.ts';
import type { SnapshotActions } from '../../src/http/snapshot-routes.ts';
import { FakeOwner } from './fake-owner.ts';

/** What a route of a test says of itself. */
export function undescribed(operationId: string, query: readonly string[] = []): About {
  const parameters = query.map((name) => ({ name, description: '', schema: {} }));
  return { operationId, tag: 'Tests', summary: operationId, query: parameters, answers: { 200: { description: 'Well' } }, faults: [] };
}

/** A front on a free port, over a fake owner. */
export interface Rig {
  readonly front: Front;
  readonly owner: FakeOwner;
  readonly client: OwnerClient;
  readonly view: RecordView;
  readonly kinds: Kinds;
  readonly lines: readonly LogEntry[];
  /** A request with JSON in and out, as most clients make it. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** What comes back for bytes on a socket, until `isOver` says so or the connection is closed. */
  raw(parts: readonly (string | Buffer)[], isOver?: (text: string) => boolean): Promise<RawAnswer>;
}

export interface LogEntry {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as an object, as a list, and the `errors` of a problem: tests look into what they expect. */
  readonly json: Json;
  readonly list: readonly Json[];
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
}

export type Json = { readonly [name: string]: Json };

export interface RawAnswer {
  readonly text: string;
  readonly isClosed: boolean;
}

/** `Bearer all`, `Bearer read`, `Bearer unscoped`: tokens by what they may. */
export const AUTHENTICATOR: Authenticator = {
  authenticate(authorization) {
    if (authorization === undefined) return done(undefined);
    const token = authorization.replace(/^Bearer /, '');
    if (token === 'all') return done({ subject: 'tester', scopes: new Set(['inventory:read', 'inventory:write', 'snapshots', 'secrets:read']) });
    if (token === 'read') return done({ subject: 'reader', scopes: new Set(['inventory:read']) });
    if (token === 'unscoped') return done({ subject: 'old', scopes: 'unscoped' });
    if (token === 'slow') return Promise.resolve(done({ subject: 'slow', scopes: new Set(['inventory:read', 'inventory:write']) }));
    return fail('unauthorized', 'the token is not valid here');
  },
};

export const TOKEN: Readonly<Record<string, string>> = { authorization: 'Bearer all' };

/** For fronts that are asked for something else. */
export const NO_SNAPSHOTS: SnapshotActions = {
  take: async () => fail('snapshot-failed', 'not here'),
  list: async () => done([]),
  read: async () => done(undefined),
  pathOf: () => '/nowhere',
  delete: async () => done(undefined),
};

/** For fronts that are not asked about the past. */
export const NO_HISTORY: PastReads = { ask: async () => fail('internal', 'not here') };

export async function startRig(context: Pick<TestContext, 'after'>, options: Partial<FrontOptions> = {}): Promise<Rig> {
  const kinds = options.kinds ?? (await loadKinds());
  const owner = new FakeOwner(kinds);
  const view = new RecordView();
  owner.show(view.viewer());
  const client = new OwnerClient(owner.transport, view, { log: () => undefined, died: () => undefined, fatal: () => undefined }, OWNER_CLIENT_LIMITS);
  await client.query('record.find', { kind: 'ComputeNode', conditions: [], sort: [], count: false });
  const lines: LogEntry[] = [];
  const logAt = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => void lines.push({ level, fields, message });
  const front = await startFront({
    host: '127.0.0.1',
    port: 0,
    kinds,
    owner: client,
    view,
    authenticator: AUTHENTICATOR,
    publicReads: true,
    idempotencyKey: Buffer.alloc(32, 7),
    log: { isLevelEnabled: () => false, debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') },
    health: () => ({ status: 'ready', live: true, ready: true, sequence: client.status?.sequence ?? 0, records: {} }),
    snapshots: NO_SNAPSHOTS,
    history: NO_HISTORY,
    version: '1.2.3',
    // As a server process takes it: so any test can be run with front threads.
    httpThreads: Number(process.env['HOLDFAST_HTTP_THREADS'] ?? 1),
    ...options,
  });
  context.after(() => front.close());
  return { front, owner, client, view, kinds, lines, ask: (...call) => ask(front, ...call), raw: (...call) => raw(front, ...call) };
}

async function ask(front: Front, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(front.url + path, {
    method,
    headers: { ...(method === 'GET' ? {} : TOKEN), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = jsonOf(text);
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: json as Json,
    list: json as Json[],
    errors: ((json as Json)['errors'] ?? []) as never,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not every answer is JSON; a test that looks into this one fails there.
    return {};
  }
}

function raw(front: Front, parts: readonly (string | Buffer)[], isOver: (text: string) => boolean = () => false): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect(front.port, '127.0.0.1');
    let text = '';
    const finish = (isClosed: boolean): void => {
      socket.destroy();
      resolve({ text, isClosed });
    };
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      if (isOver(text)) finish(false);
    });
    socket.on('close', () => finish(true));
    // A reset is a closed connection too; `close` follows.
    socket.on('error', () => undefined);
    for (const part of parts) socket.write(part);
  });
}

export function post(path: string, body: string | Buffer, ...headers: readonly string[]): string {
  const lines = [`POST ${path} HTTP/1.1`, 'Host: test', 'Authorization: Bearer all', 'Content-Type: application/json', ...headers];
  return `${lines.join('\r\n')}\r\n\r\n${body.toString('latin1')}`;
}

export function node(number: number, more: object = {}): object {
  return {
    hostname: `nid${number}`,
    architecture: 'X86',
    xname: `x1000c0s${Math.floor(number / 100) % 256}b${Math.floor(number / 10) % 10}n${number % 10}`,
    ...more,
  };
}

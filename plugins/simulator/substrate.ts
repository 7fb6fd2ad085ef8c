import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Behaviour, behaviourMistake, isRecord, Misbehaviour, OPERATIONS, type Operation, type Plan } from './behaviour.ts';
import type { Call } from './call-book.ts';
import { type Effect, Ledger, type SubstrateClock } from './ledger.ts';

/**
 * A substrate that provisions nothing, over HTTP: slow, failing, flapping, losing answers or changing ids as it is told to,
 * with a ledger of what is really there. For tests and demonstrations; it has no authentication and listens on the
 * loopback address.
 */

export interface SubstrateOptions {
  /** 0 (the default): any free port. */
  readonly port?: number;
  readonly clock?: SubstrateClock;
}

const BODY_MAX_BYTES = 1_048_576;
const LISTED_DEFAULT = 1_000;
const LISTED_MAX = 1_000_000;
const HOST = '127.0.0.1';
const SYSTEM_CLOCK: SubstrateClock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };

export class Substrate {
  readonly url: string;
  readonly #server: Server;
  readonly #desk: Desk;

  constructor(server: Server, desk: Desk) {
    const { port } = server.address() as AddressInfo;
    this.url = `http://${HOST}:${port}`;
    this.#server = server;
    this.#desk = desk;
  }

  get ledger(): Ledger {
    return this.#desk.ledger;
  }

  /** Replaces the behaviour that was set before. */
  behave(behaviour: Behaviour): void {
    this.#desk.misbehaviour.set(behaviour);
  }

  /** Forgets everything: resources, calls, behaviour. */
  reset(): void {
    this.#desk.reset();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

export async function startSubstrate({ port = 0, clock = SYSTEM_CLOCK }: SubstrateOptions = {}): Promise<Substrate> {
  const desk = new Desk(clock);
  // An idle connection is kept for as long as the client likes: a server that closes one while a request is on its way
  // would look like a lost reply that nobody asked for.
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 }, (request, response) => void desk.serve(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  return new Substrate(server, desk);
}

class Desk {
  readonly misbehaviour: Misbehaviour = new Misbehaviour();
  readonly #clock: SubstrateClock;
  #ledger: Ledger;
  /** Joins whose work may still come: `find` waits for them. */
  readonly #joins = new Map<string, Promise<void>>();

  constructor(clock: SubstrateClock) {
    this.#clock = clock;
    this.#ledger = new Ledger(clock);
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  reset(): void {
    this.#ledger = new Ledger(this.#clock);
    this.misbehaviour.set({});
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const [, first = '', second = '', ...rest] = path.split('/');
    const body = await bodyOf(request);
    if (body === undefined) return answer(response, refused(400, 'the body is no JSON object, or too long'));
    const operation = OPERATIONS.find((known) => known === first);
    try {
      if (operation !== undefined && rest.length === 0) await this.#perform(operation, decodeURIComponent(second), body, response);
      else answer(response, this.#tell(request.method ?? '', first, new URLSearchParams(query), body));
    } catch (error) {
      // A path that cannot be decoded, or a defect here: the caller hears of it, and the substrate goes on.
      answer(response, refused(400, error instanceof Error ? error.message : String(error)));
    }
  }

  async #perform(operation: Operation, id: string, body: Readonly<Record<string, unknown>>, response: ServerResponse): Promise<void> {
    const { ledger } = this;
    const operationId = textOf(body['operationId']);
    const plan = this.misbehaviour.plan(operation);
    const call = ledger.calls.begin(operation, operationId, id === '' ? undefined : id, ledger.lineOf(id));
    const gone = new Promise<void>((resolve) => {
      response.once('close', () => {
        ledger.calls.end(call, 'cut');
        resolve();
      });
    });
    const worked = this.#work(plan, operation, operationId, id, body, gone);
    // Not `finally`: when the work ends, `find` must be able to see it at once.
    if (operation === 'join') this.#joins.set(operationId, worked.then(ignore, ignore));
    const effect = await worked;
    if (operation === 'join') this.#joins.delete(operationId);
    if (effect === undefined) return;
    if (plan.replyDelayMs > 0) await sleep(plan.replyDelayMs);
    this.#reply(call, plan, effect, response);
  }

  /** @returns undefined when the call hangs until its caller has gone. What was delayed is done even if the caller has gone. */
  async #work(
    plan: Plan,
    operation: Operation,
    operationId: string,
    id: string,
    body: Readonly<Record<string, unknown>>,
    gone: Promise<void>,
  ): Promise<Effect | undefined> {
    if (plan.hang) {
      await gone;
      return undefined;
    }
    if (plan.delayMs > 0) await sleep(plan.delayMs);
    if (plan.failed && plan.failStatus === 0) return refused(500, `the substrate fails this ${operation}, as it was told to`);
    if (plan.failed) return { status: 200, body: { status: plan.failStatus, error: `the substrate refuses this ${operation}, as it was told to` } };
    if (operation === 'find') await this.#joins.get(textOf(body['joinOperationId']));
    return this.#do(operation, operationId, id, body);
  }

  #do(operation: Operation, operationId: string, id: string, body: Readonly<Record<string, unknown>>): Effect {
    const { breakMake, idempotent } = this.misbehaviour;
    const options = { breakMake, idempotent };
    const properties = propertiesOf(body['properties']);
    const untilMs = Number(body['untilMs']);
    switch (operation) {
      case 'join': {
        if (!Number.isFinite(untilMs)) return refused(400, 'untilMs must be a time');
        return this.#ledger.join(operationId, untilMs, textOf(body['prefix']), properties, { ...options, duplicateId: this.misbehaviour.takeDuplicateId() });
      }
      case 'renew':
        return Number.isFinite(untilMs) ? this.#ledger.renew(operationId, id, untilMs, options) : refused(400, 'untilMs must be a time');
      case 'modify':
        return this.#ledger.modify(operationId, id, properties, options);
      case 'leave':
        return this.#ledger.leave(operationId, id, options);
      case 'status':
        return this.#ledger.status(id);
      case 'find':
        return this.#ledger.find(textOf(body['joinOperationId']));
      case 'list':
        return { status: 200, body: { reservationIds: this.#ledger.list(textOf(body['prefix'])) } };
      default:
        return unreachable(operation);
    }
  }

  #reply(call: Call, plan: Plan, effect: Effect, response: ServerResponse): void {
    if (plan.loseReply) {
      this.#ledger.calls.end(call, 'lost');
      response.socket?.destroy();
      return;
    }
    this.#ledger.calls.end(call, effect.status !== 200 ? 'failed' : effect.body['status'] === undefined ? 'done' : 'refused');
    answer(response, effect);
  }

  /** What is there, for whoever compares both sides. */
  #tell(method: string, what: string, query: URLSearchParams, body: Readonly<Record<string, unknown>>): Effect {
    const ledger = this.#ledger;
    if (method === 'POST' && what === 'reset') {
      this.reset();
      return ok({});
    }
    if (method === 'POST' && what === 'faults') {
      const mistake = behaviourMistake(body);
      if (mistake !== undefined) return refused(400, mistake);
      this.misbehaviour.set(body as Behaviour);
      return ok(body);
    }
    if (method !== 'GET') return refused(404, `there is no ${method} /${what}`);
    const limit = Math.min(Number(query.get('limit') ?? LISTED_DEFAULT), LISTED_MAX);
    const filter = Object.fromEntries([...query].filter(([name]) => name !== 'limit'));
    if (what === 'ledger') return ok({ now: this.#clock.nowMs(), states: ledger.states(), resources: [...first(ledger.resources(filter), limit)] });
    if (what === 'calls') return ok({ counts: ledger.calls.counts(), repeats: ledger.calls.repeats, calls: [...first(ledger.calls.newest(filter), limit)] });
    if (what === 'violations') return ok({ ...ledger.calls.violations() });
    return refused(404, `there is no /${what}; there are /ledger, /calls, /violations, /faults and /reset`);
  }
}

function* first<T>(items: Iterable<T>, limit: number): Generator<T, void, undefined> {
  let count = 0;
  for (const item of items) {
    if (count++ >= limit) return;
    yield item;
  }
}

function ok(body: Readonly<Record<string, unknown>>): Effect {
  return { status: 200, body };
}

function refused(status: number, message: string): Effect {
  return { status, body: { error: message } };
}

function answer(response: ServerResponse, { status, body }: Effect): void {
  if (response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length }).end(bytes);
}

/** The body as an object, `{}` when there is none; undefined when it is something else or too long. */
async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>> | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      length += (chunk as Buffer).length;
      if (length <= BODY_MAX_BYTES) chunks.push(chunk as Buffer);
    }
    if (length === 0) return {};
    if (length > BODY_MAX_BYTES) return undefined;
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    // Broken JSON, or a caller that went away in the middle: nobody waits for the answer then.
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function propertiesOf(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function ignore(): void {}

function unreachable(value: never): never {
  throw new Error(`no case for ${JSON.stringify(value)}`);
}

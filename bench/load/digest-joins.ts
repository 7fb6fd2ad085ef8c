import { hash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { DIGEST_REALM, DIGEST_USER, digestHa1 } from '../../src/http/digest.ts';
import { argumentOf, tell } from '../program.ts';

/**
 * A load generator for joins with HTTP Digest, as NodeAgent2's clients send them: each connection answers one challenge with
 * MD5, then counts its nonce up, one join under way at a time. It shares the machine with the server, so it does no more
 * than that: one hash, one write and one look at the answer for each join.
 */

export interface DigestJoinsTask {
  readonly port: number;
  readonly endpoint: string;
  readonly password: string;
  readonly connections: number;
  /** Undefined: until SIGTERM, which always ends it. */
  readonly seconds: number | undefined;
  /** Gets all end times (epoch milliseconds), then as many durations (milliseconds), as float64 of this machine. */
  readonly samplesFile: string;
}

/** Printed when all connections have their challenge and the first joins go out. */
export const BEGUN = 'begun';

/** What is printed at the end. */
export interface DigestJoinsOutcome {
  readonly seconds: number;
  /** Answers that were neither a join nor a stale nonce. */
  readonly errors: number;
  /** The first of them. */
  readonly firstError: string;
}

export const DIGEST_JOINS_PROGRAM: URL = new URL(import.meta.url);

const METHOD = 'POST';
/** About what ORCA sends: who asks, and for which unit. */
export const BODY: string = JSON.stringify({ 'unit.id': '6b1d3f0e-1c1a-4b66-9f55-6f0b5c1f2a77', 'unit.vlan.tag': '1201', 'unit.rate': '10000000' });
const HEAD_END = '\r\n\r\n';
const LENGTH = /content-length: (\d+)/i;
const UNAUTHORIZED = 'HTTP/1.1 401';
const OK = 'HTTP/1.1 200';
/** Anything else in an answer with 200 is a plugin that threw. */
const JOINED = '{"status":0,';

async function generate({ port, endpoint, password, connections, seconds, samplesFile }: DigestJoinsTask): Promise<DigestJoinsOutcome> {
  const target = targetOf(endpoint, password);
  const endedMs: number[] = [];
  const tookMs: number[] = [];
  let errors = 0;
  let firstError = '';
  let isStopped = false;
  process.once('SIGTERM', () => {
    isStopped = true;
  });
  const joiners = Array.from({ length: connections }, () => new Joiner(connect({ host: '127.0.0.1', port, noDelay: true }), target));
  await Promise.all(joiners.map((joiner) => joiner.takeChallenge()));
  tell(BEGUN);
  const startMs = performance.now();
  const endMs = startMs + (seconds ?? Number.POSITIVE_INFINITY) * 1000;
  const work = async (joiner: Joiner): Promise<void> => {
    for (let beforeMs = performance.now(); beforeMs < endMs && !isStopped; ) {
      const failure = await joiner.join();
      const nowMs = performance.now();
      endedMs.push(Date.now());
      tookMs.push(nowMs - beforeMs);
      beforeMs = nowMs;
      if (failure === undefined) continue;
      errors += 1;
      if (errors === 1) firstError = failure;
    }
    joiner.close();
  };
  await Promise.all(joiners.map(work));
  const outcome = { seconds: (performance.now() - startMs) / 1000, errors, firstError };
  writeFileSync(samplesFile, new Uint8Array(Float64Array.from([...endedMs, ...tookMs]).buffer));
  return outcome;
}

/** What is the same in all requests. */
interface Target {
  /** Up to the place where the header of Digest comes. */
  readonly head: string;
  readonly tail: string;
  readonly uri: string;
  readonly ha1: string;
  readonly ha2: string;
}

function targetOf(endpoint: string, password: string): Target {
  const uri = `/join/${endpoint}`;
  return {
    head: `${METHOD} ${uri} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(BODY)}\r\n`,
    tail: `\r\n${BODY}`,
    uri,
    ha1: digestHa1('MD5', DIGEST_USER, DIGEST_REALM, password),
    ha2: hash('md5', `${METHOD}:${uri}`),
  };
}

class Joiner {
  readonly #socket: Socket;
  readonly #target: Target;
  readonly #cnonce = randomBytes(8).toString('hex');
  #nonce = '';
  /** The parameters of the header that stay the same while the nonce does. */
  #parameters = '';
  #count = 0;
  #received = '';
  #answered: { resolve(answer: string): void; reject(error: Error): void } | undefined;

  constructor(socket: Socket, target: Target) {
    this.#socket = socket;
    this.#target = target;
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => this.#take(part));
    socket.on('error', (error) => this.#answered?.reject(error));
    socket.on('close', () => this.#answered?.reject(new Error('the server closed a connection')));
  }

  /** Asks without credentials. A server that does not ask for any takes whichever nonce. */
  async takeChallenge(): Promise<void> {
    const { head, tail } = this.#target;
    this.#adopt(await this.#send(head + tail));
  }

  /** @returns what went wrong. */
  async join(): Promise<string | undefined> {
    let answer = await this.#send(this.#request());
    if (answer.startsWith(UNAUTHORIZED) && answer.includes('stale=true')) {
      this.#adopt(answer);
      answer = await this.#send(this.#request());
    }
    return answer.startsWith(OK) && answer.startsWith(JOINED, answer.indexOf(HEAD_END) + HEAD_END.length) ? undefined : answer;
  }

  close(): void {
    this.#socket.destroy();
  }

  #adopt(challenge: string): void {
    const value = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(challenge)?.[1] ?? 'none';
    this.#nonce = value('nonce');
    this.#count = 0;
    this.#parameters =
      `Authorization: Digest username="${DIGEST_USER}", realm="${DIGEST_REALM}", nonce="${this.#nonce}", uri="${this.#target.uri}", ` +
      `algorithm=MD5, qop=auth, cnonce="${this.#cnonce}", opaque="${value('opaque')}", nc=`;
  }

  #request(): string {
    const { head, tail, ha1, ha2 } = this.#target;
    this.#count += 1;
    const nc = this.#count.toString(16).padStart(8, '0');
    const response = hash('md5', `${ha1}:${this.#nonce}:${nc}:${this.#cnonce}:auth:${ha2}`);
    return `${head}${this.#parameters}${nc}, response="${response}"\r\n${tail}`;
  }

  #send(request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#answered = { resolve, reject };
      this.#socket.write(request, 'latin1');
    });
  }

  #take(part: string): void {
    this.#received += part;
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const length = LENGTH.exec(this.#received)?.[1];
    if (length === undefined) return void this.#socket.destroy(new Error(`an answer without length: ${this.#received}`));
    if (this.#received.length < headEnd + HEAD_END.length + Number(length)) return;
    const answer = this.#received;
    const answered = this.#answered;
    this.#received = '';
    this.#answered = undefined;
    answered?.resolve(answer);
  }
}

const task = argumentOf(import.meta.url) as DigestJoinsTask | undefined;
if (task !== undefined) tell(await generate(task));

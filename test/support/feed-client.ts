import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { request, WebSocket } from 'undici';

/** Subscribers as dashboards and scripts would write them: one over Server-Sent Events, one over a WebSocket. */

export interface FeedEvent {
  readonly specversion: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly subject?: string;
  readonly sequence?: string;
  readonly datacontenttype?: string;
  readonly matches?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into records of every kind
  readonly data?: any;
}

export interface Subscriber {
  readonly events: readonly FeedEvent[];
  /** Resolves when `enough` holds; rejects when the connection ends or time is up before that. */
  until(enough: (events: readonly FeedEvent[]) => boolean): Promise<readonly FeedEvent[]>;
  /** The close code of a WebSocket, 0 for a stream. */
  readonly ended: Promise<number>;
  /** Gone without a word, as a client that is killed. */
  kill(): void;
}

const LIMIT_MS = 20_000;

/** Only events of changes. */
export function changesIn(events: readonly FeedEvent[]): readonly FeedEvent[] {
  return events.filter(({ type, sequence }) => sequence !== undefined && !type.startsWith('holdfast.feed.'));
}

export function sequencesOf(events: readonly FeedEvent[]): readonly number[] {
  return changesIn(events).map(({ sequence }) => Number(sequence));
}

class Collected implements Subscriber {
  readonly events: FeedEvent[] = [];
  readonly ended: Promise<number>;
  #isOver = false;
  #look: (() => void)[] = [];
  #end: (code: number) => void = () => undefined;
  readonly #kill: () => void;

  constructor(kill: () => void) {
    this.#kill = kill;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  take(text: string): void {
    this.events.push(JSON.parse(text) as FeedEvent);
    this.#lookAgain();
  }

  over(code: number): void {
    this.#isOver = true;
    this.#end(code);
    this.#lookAgain();
  }

  async until(enough: (events: readonly FeedEvent[]) => boolean): Promise<readonly FeedEvent[]> {
    const startedMs = Date.now();
    while (!enough(this.events)) {
      if (this.#isOver || Date.now() - startedMs > LIMIT_MS) {
        const last = this.events.slice(-3).map(({ type, id }) => `${type} ${id}`);
        throw new Error(`${this.#isOver ? 'the feed ended' : 'time is up'} after ${this.events.length} events, the last of them ${last.join(', ')}`);
      }
      await new Promise<void>((resolve) => {
        this.#look.push(resolve);
        setTimeout(resolve, 200);
      });
    }
    return this.events;
  }

  kill(): void {
    this.#kill();
  }

  #lookAgain(): void {
    for (const resolve of this.#look.splice(0)) resolve();
  }
}

/** @param query as in the URL, without the question mark. @throws when the answer is no stream. */
export async function openStream(
  url: string,
  query = '',
  headers: Readonly<Record<string, string>> = {},
): Promise<Subscriber & { readonly lastEventId: string }> {
  const abort = new AbortController();
  const answer = await request(`${url}/feed?${query}`, { headers, signal: abort.signal, bodyTimeout: 0 });
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${await answer.body.text()}`);
  const collected = new Collected(() => abort.abort());
  const stream = Object.assign(collected, { lastEventId: '' });
  void readStream(answer.body, (field, value) => {
    if (field === 'id') stream.lastEventId = value;
    if (field === 'data') collected.take(value);
  }).then(
    () => collected.over(0),
    () => collected.over(0),
  );
  return stream;
}

async function readStream(body: AsyncIterable<Buffer>, take: (field: string, value: string) => void): Promise<void> {
  let rest = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf('\n\n'); end !== -1; end = rest.indexOf('\n\n')) {
      for (const line of rest.toString('utf8', 0, end).split('\n')) {
        const colon = line.indexOf(': ');
        if (colon > 0) take(line.slice(0, colon), line.slice(colon + 2));
      }
      rest = rest.subarray(end + 2);
    }
  }
}

/** @throws when there is no WebSocket to be had. */
export async function openSocket(url: string, query = '', options: { token?: string; headers?: Record<string, string> } = {}): Promise<Subscriber> {
  const protocols = options.token === undefined ? [] : ['holdfast.feed', `bearer.${options.token}`];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/feed?${query}`, { protocols, headers: options.headers ?? {} });
  const collected = new Collected(() => socket.close());
  socket.addEventListener('message', ({ data }) => collected.take(String(data)));
  socket.addEventListener('close', ({ code }) => collected.over(code));
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('there is no WebSocket to be had')));
  });
  return collected;
}

/** A WebSocket whose client does not read until it is told to. */
export class SleepySocket {
  readonly #socket: Socket;
  /** The beginning of the answer, or all of it. */
  readonly #first: Buffer;

  private constructor(socket: Socket, first: Buffer) {
    this.#socket = socket;
    this.#first = first;
  }

  static open(port: number, query = ''): Promise<SleepySocket> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', reject);
      const key = randomBytes(16).toString('base64');
      socket.write(
        `GET /feed?${query} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
      );
      socket.once('data', (first: Buffer) => {
        socket.pause();
        resolve(new SleepySocket(socket, first));
      });
    });
  }

  /** Reads everything until the server ends it. @returns the texts of the messages, and the code of the close frame (1006 without one). */
  async readAll(): Promise<{ readonly texts: readonly string[]; readonly code: number }> {
    const chunks: Buffer[] = [this.#first];
    for await (const chunk of this.#socket) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    return framesIn(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4));
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** RFC 6455, section 5.2; frames of a server are not masked. */
function framesIn(bytes: Buffer): { texts: string[]; code: number } {
  const texts: string[] = [];
  let code = 1006;
  for (let at = 0; at + 2 <= bytes.length; ) {
    const opcode = (bytes[at] as number) & 0x0f;
    let length = (bytes[at + 1] as number) & 0x7f;
    at += 2;
    if (length === 126) {
      length = bytes.readUInt16BE(at);
      at += 2;
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(at));
      at += 8;
    }
    const payload = bytes.subarray(at, at + length);
    if (opcode === 1) texts.push(payload.toString('utf8'));
    if (opcode === 8 && payload.length >= 2) code = payload.readUInt16BE(0);
    at += length;
  }
  return { texts, code };
}

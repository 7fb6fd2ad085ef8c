import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { quantile } from '../figure.ts';
import { argumentOf, tell } from '../program.ts';

/**
 * Many subscribers of a feed in one process: WebSockets that count messages and, of some, how long they took since the
 * `time` that they say. It prints `{"connected":N,"startMs":…}`, then how much has come whenever a line of that has changed.
 */

export interface SubscribersTask {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
}

/** What is printed every so often: all since the start. */
export interface SubscribersReport {
  readonly messages: number;
  readonly bytes: number;
  /** Of those that came since the line before; 0 when none came. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** On the clock of `Date.now()`. */
  readonly lastMs: number;
  /** Connections that the other side has ended. */
  readonly ended: number;
}

export const SUBSCRIBERS_PROGRAM: URL = new URL(import.meta.url);

const REPORT_MS = 250;
/** Of what one connection reads at once, the time of the first message is looked at, in one of so many readings. */
const SAMPLE_EVERY = 8;
const HEAD_END = Buffer.from('\r\n\r\n');
const TIME = Buffer.from('"time":"');
const TIME_LENGTH = '2026-11-22T10:00:00.000Z'.length;
const TEXT = 1;

const total = { messages: 0, bytes: 0, lastMs: 0, ended: 0 };
let times: number[] = [];
let readings = 0;

class Connection {
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of a message that has not come whole. */
  #missing = 0;

  take(part: Buffer): void {
    total.bytes += part.length;
    total.lastMs = Date.now();
    if (this.#missing === 0 && readings++ % SAMPLE_EVERY === 0) sample(part);
    let at = Math.min(this.#missing, part.length);
    this.#missing -= at;
    if (at === part.length) return;
    const bytes = this.#rest.length === 0 ? part : Buffer.concat([this.#rest, part.subarray(at)]);
    if (this.#rest.length > 0) at = 0;
    this.#rest = Buffer.alloc(0);
    while (at < bytes.length) {
      const frame = headAt(bytes, at);
      if (frame === undefined) {
        this.#rest = Buffer.from(bytes.subarray(at));
        return;
      }
      if (frame.opcode === TEXT) total.messages += 1;
      const end = frame.start + frame.length;
      this.#missing = Math.max(0, end - bytes.length);
      at = end;
    }
  }
}

/** RFC 6455, section 5.2. Undefined when the head is not whole. */
function headAt(bytes: Buffer, at: number): { opcode: number; start: number; length: number } | undefined {
  if (bytes.length - at < 2) return undefined;
  const opcode = (bytes[at] as number) & 0x0f;
  const short = (bytes[at + 1] as number) & 0x7f;
  if (short < 126) return { opcode, start: at + 2, length: short };
  const width = short === 126 ? 2 : 8;
  if (bytes.length - at < 2 + width) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
  return { opcode, start: at + 2 + width, length };
}

function sample(part: Buffer): void {
  const at = part.indexOf(TIME);
  if (at === -1 || at + TIME.length + TIME_LENGTH > part.length) return;
  times.push(Date.now() - Date.parse(part.toString('latin1', at + TIME.length, at + TIME.length + TIME_LENGTH)));
}

function subscribe({ port, path }: SubscribersTask): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const connection = new Connection();
    let head: Buffer | undefined = Buffer.alloc(0);
    socket.on('connect', () => {
      const key = randomBytes(16).toString('base64');
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
      );
    });
    socket.on('error', reject);
    socket.on('close', () => {
      total.ended += 1;
    });
    socket.on('data', (part: Buffer) => {
      if (head === undefined) return connection.take(part);
      head = Buffer.concat([head, part]);
      const end = head.indexOf(HEAD_END);
      if (end === -1) return;
      if (!head.toString('latin1', 0, end).startsWith('HTTP/1.1 101')) return void socket.destroy(new Error(head.toString('latin1', 0, end)));
      const rest = head.subarray(end + HEAD_END.length);
      head = undefined;
      resolve();
      if (rest.length > 0) connection.take(rest);
    });
  });
}

async function run(task: SubscribersTask): Promise<void> {
  const startMs = Date.now();
  for (let count = 0; count < task.connections; count++) await subscribe(task);
  tell({ connected: task.connections, startMs });
  let told = -1;
  setInterval(() => {
    if (total.messages === told) return;
    told = total.messages;
    const report: SubscribersReport = { ...total, p50Ms: times.length === 0 ? 0 : quantile(times, 0.5), p99Ms: times.length === 0 ? 0 : quantile(times, 0.99) };
    times = [];
    tell(report);
  }, REPORT_MS);
}

const task = argumentOf(import.meta.url) as SubscribersTask | undefined;
if (task !== undefined) await run(task);

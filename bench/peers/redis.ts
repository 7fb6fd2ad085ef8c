import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { bindTo, Child, type Cores } from '../children.ts';
import { CONNECTIONS, WARM_UP_TIMES } from '../load/load.ts';
import { READ_NODES_MAX, WRITTEN_NODES_MAX } from '../load/requests.ts';
import { freePort } from './free-port.ts';
import { peerFolder, startAsPeer, versionOf } from './start-peer.ts';

/**
 * Redis by itself, on loopback, in a folder of ours: each node is a string under a key with its number. It is started for
 * each measurement and ended after it, so that it takes nothing from what is measured next.
 */

export interface PeerLoad {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const COMMANDS = ['redis-server', 'redis-cli', 'redis-benchmark'] as const;

/** The key as `redis-benchmark` writes it: twelve digits. */
const KEY_DIGITS = 12;
/** Enough to learn how many take how long. */
const PILOT_REQUESTS = 20_000;

export class Redis {
  readonly version: string;
  readonly #folder: string;
  readonly #nodes: number;
  #isFilled = false;

  private constructor(version: string, folder: string, nodes: number) {
    this.version = version;
    this.#folder = folder;
    this.#nodes = nodes;
  }

  /** Undefined where it is not installed. */
  static find(folder: string, nodes: number): Redis | undefined {
    const [version, ...others] = COMMANDS.map(versionOf);
    return version === undefined || others.includes(undefined) ? undefined : new Redis(version, peerFolder(folder), nodes);
  }

  /** Reads at random. @param cores where server and generator are bound to, if they are. */
  async get(lines: Buffer, seconds: number, cores: Cores | undefined): Promise<PeerLoad> {
    await this.#fill(lines);
    return this.#with(({ port, pid }) => {
      if (cores !== undefined) bindTo(pid, cores.server);
      return this.#benchmark(port, { command: ['GET', 'node:__rand_int__'], nodesMax: READ_NODES_MAX, seconds, cores });
    });
  }

  /** Writes at random, each on the disk before it is answered. */
  async set(lines: Buffer, seconds: number): Promise<PeerLoad> {
    await this.#fill(lines);
    const body = lines.toString('utf8', 0, lines.indexOf('\n'));
    return this.#with(async ({ port, connection }) => {
      await connection.ask('CONFIG SET appendfsync always');
      await connection.ask('CONFIG SET auto-aof-rewrite-percentage 0');
      await connection.ask('CONFIG SET appendonly yes');
      await untilTrue(async () => /aof_rewrite_in_progress:0\r\naof_rewrite_scheduled:0/.test(await connection.ask('INFO persistence')));
      const writes = { command: ['SET', 'node:__rand_int__', body], nodesMax: WRITTEN_NODES_MAX };
      await this.#benchmark(port, { ...writes, seconds: seconds * WARM_UP_TIMES });
      const load = await this.#benchmark(port, { ...writes, seconds });
      rmSync(join(this.#folder, 'appendonlydir'), { recursive: true, force: true });
      return load;
    });
  }

  /** Seconds of `SAVE`, with all nodes. */
  async save(lines: Buffer): Promise<number> {
    await this.#fill(lines);
    return this.#with(({ connection }) => timedSave(connection));
  }

  /** Seconds from the start of the process until it has loaded its file and answers; and what it then takes of memory. */
  async start(lines: Buffer): Promise<{ readonly seconds: number; readonly residentMiB: number }> {
    await this.#fill(lines);
    return this.#with(async ({ connection, startedMs, loadedMs }) => {
      const resident = /used_memory_rss:(\d+)/.exec(await connection.ask('INFO memory'))?.[1];
      return { seconds: (loadedMs - startedMs) / 1000, residentMiB: Number(resident) / 1024 ** 2 };
    });
  }

  /** Once: what others change is not saved. */
  async #fill(lines: Buffer): Promise<void> {
    if (this.#isFilled) return;
    const file = join(this.#folder, 'commands');
    writeFileSync(file, commands(lines));
    await this.#with(async ({ port, connection }) => {
      await new Child('sh', ['-c', `exec redis-cli -p ${port} --pipe < "$0"`, file]).output();
      const size = await connection.ask('DBSIZE');
      if (size !== `:${this.#nodes}\r\n`) throw new Error(`Redis has taken ${size.trim()} of ${this.#nodes} nodes`);
      await connection.ask('SAVE');
    });
    rmSync(file);
    this.#isFilled = true;
  }

  async #with<T>(work: (running: Running) => T | Promise<T>): Promise<T> {
    const running = await this.#launch();
    try {
      return await work(running);
    } finally {
      running.connection.close();
      await running.child.end('SIGKILL');
    }
  }

  async #launch(): Promise<Running> {
    const port = await freePort();
    const options = ['--port', port, '--bind', '127.0.0.1', '--dir', this.#folder, '--save', '', '--appendonly', 'no', '--loglevel', 'warning'];
    const startedMs = performance.now();
    const complaintsFile = join(this.#folder, 'complaints');
    const child = startAsPeer(['redis-server', ...options.map(String)], { complaintsFile });
    const connection = await untilLoaded(child, port, complaintsFile);
    const loadedMs = performance.now();
    child.discard();
    return { child, pid: child.pid, port, connection, startedMs, loadedMs };
  }

  /** So many requests as take about so long. */
  async #benchmark(port: number, load: Load): Promise<PeerLoad> {
    const pilot = await this.#requests(port, PILOT_REQUESTS, load);
    return this.#requests(port, Math.ceil(pilot.perSecond * load.seconds), load);
  }

  async #requests(port: number, count: number, { command, nodesMax, cores }: Load): Promise<PeerLoad> {
    // As many different nodes as Holdfast is asked for.
    const asked = Math.min(nodesMax, this.#nodes);
    const args = ['-p', port, '-c', CONNECTIONS, '-n', count, '-r', asked, '--csv', ...command].map(String);
    const child = cores === undefined ? new Child('redis-benchmark', args) : new Child('taskset', ['-c', cores.generator, 'redis-benchmark', ...args]);
    const output = await child.output();
    // The name of the test is the command with all of its text; six numbers follow it.
    const numbers = /((?:,"[\d.]+"){7})\s*$/
      .exec(output)?.[1]
      ?.match(/[\d.]+/g)
      ?.map(Number);
    const [perSecond = Number.NaN, , , p50Ms = Number.NaN, , p99Ms = Number.NaN] = numbers ?? [];
    if (Number.isNaN(perSecond + p50Ms + p99Ms)) throw new Error(`redis-benchmark said: ${output}`);
    return { perSecond, p50Ms, p99Ms };
  }
}

interface Load {
  readonly command: readonly string[];
  readonly nodesMax: number;
  readonly seconds: number;
  readonly cores?: Cores | undefined;
}

interface Running {
  readonly child: Child;
  readonly pid: number;
  readonly port: number;
  readonly connection: RedisConnection;
  readonly startedMs: number;
  readonly loadedMs: number;
}

async function timedSave(connection: RedisConnection): Promise<number> {
  const startMs = performance.now();
  const answer = await connection.ask('SAVE');
  if (!answer.startsWith('+OK')) throw new Error(answer);
  return (performance.now() - startMs) / 1000;
}

/** A `SET` for each line, as they go over the wire. */
function commands(lines: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0, number = 0; start < lines.length; number++) {
    const end = lines.indexOf('\n', start);
    const key = `node:${String(number).padStart(KEY_DIGITS, '0')}`;
    parts.push(Buffer.from(`*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${end - start}\r\n`), lines.subarray(start, end), Buffer.from('\r\n'));
    start = end + 1;
  }
  return Buffer.concat(parts);
}

/** One question at a time, and answers of which the first line, or one whole text, is enough. */
class RedisConnection {
  readonly #socket: Socket;
  #received = '';
  #heard: { resolve(answer: string): void; reject(error: Error): void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => {
      this.#received += part;
      const [, length] = /^\$(\d+)\r\n/.exec(this.#received) ?? [];
      const isWhole = length === undefined ? this.#received.endsWith('\r\n') : this.#received.length >= length.length + 5 + Number(length);
      if (isWhole) this.#heard?.resolve(this.#received);
    });
    const fail = (): void => this.#heard?.reject(new Error('Redis has closed the connection'));
    socket.on('error', fail);
    socket.on('close', fail);
  }

  static open(port: number): Promise<RedisConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new RedisConnection(socket)));
    });
  }

  ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#received = '';
      this.#heard = { resolve, reject };
      this.#socket.write(`${command}\r\n`);
    });
  }

  close(): void {
    this.#heard = undefined;
    this.#socket.destroy();
  }
}

const POLL_MS = 2;
const POLL_LIMIT_MS = 120_000;

async function untilLoaded(child: Child, port: number, complaintsFile: string): Promise<RedisConnection> {
  let connection: RedisConnection | undefined;
  await untilTrue(async () => {
    if (child.over) throw new Error(`Redis ended early and said: ${readFileSync(complaintsFile, 'utf8')}`);
    connection ??= await RedisConnection.open(port).catch(() => undefined);
    return (await connection?.ask('PING'))?.startsWith('+PONG') ?? false;
  });
  if (connection === undefined) throw new Error('there is a connection after an answer');
  return connection;
}

async function untilTrue(condition: () => Promise<boolean>): Promise<void> {
  for (const endMs = performance.now() + POLL_LIMIT_MS; ; ) {
    if (await condition()) return;
    if (performance.now() > endMs) throw new Error('Redis does not get ready');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerProcess } from '../../support/server-process.ts';
import type { Run, Torture } from '../torture.ts';

/**
 * As many connections as a server takes, from several addresses, all of them at once and each asking every few seconds.
 * Everyone is answered, one more is refused, and all are given back. Needs `ulimit -n` well above their number.
 */
export const connections: Torture = {
  about: 'thousands of connections at once, each asking every few seconds',
  unit: 'connections',
  usualRounds: 10_000,
  async run(run) {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-torture-'));
    const server = await ServerProcess.start({ directory: join(folder, 'data') });
    try {
      await crowd(run, server);
    } finally {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const ADDRESSES = 5;
const BATCH = 250;
/** Silent ones are closed after ten seconds. */
const ASK_EVERY_MS = 4000;
const HELD_MS = 20_000;
const ANSWER_LIMIT_MS = 30_000;
const ASK = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';

interface Guest {
  readonly socket: Socket;
  answers: number;
  refused: string;
  timer: NodeJS.Timeout | undefined;
}

async function crowd(run: Run, server: ServerProcess): Promise<void> {
  const probe = guest(server, '127.0.0.99');
  await until(() => probe.answers > 0, 'the probe');
  run.count('p99MicrosAlone', await p99Micros(probe));
  run.count('rssMiBBefore', rssMiB(server));
  const guests: Guest[] = [];
  for (const _ of run.seeds()) {
    guests.push(guest(server, `127.0.0.${2 + (guests.length % ADDRESSES)}`));
    // The probe is one of those that the server takes.
    if (guests.length % BATCH === 0) await until(() => guests.every(isSettled), `${guests.length} connections`);
    if (guests.length % BATCH === 0 && guests.some(({ refused }) => refused !== '')) break;
  }
  await until(() => guests.every(isSettled), 'the last connections');
  const held = guests.filter(({ refused }) => refused === '');
  run.count('held', held.length);
  run.count('refused', guests.length - held.length);
  await pause(HELD_MS);
  run.count('rssMiBHeld', rssMiB(server));
  run.count('p99MicrosHeld', await p99Micros(probe));
  const lost = held.filter(({ socket, answers }) => socket.destroyed || answers < HELD_MS / ASK_EVERY_MS - 1);
  if (lost.length > 0) run.fail(run.seed, `${lost.length} of ${held.length} connections were cut or not answered`, run.rounds);
  const wrong = guests.find(({ refused }) => refused !== '' && !refused.startsWith('HTTP/1.1 503'));
  if (wrong !== undefined) run.fail(run.seed, `a connection was refused with ${wrong.refused}`, run.rounds);
  for (const { socket, timer } of guests) {
    clearInterval(timer);
    socket.destroy();
  }
  await until(async () => (await open(server)) < 20, 'all are given back');
  run.count('rssMiBAfter', rssMiB(server));
  const late = guest(server, '127.0.0.2');
  await until(() => late.answers > 0, 'one more after them');
  for (const { socket, timer } of [probe, late]) {
    clearInterval(timer);
    socket.destroy();
  }
}

function guest(server: ServerProcess, localAddress: string): Guest {
  const socket = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1', localAddress });
  const self: Guest = { socket, answers: 0, refused: '', timer: undefined };
  socket.on('error', (error) => {
    self.refused ||= error.message;
  });
  socket.on('data', (bytes) => {
    const text = bytes.toString('latin1');
    if (text.startsWith('HTTP/1.1 200')) self.answers += 1;
    else self.refused ||= text.slice(0, 40);
  });
  const ask = (): void => void (socket.destroyed || socket.write(ASK));
  ask();
  self.timer = setInterval(ask, ASK_EVERY_MS);
  return self;
}

function isSettled({ answers, refused, socket }: Guest): boolean {
  return answers > 0 || refused !== '' || socket.destroyed;
}

/** Of somebody who asks one thing after the other. */
async function p99Micros({ socket }: Guest): Promise<number> {
  const micros: number[] = [];
  for (let count = 0; count < 500; count++) {
    const startedMs = performance.now();
    const answered = new Promise((resolve) => socket.once('data', resolve));
    socket.write(ASK);
    await answered;
    micros.push((performance.now() - startedMs) * 1000);
    await pause(2);
  }
  return Math.round(micros.sort((a, b) => a - b)[Math.floor(micros.length * 0.99)] ?? 0);
}

async function open(server: ServerProcess): Promise<number> {
  const { text } = await server.request('GET', '/metrics');
  return Number(/^holdfast_http_connections (\d+)/m.exec(text)?.[1] ?? Number.NaN);
}

async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const startedMs = performance.now(); !(await isTrue()); ) {
    if (performance.now() - startedMs > ANSWER_LIMIT_MS) throw new Error(`${what}: not within ${ANSWER_LIMIT_MS} ms`);
    await pause(20);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function rssMiB({ pid }: ServerProcess): number {
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);
}

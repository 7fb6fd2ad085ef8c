import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lacks } from '../../support/lacks.ts';
import { serverFor } from '../../support/server-process.ts';
import { expectAll, PATH } from '../acknowledged.ts';
import { until, Writers } from './sabotaged-server.ts';

/** The process as a whole: stopped and continued, and out of file descriptors. */

const STOPPED_MS = 1500;
const CONNECTIONS = 60;
/** What is left of the descriptors when the flood begins. */
const ROOM = 20;

test('a process that was stopped for a while goes on where it was, and says so', async (context) => {
  const server = await serverFor(context);
  const writers = new Writers(server, 4);
  await writers.more(20);
  process.kill(server.pid, 'SIGSTOP');
  const held = writers.texts.size;
  await sleep(STOPPED_MS);
  assert.ok(writers.texts.size <= held + 4, 'what was answered before');
  process.kill(server.pid, 'SIGCONT');
  await writers.more(20);
  await until(() => /the main thread was held up/.test(server.output()), 'it is in the log');
  await writers.stop();
  await expectAll(server, [writers]);
});

test('without file descriptors the server goes on with those that it has, does not spin, and recovers by itself', async (context) => {
  if (lacks(context, 'prlimit', ['--pid', String(process.pid)])) return;
  const server = await serverFor(context);
  const writers = new Writers(server, 2);
  await writers.more(20);
  const open = Math.max(...readdirSync(`/proc/${server.pid}/fd`).map(Number));
  assert.equal(spawnSync('prlimit', ['--pid', String(server.pid), `--nofile=${open + ROOM}:`]).status, 0);
  const port = Number(new URL(server.url).port);
  const sockets: Socket[] = Array.from({ length: CONNECTIONS }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  context.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  await sleep(300);
  const before = cpuSeconds(server.pid);
  const held = writers.texts.size;
  // The connections of the writers are there, and the journal is open.
  await until(() => writers.texts.size > held + 20, 'writes go on');
  await writers.stop();
  const idle = cpuSeconds(server.pid);
  await sleep(500);
  assert.ok(cpuSeconds(server.pid) - idle < 0.4, `${idle - before} s before, then ${cpuSeconds(server.pid) - idle} s in half a second of nothing`);
  for (const socket of sockets) socket.destroy();
  await until(async () => (await server.request('POST', '/snapshots').catch(() => undefined))?.status === 201, 'a snapshot can be taken again');
  assert.equal((await server.request('GET', '/health')).status, 200);
  assert.equal((await server.request('GET', `${PATH}?limit=1`)).status, 200);
  await expectAll(server, [writers]);
});

/** Of all threads, in user and system mode. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

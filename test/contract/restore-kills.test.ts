import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ReservationServer } from '../support/reservation-server.ts';
import { type ServerProcess, temporaryFolder, tokenFor } from '../support/server-process.ts';

/**
 * A restore that is killed between the steps that it has. A module that is loaded into the server before everything else, in
 * all of its threads, ends it with SIGKILL at the point that a file names: at a message between threads, or at a call of
 * the file system. What a kill in the middle of a write leaves is looked for on the simulated disk, thousands of times.
 */

const KILLER = `
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const { MessagePort, isMainThread } = require('node:worker_threads');
const file = process.env.KILL_FILE;
const real = { ...fs };
const isNow = (point) => real.existsSync(file) && real.readFileSync(file, 'utf8') === point;
const die = () => { process.kill(process.pid, 'SIGKILL'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); };
const isJournal = (fd) => /\\/journal\\//.test(real.readlinkSync('/proc/self/fd/' + fd));
let stages = 0;
let hasFrames = false;
let hasEnd = false;
let isSynced = false;
const post = MessagePort.prototype.postMessage;
MessagePort.prototype.postMessage = function (message, ...more) {
  if (isSynced && isNow('before the owner answers')) die();
  const packed = isMainThread ? message?.task?.commands : undefined;
  if (packed instanceof Uint8Array) {
    const text = Buffer.from(packed).subarray(0, 200).toString('latin1');
    if (text.includes('restore.stage')) {
      stages += 1;
      if (stages === 2 && isNow('while parts are staged')) die();
    }
    if (text.includes('restore.commit') && isNow('after the safety snapshot')) die();
  }
  return post.call(this, message, ...more);
};
fs.renameSync = (from, to) => {
  if (/snapshot=/.test(to) && isNow('before the safety snapshot is there')) die();
  return real.renameSync(from, to);
};
fs.writeSync = (fd, bytes, offset, length, position) => {
  const written = real.writeSync(fd, bytes, offset, length, position);
  if (!isJournal(fd)) return written;
  if (length > 10000 && isNow('between the frames of the journal')) die();
  // The frame that says that the others count is the only small one after large ones.
  hasEnd = hasFrames && length < 1000;
  hasFrames = hasFrames || length > 10000;
  return written;
};
fs.fdatasyncSync = (fd) => {
  real.fdatasyncSync(fd);
  if (!isJournal(fd) || !hasFrames) return;
  if (!hasEnd && isNow('when all but its end is synced')) die();
  if (hasEnd && isNow('after the journal is synced')) die();
  isSynced = isSynced || (hasEnd && real.existsSync(file));
};
syncBuiltinESMExports();
`;

const BEFORE = [
  'while parts are staged',
  'before the safety snapshot is there',
  'after the safety snapshot',
  'between the frames of the journal',
  'when all but its end is synced',
];
const BEHIND = ['after the journal is synced', 'before the owner answers'];
/** From here on it is there. */
const SAFE = 2;
/** More than one frame of the journal takes, and more than one part of a plan. */
const NODES = 8500;
const NODE = '/inventory/ComputeNode';

/** What a restore brings back, and what it must not touch. */
async function stateOf(server: ServerProcess): Promise<{ readonly nodes: string; readonly reservations: string }> {
  const { json } = await server.request('GET', `${NODE}?fields=hostname,description&sort=hostname`);
  const reservations = await server.request('GET', '/reservations');
  assert.equal(reservations.status, 200, reservations.text);
  const nodes = (json as { hostname: string; description?: string }[]).map(({ hostname, description = '' }) => `${hostname} ${description}`);
  return { nodes: nodes.join('\n'), reservations: reservations.text };
}

test('a restore that is killed at any point has happened as a whole or not at all, and no reservation is touched', async (context) => {
  const folder = temporaryFolder(context);
  const killer = join(folder, 'killer.cjs');
  const file = join(folder, 'point');
  writeFileSync(killer, KILLER);
  const endpoints = [{ name: 'nothing', plugin: 'null', schedulePeriod: '1h' }];
  const site = new ReservationServer(context, folder, { tick: '1m', endpoints });
  const environment = { NODE_OPTIONS: `--require ${killer}`, KILL_FILE: file };
  const start = async (): Promise<ServerProcess> => {
    const server = await site.start(environment);
    server.token = tokenFor(site.directory, ['inventory:read', 'inventory:write', 'snapshots', 'reservations']);
    return server;
  };
  let server = await start();
  for (let count = 0; count < 3; count++) assert.equal((await site.post('/join/nothing', {})).status, 200);
  const lines = (description: string): string =>
    Array.from({ length: NODES }, (_, count) =>
      JSON.stringify({ hostname: `n${String(count).padStart(5, '0')}`, architecture: 'X86', boot_mac: macOf(count), description }),
    ).join('\n');
  const bulk = async (query: string, body: string): Promise<void> => {
    const { status, text } = await server.request('POST', `${NODE}/bulk${query}`, body, { 'content-type': 'application/x-ndjson' });
    assert.equal(status, 200, text);
  };
  await bulk('', lines('then'));
  const { json: snapshot } = await server.request('POST', '/snapshots');
  const then = { moment: snapshot.name, ...(await stateOf(server)) };
  await bulk('?upsert=true', lines('now'));
  await server.request('POST', NODE, { hostname: 'made', architecture: 'X86' });
  const now = { moment: String((await server.request('GET', '/health')).json.sequence), ...(await stateOf(server)) };
  assert.notEqual(now.nodes, then.nodes);

  // Whatever has happened is taken back by the next one.
  let [current, other] = [now, then];
  for (const [index, point] of [...BEFORE, ...BEHIND].entries()) {
    writeFileSync(file, point);
    const snapshots = readdirSync(join(site.directory, 'snapshots')).length;
    const answer = await server.request('POST', `/snapshots/${other.moment}/restore`, { confirm: true }).catch(() => undefined);
    assert.equal(answer, undefined, `${point}: ${answer?.text}`);
    assert.equal((await server.exited).signal, 'SIGKILL', point);
    rmSync(file);
    server = await start();
    if (index >= BEFORE.length) [current, other] = [other, current];
    const state = await stateOf(server);
    assert.ok(state.nodes === current.nodes, `${point}: it has happened, or has not, as it should`);
    assert.equal(state.reservations, now.reservations, point);
    if (index >= SAFE) assert.ok(readdirSync(join(site.directory, 'snapshots')).length > snapshots, `${point}: the safety snapshot is there`);
  }
  const done = await server.request('POST', `/snapshots/${other.moment}/restore`, { confirm: true });
  assert.equal(done.status, 200, done.text);
  assert.ok((await stateOf(server)).nodes === other.nodes);
});

function macOf(count: number): string {
  return `02:00:00:00:${(count >> 8).toString(16).padStart(2, '0')}:${(count & 255).toString(16).padStart(2, '0')}`;
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openStream } from '../../support/feed-client.ts';
import { lacks } from '../../support/lacks.ts';
import { ServerProcess, temporaryFolder } from '../../support/server-process.ts';
import { checkOrder, type OrderFound, type Promised } from './order.ts';
import { bytesIn, traceSteps } from './trace.ts';
import { Wire } from './wire.ts';

/** That nothing is told before it is safe, read from the system calls of a real server under concurrent writes. */

const CALLS = 'write,pwrite64,writev,pwritev,fdatasync,fsync,rename,renameat,renameat2,sendto,sendmsg,openat,ftruncate';
const CLIENTS = 8;
const WRITES = 10;
const NODE = '/inventory/ComputeNode';

interface Traced {
  readonly lines: readonly string[];
  readonly promised: ReadonlyMap<string, Promised>;
  /** The last change of all. */
  readonly last: number;
  /** A record that is there at the end. */
  readonly kept: string;
}

test('no answer, no read and no event leaves before what it tells is synced, and a trace in which one does is noticed', async (context) => {
  if (lacks(context, 'strace', ['-f', '-qq', '-o', '/dev/null', 'true'])) return;
  const directory = join(temporaryFolder(context), 'data');
  const first = await traced(context, directory, 0);
  const found = checkOrder(traceSteps(first.lines), first.promised, 0);
  assert.deepEqual(found.wrong, []);
  assertCompared(found, first);
  assert.equal(found.snapshots, 1);

  // Killed, and started again: what it tells of before is synced again first.
  const before = first.last;
  const second = await traced(context, directory, 1000, first.kept);
  const again = checkOrder(traceSteps(second.lines), second.promised, before);
  assert.deepEqual(again.wrong, []);
  assertCompared(again, second);
  context.diagnostic(`${found.answers.size + again.answers.size} answers, ${found.events + again.events} events, ${found.syncs + again.syncs} syncs`);

  await context.test('noticed: a server that syncs nothing', () =>
    expectWrong(first, without(/ (fdatasync|fsync)\(|<\.\.\. (fdatasync|fsync)/), /before change \d+ was synced/),
  );
  await context.test('noticed: a sync that fails', () =>
    expectWrong(first, (lines) => lines.map((line) => line.replace(/(fdatasync.*) = 0$/, '$1 = -1 EIO (Input/output error)')), /was synced/),
  );
  await context.test('noticed: an answer that leaves before the sync', () => expectWrong(first, answersFirst, /was synced|was written/));
  await context.test('noticed: a new segment whose name is not synced', () =>
    expectWrong(first, without(/ fsync\(\d+<[^>]*\\x2f\\x6a\\x6f\\x75\\x72\\x6e\\x61\\x6c>/), /journal was synced|was made/),
  );
  await context.test('noticed: a snapshot of which no file is synced', () =>
    expectWrong(first, without(/ f(data)?sync\(\d+<[^>]*\\x2e\\x74\\x6d\\x70\\x2d[^>]*\\x2e[^>]*>/), /was not synced before/),
  );
  await context.test('noticed: a snapshot whose folder of snapshots is not synced', () =>
    expectWrong(first, without(/ fsync\(\d+<[^>]*\\x73\\x6e\\x61\\x70\\x73\\x68\\x6f\\x74\\x73>/), /left before .*snapshots was synced/),
  );
  await context.test('noticed: a restart that tells of what it found without syncing it', () => {
    const lines = [...second.lines];
    lines.splice(
      lines.findIndex((line) => / fdatasync\(\d+<[^>]*\\x2e\\x6a\\x6f\\x75\\x72\\x6e\\x61\\x6c>/.test(line)),
      1,
    );
    assert.match(checkOrder(traceSteps(lines), second.promised, before).wrong.join('\n'), /was not synced again|was synced/);
  });
});

function assertCompared({ answers, events }: OrderFound, { promised }: Traced): void {
  assert.deepEqual(
    [...promised.keys()].filter((id) => !answers.has(id)),
    [],
    'every answer is in the trace',
  );
  assert.ok(events > 0, 'events are in the trace');
}

function expectWrong({ lines, promised }: Traced, doctor: (lines: readonly string[]) => readonly string[], message: RegExp): void {
  const doctored = doctor(lines);
  assert.notDeepEqual(doctored, lines, 'the trace has what is taken out');
  assert.match(checkOrder(traceSteps(doctored), promised, 0).wrong.join('\n'), message);
}

function without(pattern: RegExp): (lines: readonly string[]) => readonly string[] {
  return (lines) => lines.filter((line) => !pattern.test(line));
}

/** The first answer to a write comes to stand between the write of its frame and the sync of it. */
function answersFirst(lines: readonly string[]): readonly string[] {
  const answer = lines.findIndex(
    (line) => / (sendto|write|writev|sendmsg)\(/.test(line) && /HTTP\/1\.1 20\d .*ETag: "/s.test(bytesIn(line).toString('latin1')),
  );
  const frame = lines.findIndex((line) => / pwrite64\(.*, 64\) += /.test(line));
  const sync = lines.findIndex((line, index) => index > frame && line.includes(' fdatasync('));
  return [...lines.slice(0, sync), lines[answer] ?? '', ...lines.slice(sync, answer), ...lines.slice(answer + 1)];
}

/** Writes by many clients at once, one snapshot, and a SIGKILL, with every system call that matters. */
async function traced(context: TestContext, directory: string, from: number, known?: string): Promise<Traced> {
  const file = `${directory}-${from}.trace`;
  // Other calls do not stop for strace.
  const under = ['strace', '-D', '-f', '--seccomp-bpf', '-y', '-xx', '-s', '1000000', '-qq', '-e', `trace=${CALLS}`, '-e', 'signal=none', '-o', file];
  const server = await ServerProcess.start({ directory, under, flags: ['--snapshot-every', '20d'] });
  context.after(async () => void (await server.kill()));
  const feed = await openStream(server.url, 'since=0', { authorization: `Bearer ${server.token}` });
  const wire = new Wire(server.url, server.token);
  if (known !== undefined) assert.equal((await wire.send('GET', `${NODE}/${known}`))?.status, 200);
  const promised = new Map<string, Promised>();
  let kept = '';
  let ids = from;
  const send = async (method: string, path: string, body: unknown, more: Record<string, string> = {}) => {
    const id = `w${ids++}`;
    const answer = await wire.send(method, path, body === undefined ? undefined : JSON.stringify(body), { ...more, 'x-request-id': id });
    assert.ok(answer !== undefined && answer.status < 300, answer?.text);
    return { id, json: answer.json };
  };
  const revisionOf = ({ id, json }: { id: string; json: { revision: number } }): void => void promised.set(id, { sequence: json.revision });
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    for (let count = 0; count < WRITES; count++) {
      const made = await send('POST', NODE, { hostname: `n${client}`, architecture: 'arm64' });
      revisionOf(made);
      const path = `${NODE}/${made.json.id}`;
      revisionOf(await send('PATCH', path, { description: 'patched' }));
      revisionOf(await send('PUT', path, { hostname: 'put', architecture: 'arm64' }));
      const several = await send('POST', NODE, [made.json, made.json]);
      promised.set(several.id, { sequence: Math.max(...several.json.map(({ revision }: { revision: number }) => revision)) });
      const bulk = await send('POST', `${NODE}/bulk`, [made.json, made.json]);
      promised.set(bulk.id, { sequence: bulk.json.sequence });
      promised.set((await send('DELETE', path, undefined)).id, { deleted: made.json.id });
      kept = several.json[0].id;
      await wire.send('GET', `${NODE}/${kept}`);
    }
  });
  await Promise.all(clients);
  promised.set((await send('POST', '/snapshots', undefined)).id, { snapshot: true });
  const last = Number((await wire.send('GET', '/health'))?.json.sequence);
  await feed.until((events) => events.some(({ sequence }) => Number(sequence ?? 0) >= last));
  feed.kill();
  await wire.close();
  await server.kill();
  return { lines: readFileSync(file, 'latin1').split('\n'), promised, last, kept };
}

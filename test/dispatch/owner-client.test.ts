import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OWNER_CLIENT_LIMITS, OwnerClient, type OwnerClientLimits } from '../../src/dispatch/owner-client.ts';
import { RecordView } from '../../src/dispatch/record-view.ts';
import { done, type Result } from '../../src/faults.ts';
import type { Command, Find, OwnerReply, OwnerTask } from '../../src/protocol/commands.ts';
import { packMessage, unpackMessage } from '../../src/protocol/wire.ts';

/** An owner that answers when it is told to. */
class SlowOwner {
  readonly client: OwnerClient;
  nowMs = 0;
  /** What has reached it, in words: `find`, or the kinds of the commands of a batch. */
  readonly seen: string[] = [];
  readonly #waiting: { readonly answer: () => void; readonly die: () => void }[] = [];

  constructor(limits: Partial<OwnerClientLimits>) {
    const events = { log: () => undefined, died: () => undefined, fatal: () => undefined };
    this.client = new OwnerClient(
      (task) => this.#take(task),
      new RecordView(),
      events,
      { ...OWNER_CLIENT_LIMITS, ...limits },
      () => this.nowMs,
    );
    this.client.revive(reply({}));
  }

  get underWay(): number {
    return this.#waiting.length;
  }

  /** Answers the oldest task, and lets everybody act on that. */
  async answer(): Promise<void> {
    this.#waiting.shift()?.answer();
    await settled();
  }

  /** Its thread ends with all that it has. */
  async die(): Promise<void> {
    for (const { die } of this.#waiting.splice(0)) die();
    await settled();
  }

  async answerAll(): Promise<void> {
    for (await settled(); this.underWay > 0; ) await this.answer();
  }

  find(isWanted?: () => boolean): Promise<Result<unknown>> {
    return this.client.query('record.find', { kind: 'BMC' } as unknown as Find, isWanted);
  }

  write(kind: 'record.delete' | 'reservation.step' = 'record.delete'): Promise<Result<unknown>> {
    return this.client.send(kind as 'record.delete', { kind: 'BMC', name: '1', force: false });
  }

  bulk(isWanted?: () => boolean): Promise<Result<unknown>> {
    return this.client.exclusive((lane) => lane.send('bulk.abort', { bulkId: 'b' }), isWanted);
  }

  #take(task: OwnerTask): Promise<OwnerReply> {
    const commands = task.lane === 'write' ? (unpackMessage(Buffer.from(task.commands)) as readonly Command[]) : undefined;
    this.seen.push(commands === undefined ? 'find' : commands.map(({ kind }) => kind).join(' '));
    return new Promise((resolve, reject) => {
      const answers = commands === undefined ? {} : { answers: packMessage(commands.map(() => done({}))) };
      this.#waiting.push({ answer: () => resolve(reply({ result: done({}), ...answers })), die: () => reject(new Error('the thread ended')) });
    });
  }
}

function reply(more: Partial<OwnerReply>): OwnerReply {
  return { changes: [], releasedSlabs: [], log: [], status: { indexed: true } as OwnerReply['status'], ...more };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** How many writes each batch had that has reached it. */
function lengths({ seen }: SlowOwner): readonly number[] {
  return seen.map((kinds) => kinds.split(' ').length);
}

function codes(results: readonly Result<unknown>[]): readonly string[] {
  return results.map((result) => (result.ok ? 'ok' : result.fault.code));
}

test('few lists are asked at once, so that a batch of writes finds a place; others wait, and beyond that they are refused', async () => {
  const owner = new SlowOwner({ queriesAtOnceMax: 2, queriesMax: 5 });
  const lists = Array.from({ length: 7 }, () => owner.find());
  await settled();
  assert.equal(owner.underWay, 2);
  assert.equal(owner.client.queriesUnderWay, 5);
  const write = owner.write();
  await settled();
  assert.deepEqual(owner.seen, ['find', 'find', 'record.delete']);
  await owner.answerAll();
  assert.deepEqual(codes(await Promise.all(lists)), ['ok', 'ok', 'ok', 'ok', 'ok', 'overloaded', 'overloaded']);
  assert.equal((await write).ok, true);
  assert.equal(owner.client.queriesUnderWay, 0);
});

test('a list that has waited too long, or whose caller has gone, is not asked; one that would wait as long is refused at once', async () => {
  const owner = new SlowOwner({ queriesAtOnceMax: 1, queryWaitMsMax: 1000 });
  let isThere = true;
  const lists = [owner.find(), owner.find(), owner.find(() => isThere)];
  owner.nowMs = 400;
  lists.push(owner.find());
  await settled();
  owner.nowMs = 1001;
  isThere = false;
  assert.deepEqual(codes([await owner.find()]), ['overloaded']);
  await owner.answerAll();
  assert.deepEqual(codes(await Promise.all(lists)), ['ok', 'overloaded', 'overloaded', 'ok']);
  assert.equal(owner.seen.length, 2);
  const after = owner.find();
  await owner.answerAll();
  assert.equal((await after).ok, true);
});

test('bulks and single writes take turns, however many bulks there are', async () => {
  const owner = new SlowOwner({});
  const all = [owner.bulk(), owner.bulk(), owner.bulk(), owner.write()];
  await settled();
  const later = owner.write();
  await owner.answerAll();
  assert.deepEqual(owner.seen, ['bulk.abort', 'record.delete record.delete', 'bulk.abort', 'bulk.abort']);
  assert.deepEqual(codes(await Promise.all([...all, later])), ['ok', 'ok', 'ok', 'ok', 'ok']);
});

test('of bulks that wait there is a bound in number and in time, and none is begun for a caller who has gone', async () => {
  const owner = new SlowOwner({ exclusiveMax: 3, exclusiveWaitMsMax: 100 });
  const first = owner.bulk();
  await settled();
  const waiting = [owner.bulk(), owner.bulk(() => false), owner.bulk()];
  assert.equal(owner.client.exclusiveLength, 3);
  assert.deepEqual(codes([await owner.bulk()]), ['overloaded']);
  owner.nowMs = 50;
  await owner.answer();
  owner.nowMs = 101;
  await owner.answerAll();
  assert.deepEqual(codes(await Promise.all([first, ...waiting])), ['ok', 'ok', 'overloaded', 'overloaded']);
  assert.deepEqual(owner.seen, ['bulk.abort', 'bulk.abort']);
  assert.equal(owner.client.exclusiveLength, 0);
});

test('a flood of writes refuses writes, and no step of a reservation', async () => {
  const owner = new SlowOwner({ queueLengthMax: 2, stepsReserve: 1 });
  const first = owner.write();
  await settled();
  const waiting = [owner.write(), owner.write(), owner.write(), owner.write('reservation.step'), owner.write('reservation.step')];
  await owner.answerAll();
  assert.deepEqual(codes(await Promise.all([first, ...waiting])), ['ok', 'ok', 'ok', 'overloaded', 'ok', 'overloaded']);
});

test('what waits when the owner dies is not sent to the next one, which may not take writes yet', async () => {
  const owner = new SlowOwner({});
  const first = owner.write();
  await settled();
  const [waiting, bulk] = [owner.write(), owner.bulk()];
  await owner.die();
  assert.deepEqual(codes(await Promise.all([first, waiting, bulk])), ['outcome-unknown', 'recovering', 'recovering']);
  assert.deepEqual(owner.seen, ['record.delete']);
});

test('while the owner works on one batch the next is sent to it as soon as it is worth that, and no third one', async () => {
  const owner = new SlowOwner({});
  const first = Array.from({ length: 4 }, () => owner.write());
  await settled();
  const second = [owner.write()];
  await settled();
  assert.deepEqual(lengths(owner), [4], 'one write is not worth a sync of its own');
  second.push(owner.write('reservation.step'));
  await settled();
  assert.deepEqual(lengths(owner), [4, 2]);
  const third = Array.from({ length: 9 }, () => owner.write());
  await settled();
  assert.deepEqual(lengths(owner), [4, 2]);
  await owner.answer();
  assert.deepEqual(lengths(owner), [4, 2, 9]);
  assert.deepEqual(codes(await Promise.all(first)), ['ok', 'ok', 'ok', 'ok']);
  await owner.answerAll();
  assert.deepEqual(
    codes(await Promise.all([...second, ...third])).filter((code) => code !== 'ok'),
    [],
  );
});

test('a write that waits behind a batch goes out when that is answered, whether others have come or not', async () => {
  const owner = new SlowOwner({});
  const writes = Array.from({ length: 4 }, () => owner.write());
  await settled();
  writes.push(owner.write());
  await owner.answer();
  assert.deepEqual(lengths(owner), [4, 1]);
  await owner.answerAll();
  assert.equal((await Promise.all(writes)).length, 5);
});

test('a bulk begins when all batches before it are answered, and no batch goes out before it has ended', async () => {
  const owner = new SlowOwner({});
  const writes = [owner.write()];
  await settled();
  writes.push(owner.write());
  await settled();
  assert.deepEqual(lengths(owner), [1, 1]);
  const bulk = owner.bulk();
  writes.push(owner.write());
  await settled();
  await owner.answer();
  assert.equal(owner.seen.length, 2, 'the second batch is still under way');
  await owner.answer();
  assert.deepEqual(owner.seen.slice(2), ['bulk.abort']);
  await settled();
  assert.equal(owner.underWay, 1);
  await owner.answer();
  assert.equal(owner.seen[3], 'record.delete');
  await owner.answerAll();
  assert.deepEqual(codes(await Promise.all([...writes, bulk])), ['ok', 'ok', 'ok', 'ok']);
});

test('when the owner dies, nobody knows what became of any batch that it had', async () => {
  const owner = new SlowOwner({});
  const first = owner.write();
  await settled();
  const second = owner.write();
  await settled();
  const waiting = owner.write();
  await owner.die();
  assert.deepEqual(codes(await Promise.all([first, second, waiting])), ['outcome-unknown', 'outcome-unknown', 'recovering']);
  owner.client.revive(reply({}));
  const later = owner.write();
  await owner.answerAll();
  assert.equal((await later).ok, true);
});

test('who closes the lane waits for the batches that are under way and for those that wait', async () => {
  const owner = new SlowOwner({});
  const writes = [owner.write()];
  await settled();
  writes.push(owner.write());
  await settled();
  writes.push(owner.write());
  let isClosed = false;
  const closing = owner.client.close().then(() => {
    isClosed = true;
  });
  assert.deepEqual(codes([await owner.write()]), ['stopping']);
  await owner.answer();
  await owner.answer();
  assert.equal(isClosed, false);
  await owner.answerAll();
  await closing;
  assert.deepEqual(codes(await Promise.all(writes)), ['ok', 'ok', 'ok']);
});

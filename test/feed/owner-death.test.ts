import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { systemClock } from '../../src/clock.ts';
import { OwnerClient } from '../../src/dispatch/owner-client.ts';
import { OwnerPool } from '../../src/dispatch/owner-pool.ts';
import { RecordView } from '../../src/dispatch/record-view.ts';
import { Feed } from '../../src/feed/feed.ts';
import type { FeedFilter } from '../../src/feed/filter.ts';
import { JournalThread } from '../../src/feed/journal-thread.ts';
import { temporaryFolder } from '../store/rig.ts';
import { FakeOutlet, publisher } from './fake-outlet.ts';

/** The owner's thread, a real one, is ended in the middle of its work while subscribers listen and others write. */

const DEATHS = 2;
const WRITERS = 4;
const ALL: FeedFilter = { kinds: ['Component'], conditions: {}, signals: ['server'], patch: false };

/** A loop without it would take the processor from the thread that it waits for. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2));
}

/** Every thread that was started since, by the file that it runs. */
function watchThreads(context: TestContext): { readonly newest: (file: string) => Worker } {
  const threads = createRequire(import.meta.url)('node:worker_threads') as { Worker: typeof Worker };
  const original = threads.Worker;
  const started: { file: string; worker: Worker }[] = [];
  threads.Worker = class extends original {
    constructor(...options: ConstructorParameters<typeof Worker>) {
      super(...options);
      const { workerData } = (options[1] ?? {}) as { workerData?: unknown };
      started.push({ file: JSON.stringify(workerData ?? '').includes('storeKey') ? 'owner' : 'journal', worker: this });
    }
  };
  context.after(() => {
    threads.Worker = original;
  });
  return {
    newest(file) {
      const found = started.findLast((each) => each.file === file);
      assert(found !== undefined, `no ${file} among ${started.map((each) => each.file).join(' ')}`);
      return found.worker;
    },
  };
}

for (const journalSync of ['always', 'interval'] as const) {
  test(`subscribers are told every acknowledged change once, though the owner dies ${DEATHS} times (journalSync ${journalSync})`, async (context) => {
    const threads = watchThreads(context);
    const directory = temporaryFolder();
    for (const folder of ['journal', 'snapshots']) mkdirSync(join(directory, folder), { recursive: true });
    const pool = new OwnerPool({ directory, storeKey: randomBytes(32), journalSync });
    const journal = new JournalThread(directory, 100);
    const view = new RecordView();
    const outlets = new Set<FakeOutlet>();
    const feed = new Feed({
      view,
      clock: systemClock,
      publish: publisher(outlets),
      replay: (request) => journal.replay(request),
      newId: () => randomBytes(8).toString('hex'),
      log: { error: (fields, message) => assert.fail(`${message} ${JSON.stringify(fields)}`) },
      limits: { gatherMs: 2 },
    });
    let died = (): void => undefined;
    const owner = new OwnerClient((task) => pool.run(task), view, {
      log: () => undefined,
      changed: (reply) => feed.changed(reply),
      died: () => died(),
      fatal: (reason) => assert.fail(reason),
    });
    const revive = async (): Promise<void> => {
      const { reply, shown } = await pool.start();
      owner.revive(reply, shown);
      while (owner.status?.filled !== true) await owner.query('store.fill', {});
    };
    await revive();
    const listen = (form: 'websocket' | 'sse', since?: number): FakeOutlet => {
      const outlet = new FakeOutlet(form);
      outlets.add(outlet);
      outlet.subscription = feed.subscribe(outlet, { filter: ALL, since: since === undefined ? undefined : { sequence: since } });
      return outlet;
    };
    const [first, second] = [listen('websocket'), listen('sse')];
    const acknowledged: number[] = [];
    let isWriting = true;
    let names = 0;
    const writers = Array.from({ length: WRITERS }, async () => {
      while (isWriting) {
        const records = [{ ID: `x${++names}`, Type: 'Node' }];
        const made = await owner.send('record.create', { kind: 'Component', records, asArray: false, origin: {} });
        if (made.ok && 'stored' in made.value) acknowledged.push(...made.value.stored.map(({ revision }) => revision));
        else await pause();
      }
    });
    for (let death = 1; death <= DEATHS; death++) {
      const before = acknowledged.length;
      while (acknowledged.length < before + 50) await pause();
      const revived = new Promise<void>((resolve, reject) => {
        died = () => void revive().then(resolve, reject);
      });
      await threads.newest('owner').terminate();
      await revived;
    }
    const third = listen('sse', 0);
    const before = acknowledged.length;
    while (acknowledged.length < before + 50) await pause();
    isWriting = false;
    await Promise.all(writers);
    await owner.query('store.sync', {});
    const last = owner.status?.durableSequence ?? 0;
    assert.ok(acknowledged.every((sequence) => sequence <= last) && acknowledged.length > DEATHS * 50);
    const wanted = Array.from({ length: last }, (_, index) => index + 1);
    for (const outlet of [first, second, third]) {
      const told = (): number[] => outlet.heard.filter(({ type }) => type === 'holdfast.Component.created').map(({ sequence }) => Number(sequence));
      for (const startedMs = Date.now(); told().at(-1) !== last && Date.now() - startedMs < 5000; ) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual(told(), wanted, outlet.form);
    }
    feed.close();
    await journal.close();
    await owner.query('store.close', {});
    await pool.close();
  });
}

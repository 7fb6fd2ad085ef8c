import { strict as assert } from 'node:assert';
import type { Result } from '../../../src/faults.ts';
import type { RestoreEntry, RetentionRules } from '../../../src/protocol/commands.ts';
import { packMessage } from '../../../src/protocol/wire.ts';
import { creation, type Fields, type Rig } from '../../store/rig.ts';
import type { Ledger } from './ledger.ts';

/** What a store is asked for while its disk fails; the ledger hears what it answered. */

const KEEP_TWO: RetentionRules = { newest: 2, hourly: 0, daily: 0, weekly: 0 };
const ORIGIN = {};

export class Steps {
  readonly #rig: Rig;
  readonly #ledger: Ledger;

  constructor(rig: Rig, ledger: Ledger) {
    this.#rig = rig;
    this.#ledger = ledger;
  }

  async put(name: string, subtype: string): Promise<void> {
    await this.#write([name], subtype, () => this.#rig.replace('Component', name, component(name, subtype), { upsert: true }));
  }

  async patch(name: string, subtype: string): Promise<void> {
    if (!this.#isThere(name)) return;
    await this.#write([name], subtype, () => this.#rig.patch('Component', name, { Subtype: subtype }));
  }

  async remove(name: string): Promise<void> {
    if (!this.#isThere(name)) return;
    await this.#write([name], undefined, () => this.#rig.remove('Component', name));
  }

  async array(names: readonly string[], subtype: string): Promise<void> {
    const records = names.map((name) => component(name, subtype));
    await this.#write(names, subtype, () => this.#rig.send('record.create', { ...creation(this.#rig, 'Component', records), asArray: true }));
  }

  async partialBulk(names: readonly string[], subtype: string): Promise<void> {
    const { records } = creation(
      this.#rig,
      'Component',
      names.map((name) => component(name, subtype)),
    );
    const options = { upsert: true, dryRun: false };
    await this.#write(names, subtype, () => this.#rig.send('bulk.partial', { kind: 'Component', records, options, origin: ORIGIN }));
  }

  async bulk(names: readonly string[], subtype: string): Promise<void> {
    const options = { upsert: true, dryRun: false };
    const bulkId = `bulk of ${names[0]}`;
    const packedRecords = packMessage(names.map((name) => component(name, subtype)));
    await this.#write(names, subtype, async () => {
      const staged = await this.#rig.send('bulk.stage', { kind: 'Component', bulkId, firstIndex: 0, packedRecords, options, origin: ORIGIN });
      return staged.ok ? await this.#rig.send('bulk.commit', { kind: 'Component', bulkId, options }) : staged;
    });
  }

  /** What a restore of a snapshot comes to for the owner, the snapshot before it included. */
  async restore(names: readonly string[], subtype: string): Promise<void> {
    await this.snapshot('restore');
    const entries = await Promise.all(names.map((name) => this.#entry(name, subtype)));
    const bulkId = `restore of ${names[0]}`;
    await this.#write(names, subtype, async () => {
      const staged = await this.#rig.send('restore.stage', { bulkId, firstIndex: 0, entries: entries.length, packedEntries: packMessage(entries) });
      if (!staged.ok) return staged;
      const judged = await this.#rig.send('restore.judge', { bulkId, wholeKinds: [], changesMax: 10 });
      if (!judged.ok) return judged;
      assert.deepEqual(judged.value.broken, []);
      return await this.#rig.send('restore.commit', { bulkId });
    });
  }

  async rememberAnswer(): Promise<void> {
    if ((await this.#rig.send('record.create', answered(this.#rig))).ok) this.#ledger.remembers = true;
  }

  /** Two at most are kept: the others go, and the journal that only they needed. */
  async snapshot(reason: 'demand' | 'restore' = 'demand'): Promise<void> {
    this.#rig.clock.ms += 1000;
    await this.#rig.ask('snapshot.take', { reason, retention: KEEP_TWO, skipUnchanged: false });
  }

  async deleteOldestSnapshot(): Promise<void> {
    const listed = await this.#rig.ask('snapshot.list', {});
    const oldest = listed.ok ? listed.value.at(-1) : undefined;
    if (oldest !== undefined) await this.#rig.ask('snapshot.delete', { name: oldest.name });
  }

  async sync(): Promise<void> {
    await this.#rig.ask('store.sync', {});
  }

  async #entry(name: string, subtype: string): Promise<RestoreEntry> {
    const image = await this.#rig.image('Component', name);
    const key = image?.key ?? `00000000-0000-7000-8000-${Buffer.from(name.padStart(6)).toString('hex')}`;
    const record = { ...(image === undefined ? {} : (JSON.parse(image.text) as Fields)), ...component(name, subtype), [this.#rig.kind('Component').key]: key };
    return ['Component', key, Buffer.from(JSON.stringify(record))];
  }

  #isThere(name: string): boolean {
    return !this.#ledger.allowed(name).has(undefined);
  }

  async #write(names: readonly string[], content: string | undefined, send: () => Promise<Result<unknown>>): Promise<void> {
    const wasOver = this.#rig.status.fatal !== undefined;
    const result = await send();
    assert(!(wasOver && result.ok), `a write of ${names.join()} was acknowledged by a store that is over`);
    this.#ledger.note(this.#rig, names, content, result);
  }
}

function component(name: string, subtype: string): Fields {
  return { ID: name, Type: 'Node', Subtype: subtype };
}

/** A request that changes nothing, and whose answer is remembered. */
export function answered(rig: Rig): ReturnType<typeof creation> {
  return { ...creation(rig, 'Component', []), asArray: true, idempotency: { key: 'empty', requestHash: 'hash' } };
}

import { strict as assert } from 'node:assert';
import { OwnerClient, type OwnerTransport } from '../../src/dispatch/owner-client.ts';
import { done, type Result } from '../../src/faults.ts';
import { InventoryMoves } from '../../src/history/inventory-moves.ts';
import { type RestoreRequest, Restores } from '../../src/history/restores.ts';
import type { OwnerReply, OwnerTask, SnapshotDescription, Stored } from '../../src/protocol/commands.ts';
import type { PastKind } from '../../src/protocol/past.ts';
import type { RestoreReport } from '../../src/protocol/restore.ts';
import { PastRig } from '../past/past-rig.ts';
import { creation, type Fields, KEEP_ALL, type Rig, storedIn, value } from '../store/rig.ts';

/** Restores over a store without threads. What comes in between, a test puts there. */
export class RestoreRig {
  readonly rig: Rig;
  readonly past: PastRig;
  readonly owner: OwnerClient;
  readonly restores: Restores;
  readonly moves: InventoryMoves = new InventoryMoves();
  /** Before each question about the past. */
  asking: (kind: PastKind) => void | Promise<void> = () => undefined;
  /** After each change of the store. */
  changed: (reply: OwnerReply) => void = () => undefined;
  takeSnapshot: (note: string) => Promise<Result<SnapshotDescription | undefined>> = (note) => this.snapshot(note);
  /** Carries tasks to the store. */
  transport: OwnerTransport = (task) => this.run(task);

  constructor(rig: Rig) {
    this.rig = rig;
    this.past = new PastRig(
      () => rig,
      {},
      () => this.owner.status?.sequence ?? 0,
    );
    this.owner = new OwnerClient((task) => this.transport(task), rig.view, {
      log: () => undefined,
      died: () => undefined,
      fatal: assert.fail,
      changed: (reply) => {
        this.moves.changed(reply, rig.view);
        this.changed(reply);
      },
    });
    const [start] = rig.replies;
    assert(start !== undefined && rig.status.filled);
    this.owner.revive({ ...start, status: rig.status });
    this.restores = new Restores({
      owner: this.owner,
      view: rig.view,
      moves: this.moves,
      kinds: rig.kinds.all.map(({ name }) => name),
      ask: async (kind, input) => {
        await this.asking(kind);
        return await this.past.ask(kind, input);
      },
      takeSnapshot: (note) => this.takeSnapshot(note),
    });
  }

  async run(task: OwnerTask): Promise<OwnerReply> {
    const reply = await this.rig.store.run(task);
    this.rig.replies.push(reply);
    return reply;
  }

  async snapshot(note: string): Promise<Result<SnapshotDescription | undefined>> {
    const snapshot = await this.owner.query('snapshot.take', { reason: 'restore', note, retention: KEEP_ALL, skipUnchanged: false });
    return snapshot.ok ? done(snapshot.value.taken) : snapshot;
  }

  async created(kind: string, record: Fields): Promise<Stored> {
    return storedIn(value(await this.owner.send('record.create', creation(this.rig, kind, [record]))));
  }

  /** @returns its sequence. */
  async patched(kind: string, name: string, document: Fields): Promise<number> {
    const origin = {};
    value(await this.owner.send('record.patch', { kind, name, patch: { type: 'merge', document }, origin }));
    return this.owner.status?.sequence ?? 0;
  }

  async removed(kind: string, name: string, force = false): Promise<void> {
    value(await this.owner.send('record.delete', { kind, name, force }));
  }

  restore(request: Partial<RestoreRequest>): Promise<Result<RestoreReport>> {
    return this.restores.restore({ at: 'latest', confirm: false, changesMax: 100, ...request });
  }

  async report(request: Partial<RestoreRequest>): Promise<RestoreReport> {
    return value(await this.restore(request));
  }

  async close(): Promise<void> {
    await this.past.past.close();
    await this.rig.close();
  }
}

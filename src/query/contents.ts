import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { OwnerClient } from '../dispatch/owner-client.ts';
import { done, fail, messageOf, type Result } from '../faults.ts';
import type { AsOf as PastAsOf, PastKind, PastOutput, PastQueries } from '../protocol/past.ts';
import { RESERVATIONS } from '../protocol/reservations.ts';
import { folderOf, nameOfFolder } from '../store/manifest.ts';
import type { Content } from './messages.ts';

/** What can be asked over: the records as they are now, as they were at one moment, or as all snapshots have them. */

/** A choice of content. The same key stands for the same tables. */
export interface Plan {
  readonly key: string;
  /** Undefined for all snapshots, which are no one moment. */
  readonly asOf: AsOf | undefined;
  /** Makes it ready to be loaded; the plan that comes back is the one that was carried out. */
  prepare(): Promise<Result<Prepared>>;
}

export interface Prepared {
  readonly key: string;
  readonly asOf: AsOf | undefined;
  readonly content: Content;
  /** The files are still there. */
  exists(): boolean;
  /** Whoever has prepared it calls this once, when its tables are loaded, or will not be: until then its files are kept. */
  release(): void;
}

export interface AsOf extends Omit<PastAsOf, 'source'> {
  readonly source: PastAsOf['source'] | 'live';
}

/** What knows of states that are past. */
export interface PastTables {
  ask<K extends PastKind>(kind: K, input: PastQueries[K]['in']): Promise<Result<PastOutput<K>>>;
}

/** States between snapshots whose files are kept, or more where as many processes load; whoever has loaded them does not need them any more. */
const PAST_EXPORTS_MAX = 2;

interface PastExport {
  readonly folder: string;
  readonly prepared: Promise<Result<Unheld>>;
  /** Queries that write its files, or load them. */
  users: number;
}

type Unheld = Omit<Prepared, 'release'>;

/** Files that nobody has to wait for. */
const unheld = (): void => undefined;

export class Contents {
  readonly #snapshots: string;
  readonly #exports: string;
  readonly #owner: OwnerClient;
  readonly #past: PastTables;
  readonly #clock: Clock;
  readonly #pastExportsMax: number;
  #current: (Prepared & { readonly asOf: AsOf }) | undefined;
  #exporting: Promise<Result<Prepared>> | undefined;
  /** By key, the newest last. */
  readonly #pastExports = new Map<string, PastExport>();
  #count = 0;

  /** @param directory the data folder @param loadsMax contents that are loaded at once */
  constructor(directory: string, owner: OwnerClient, past: PastTables, clock: Clock, loadsMax: number) {
    this.#snapshots = join(directory, 'snapshots');
    this.#exports = join(directory, 'query');
    this.#owner = owner;
    this.#past = past;
    this.#clock = clock;
    this.#pastExportsMax = Math.max(PAST_EXPORTS_MAX, loadsMax);
    // What a server left that was killed.
    rmSync(this.#exports, { recursive: true, force: true });
    mkdirSync(this.#exports, { mode: 0o700 });
  }

  /** @param at `now`, `all`, or what `past.resolve` takes. Faults: those of the history thread, recovering. */
  async plan(at: string): Promise<Result<Plan>> {
    if (at === 'now') return this.#planLive();
    if (at === 'all') return this.#planAll();
    const resolved = await this.#past.ask('past.resolve', { at, exactly: false, kind: RESERVATIONS, schemaHash: '' });
    if (!resolved.ok) return resolved;
    const { asOf } = resolved.value;
    if (asOf.source === 'snapshot' && asOf.snapshot !== undefined) return done(this.#planSnapshot(asOf.snapshot, asOf));
    const key = `past:${asOf.sequence}`;
    return done({ key, asOf, prepare: () => this.#exportPast(key, asOf) });
  }

  close(): void {
    remove(this.#exports);
  }

  /** Oldest first. */
  #names(): Result<readonly string[]> {
    try {
      const entries = existsSync(this.#snapshots) ? readdirSync(this.#snapshots) : [];
      return done(entries.flatMap((entry) => nameOfFolder(entry) ?? []).sort((a, b) => sequenceOf(a) - sequenceOf(b) || (a < b ? -1 : 1)));
    } catch (error) {
      return fail('query-failed', `the snapshots could not be listed: ${messageOf(error)}`);
    }
  }

  #planAll(): Result<Plan> {
    const listed = this.#names();
    if (!listed.ok) return listed;
    const names = listed.value;
    const key = `all:${names.join(',')}`;
    const folders = names.map((name) => join(this.#snapshots, folderOf(name)));
    const exists = (): boolean => folders.every((folder) => existsSync(folder));
    const content = { type: 'history', folders } as const;
    return done({ key, asOf: undefined, prepare: async () => done({ key, asOf: undefined, content, exists, release: unheld }) });
  }

  #planSnapshot(name: string, asOf: AsOf): Plan {
    const folder = join(this.#snapshots, folderOf(name));
    const key = `snapshot:${name}`;
    const content = { type: 'snapshot', folder } as const;
    return { key, asOf, prepare: async () => done({ key, asOf, content, exists: () => existsSync(folder), release: unheld }) };
  }

  /** Whoever asks for the same state meanwhile gets the same files. */
  async #exportPast(key: string, asOf: AsOf): Promise<Result<Prepared>> {
    const begun = this.#pastExports.get(key);
    const taken = begun === undefined ? this.#beginPast(key, asOf) : done(begun);
    if (!taken.ok) return taken;
    const used = taken.value;
    used.users += 1;
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      used.users -= 1;
    };
    try {
      const exported = await used.prepared;
      if (exported.ok) return done({ ...exported.value, release });
      release();
      this.#dropPast(key, used);
      return exported;
    } catch (error) {
      release();
      this.#dropPast(key, used);
      throw error;
    }
  }

  /** Makes room among those that nobody uses: there are never more users than may load at once. */
  #beginPast(key: string, asOf: AsOf): Result<PastExport> {
    for (const [oldest, kept] of this.#pastExports) {
      if (this.#pastExports.size < this.#pastExportsMax) break;
      if (kept.users === 0) this.#dropPast(oldest, kept);
    }
    const folder = this.#newFolder();
    if (!folder.ok) return folder;
    const begun = { folder: folder.value, prepared: this.#exportPastNow(key, asOf, folder.value), users: 0 };
    this.#pastExports.set(key, begun);
    return done(begun);
  }

  #dropPast(key: string, dropped: PastExport): void {
    if (this.#pastExports.get(key) === dropped) this.#pastExports.delete(key);
    remove(dropped.folder);
  }

  async #exportPastNow(key: string, asOf: AsOf, folder: string): Promise<Result<Unheld>> {
    const exported = await this.#past.ask('past.export', { sequence: asOf.sequence, folder });
    if (!exported.ok) return exported;
    return done({ key, asOf, content: { type: 'export', folder, tables: exported.value.tables }, exists: () => existsSync(folder) });
  }

  #planLive(): Result<Plan> {
    const { status } = this.#owner;
    if (status === undefined) return fail('recovering', 'the records are being loaded');
    const current = this.#current;
    if (current?.asOf.sequence === status.sequence) return done({ key: current.key, asOf: current.asOf, prepare: async () => done(current) });
    return done({ key: 'export', asOf: undefined, prepare: () => this.#export(status.sequence) });
  }

  /** One export at a time; whoever comes meanwhile and needs a newer one waits for the next. */
  async #export(sequence: number): Promise<Result<Prepared>> {
    for (;;) {
      const current = this.#current;
      if (current !== undefined && current.asOf.sequence >= sequence) return done(current);
      this.#exporting ??= this.#exportNow().finally(() => {
        this.#exporting = undefined;
      });
      const exported = await this.#exporting;
      if (!exported.ok) return exported;
    }
  }

  async #exportNow(): Promise<Result<Prepared>> {
    const made = this.#newFolder();
    if (!made.ok) return made;
    const folder = made.value;
    const timeMs = this.#clock.nowMs();
    const exported = await this.#owner.query('tables.export', { folder });
    if (!exported.ok) {
      remove(folder);
      return exported;
    }
    const { sequence, tables } = exported.value;
    const previous = this.#current;
    const asOf = { sequence, time: new Date(timeMs).toISOString(), source: 'live', exact: true } as const;
    this.#current = { key: `live:${sequence}`, asOf, content: { type: 'export', folder, tables }, exists: () => existsSync(folder), release: unheld };
    if (previous?.content.type === 'export') remove(previous.content.folder);
    return done(this.#current);
  }

  /** Fault: query-failed, as when the disk is full. */
  #newFolder(): Result<string> {
    this.#count += 1;
    const folder = join(this.#exports, String(this.#count));
    try {
      // With the folder of all exports, in case somebody has tidied that away.
      mkdirSync(folder, { mode: 0o700, recursive: true });
      return done(folder);
    } catch (error) {
      return fail('query-failed', `there is no place for the tables: ${messageOf(error)}`);
    }
  }
}

/** What cannot be removed now is removed when the server is started next. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // No query is the worse for it.
  }
}

function sequenceOf(name: string): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}

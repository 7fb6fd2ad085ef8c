import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { OwnerClient } from '../dispatch/owner-client.ts';
import { done, fail, type Result } from '../faults.ts';
import { folderOf, nameOfFolder } from '../store/manifest.ts';
import type { Content } from './messages.ts';

/** What can be asked over: the records as they are now, those of one snapshot, or those of all. */

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
}

export interface AsOf {
  readonly sequence: number;
  /** RFC 3339; of a snapshot it is known when it is loaded. */
  readonly time?: string;
  readonly snapshot?: string;
  /** The state after precisely the change that was asked for. */
  readonly exact: boolean;
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;

export class Contents {
  readonly #snapshots: string;
  readonly #exports: string;
  readonly #owner: OwnerClient;
  readonly #clock: Clock;
  #current: (Prepared & { readonly asOf: AsOf }) | undefined;
  #exporting: Promise<Result<Prepared>> | undefined;
  #count = 0;

  /** @param directory the data folder */
  constructor(directory: string, owner: OwnerClient, clock: Clock) {
    this.#snapshots = join(directory, 'snapshots');
    this.#exports = join(directory, 'query');
    this.#owner = owner;
    this.#clock = clock;
    // What a server left that was killed.
    rmSync(this.#exports, { recursive: true, force: true });
    mkdirSync(this.#exports, { mode: 0o700 });
  }

  /**
   * @param at `now`, `all`, `latest`, `earliest`, the name of a snapshot, an RFC 3339 time, or a sequence: the newest
   * snapshot at or before it. Faults: not-found, invalid-parameter, recovering.
   */
  plan(at: string): Result<Plan> {
    if (at === 'now') return this.#planLive();
    const names = this.#names();
    if (at === 'all') return done(this.#planAll(names));
    const found = nameAt(at, names);
    return found.ok ? done(this.#planSnapshot(found.value.name, found.value.exact)) : found;
  }

  close(): void {
    rmSync(this.#exports, { recursive: true, force: true });
  }

  /** Oldest first. */
  #names(): readonly string[] {
    const entries = existsSync(this.#snapshots) ? readdirSync(this.#snapshots) : [];
    return entries.flatMap((entry) => nameOfFolder(entry) ?? []).sort((a, b) => sequenceOf(a) - sequenceOf(b) || (a < b ? -1 : 1));
  }

  #planAll(names: readonly string[]): Plan {
    const key = `all:${names.join(',')}`;
    const folders = names.map((name) => join(this.#snapshots, folderOf(name)));
    const exists = (): boolean => folders.every((folder) => existsSync(folder));
    const content = { type: 'history', folders } as const;
    return { key, asOf: undefined, prepare: async () => done({ key, asOf: undefined, content, exists }) };
  }

  #planSnapshot(name: string, exact: boolean): Plan {
    const folder = join(this.#snapshots, folderOf(name));
    const key = `snapshot:${name}`;
    const asOf = { sequence: sequenceOf(name), snapshot: name, exact };
    const content = { type: 'snapshot', folder } as const;
    return { key, asOf, prepare: async () => done({ key, asOf, content, exists: () => existsSync(folder) }) };
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
    this.#count += 1;
    const folder = join(this.#exports, String(this.#count));
    mkdirSync(folder, { mode: 0o700 });
    const timeMs = this.#clock.nowMs();
    const exported = await this.#owner.query('tables.export', { folder });
    if (!exported.ok) {
      rmSync(folder, { recursive: true, force: true });
      return exported;
    }
    const { sequence, tables } = exported.value;
    const previous = this.#current;
    const asOf = { sequence, time: new Date(timeMs).toISOString(), exact: true };
    this.#current = { key: `live:${this.#count}`, asOf, content: { type: 'export', folder, tables }, exists: () => existsSync(folder) };
    if (previous?.content.type === 'export') rmSync(previous.content.folder, { recursive: true, force: true });
    return done(this.#current);
  }
}

function sequenceOf(name: string): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}

/** The time in a name is that of a whole second; the snapshot was taken within it. */
function timeMsOf(name: string): number {
  return Date.parse(name.slice(0, 20).replace(/T(\d{2})-(\d{2})-(\d{2})Z/, 'T$1:$2:$3Z'));
}

function nameAt(at: string, names: readonly string[]): Result<{ readonly name: string; readonly exact: boolean }> {
  const [earliest] = names;
  const latest = names.at(-1);
  if (earliest === undefined || latest === undefined) return fail('not-found', 'there is no snapshot yet');
  if (at === 'latest') return done({ name: latest, exact: true });
  if (at === 'earliest') return done({ name: earliest, exact: true });
  if (names.includes(at)) return done({ name: at, exact: true });
  if (nameOfFolder(folderOf(at)) !== undefined) return fail('not-found', `there is no snapshot ${at}`);
  const isBefore = conditionFor(at);
  if (isBefore === undefined) {
    return fail('invalid-parameter', 'at is now, all, latest, earliest, the name of a snapshot, an RFC 3339 time, or a sequence');
  }
  const name = names.filter(isBefore).at(-1);
  if (name === undefined) return fail('not-found', `the earliest snapshot is ${earliest}`);
  return done({ name, exact: /^\d+$/.test(at) && sequenceOf(name) === Number(at) });
}

function conditionFor(at: string): ((name: string) => boolean) | undefined {
  if (/^\d{1,16}$/.test(at)) return (name) => sequenceOf(name) <= Number(at);
  const timeMs = RFC_3339.test(at) ? Date.parse(at) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : (name) => timeMsOf(name) <= timeMs;
}

import { isDeepStrictEqual } from 'node:util';
import { canonical } from '../../schemas/canonical.ts';
import { type Kind, NORMAL_FORMS } from '../../schemas/kind.ts';
import { FAULT_DETAILS_MAX } from '../../schemas/registry.ts';
import type { Fault, FaultDetail } from '../faults.ts';
import type { LostSecrets, RestoreChange, RestoreCounts, RestoreEntry, RestoreVerdict } from '../protocol/commands.ts';
import { unpackMessage } from '../protocol/wire.ts';
import type { SealedSecrets } from './frame.ts';
import { type Judge, type JudgeParts, timestamp } from './judge.ts';
import type { Overlay } from './overlay.ts';
import type { Fields } from './rules/rule.ts';
import { RULES } from './rules/rules.ts';
import { takeSecrets } from './secrets.ts';

/**
 * Judges a restore: records as they were, all of them at once. Rules agreed to each of them in its time, so the way there
 * is not judged, only the outcome: unique values, references, exclusivity. Revisions rise, and secrets of today stay.
 */

interface Put {
  readonly kind: Kind;
  readonly key: string;
  readonly record: Fields;
  readonly sealed: SealedSecrets | undefined;
}

interface Gone {
  readonly kind: Kind;
  readonly key: string;
}

type Type = RestoreChange['type'];
type Path = readonly string[];
type Verdict = Omit<RestoreVerdict, 'sequence'>;

/** Records that come back without secrets are named up to here, and counted beyond. */
const LOST_SECRETS_MAX = 100;
const NOTHING_PACKED = new Uint8Array(0);

export class RestoreJudge {
  readonly #parts: JudgeParts;
  readonly #overlay: Overlay;
  readonly #judge: Judge;
  readonly #properties: readonly Path[] | undefined;
  readonly #changesMax: number;
  readonly #time: string;
  readonly #puts: Put[] = [];
  readonly #gone: Gone[] = [];
  /** `kind/key` of everything that changes. */
  readonly #moving = new Set<string>();
  readonly #counts: Record<string, { -readonly [T in keyof RestoreCounts]: RestoreCounts[T] }> = {};
  readonly #changes: RestoreChange[] = [];
  readonly #broken: FaultDetail[] = [];
  #brokenCount = 0;
  readonly #lostSecrets: LostSecrets[] = [];
  #lostSecretsCount = 0;

  /** @param properties only these go back, of records that are there; undefined: whole records. */
  constructor(parts: JudgeParts, overlay: Overlay, judge: Judge, properties: readonly Path[] | undefined, changesMax: number) {
    this.#parts = parts;
    this.#overlay = overlay;
    this.#judge = judge;
    this.#properties = properties;
    this.#changesMax = changesMax;
    this.#time = timestamp(parts.clock.nowMs());
  }

  /** Stages everything and says what stands against it. @param packedParts are let go one by one. */
  judge(packedParts: Uint8Array[]): Verdict {
    for (const [index, part] of packedParts.entries()) {
      for (const entry of unpackMessage(part) as readonly RestoreEntry[]) this.#sort(entry);
      packedParts[index] = NOTHING_PACKED;
    }
    this.#findTakenValues();
    this.#stage();
    this.#askRules();
    return {
      counts: this.#counts,
      changes: this.#changes,
      broken: this.#broken,
      brokenCount: this.#brokenCount,
      lostSecrets: this.#lostSecrets,
      lostSecretsCount: this.#lostSecretsCount,
    };
  }

  #sort([kindName, key, image]: RestoreEntry): void {
    const kind = this.#parts.kindsByName.get(kindName);
    if (kind === undefined) {
      this.#refuse(kindName, key, '', `there is no kind ${kindName} any more`);
      return;
    }
    const current = this.#overlay.get(kind.name, key);
    if (image === null) {
      if (current !== undefined && this.#properties === undefined) this.#move({ kind, key }, this.#gone, 'deleted', current, undefined);
      return;
    }
    if (current === undefined && this.#properties !== undefined) return;
    const wanted = JSON.parse(Buffer.from(image.buffer, image.byteOffset, image.byteLength).toString('utf8')) as Fields;
    const put = this.#putOf(kind, key, current === undefined ? wanted : this.#mixed(wanted, current));
    if (put === undefined) return;
    if (current !== undefined && isDeepStrictEqual(withoutRevision(put.record), withoutRevision(current))) return;
    this.#move(put, this.#puts, current === undefined ? 'created' : 'updated', current, put.record);
  }

  #move<T extends Gone>(moving: T, into: T[], type: Type, before: Fields | undefined, after: Fields | undefined): void {
    const { kind, key } = moving;
    into.push(moving);
    this.#moving.add(placeOf(moving));
    const counts = this.#counts[kind.name] ?? { created: 0, updated: 0, deleted: 0 };
    counts[type] += 1;
    this.#counts[kind.name] = counts;
    if (this.#changes.length >= this.#changesMax) return;
    this.#changes.push({ kind: kind.name, key, type, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) });
  }

  /** The current record with those of its properties as they were that are to go back. */
  #mixed(wanted: Fields, current: Readonly<Fields>): Fields {
    if (this.#properties === undefined) return wanted;
    const mixed = structuredClone(current);
    for (const path of this.#properties) copyProperty(wanted, mixed, path);
    return mixed;
  }

  /** The record in the form of today's schema, with the secrets of today; undefined when it does not fit. */
  #putOf(kind: Kind, key: string, draft: Fields): Put | undefined {
    const claimed = kind.secrets.filter(({ path, flag }) => valueAt(draft, [...path.slice(0, -1), flag]) === true);
    const before = this.#parts.secretsOf(kind.name, key);
    const { sealed } = takeSecrets(kind, key, draft, before, NOTHING_CLEARED, this.#parts.vault);
    const misfits = this.#parts.kinds.check(kind, draft).filter(({ detail }) => detail !== 'is required');
    for (const { pointer, detail } of misfits) this.#refuse(kind.name, key, pointer, detail);
    if (misfits.length > 0) return undefined;
    const lost = claimed.filter(({ path, flag }) => valueAt(draft, [...path.slice(0, -1), flag]) !== true).map(({ place }) => place);
    if (lost.length > 0) this.#lose({ kind: kind.name, key, secrets: lost });
    return { kind, key, record: canonical(kind, draft), sealed };
  }

  #lose(lost: LostSecrets): void {
    this.#lostSecretsCount += 1;
    if (this.#lostSecrets.length < LOST_SECRETS_MAX) this.#lostSecrets.push(lost);
  }

  /** Values that somebody holds who does not change, or that two of the restored would hold. */
  #findTakenValues(): void {
    const holders = new Map<string, string>();
    for (const { kind, key, record } of this.#puts) {
      for (const { property, normalForm } of kind.uniques) {
        const value = record[property];
        if (typeof value !== 'string') continue;
        const holder = this.#overlay.holderOf(kind.name, property, value);
        const isTaken = holder !== undefined && holder !== key && !this.#moving.has(placeOf({ kind, key: holder }));
        const place = `${kind.name} ${property} ${NORMAL_FORMS[normalForm](value)}`;
        const other = isTaken ? holder : holders.get(place);
        if (other !== undefined) this.#refuse(kind.name, key, `/${property}`, `${kind.name} ${other} has ${value} already`);
        holders.set(place, key);
      }
    }
  }

  #stage(): void {
    for (const { kind, key } of this.#gone) {
      const current = this.#overlay.get(kind.name, key);
      if (current === undefined) continue;
      this.#overlay.remove(kind, key, current);
      // What a BMC leaves behind is judged when everything is there; the rest follows as from any deletion.
      if (RULES.get(kind.name)?.beforeRemove === undefined) RULES.get(kind.name)?.afterRemove?.(this.#judge.context, key, current);
    }
    for (const { kind, key, record, sealed } of this.#puts) {
      const current = this.#overlay.get(kind.name, key);
      const staged = canonical(kind, { ...record, updated_at: this.#time, revision: this.#overlay.nextSequence });
      this.#overlay.put(kind, key, staged, current, JSON.stringify(staged), sealed);
    }
  }

  #askRules(): void {
    for (const { kind, key, record } of this.#puts) this.#take(kind, key, RULES.get(kind.name)?.afterRestore?.(this.#judge.context, key, record));
    for (const { kind, key } of this.#gone) this.#take(kind, key, RULES.get(kind.name)?.beforeRemove?.(this.#judge.context, key, {}, false));
  }

  #take(kind: Kind, key: string, fault: Fault | undefined): void {
    if (fault === undefined) return;
    const errors = fault.errors ?? [{ pointer: '', detail: fault.detail }];
    for (const { pointer, detail } of errors) this.#refuse(kind.name, key, pointer, detail);
  }

  #refuse(kind: string, key: string, pointer: string, detail: string): void {
    this.#brokenCount += 1;
    if (this.#broken.length < FAULT_DETAILS_MAX) this.#broken.push({ pointer: `/${kind}/${key}${pointer}`, detail });
  }
}

const NOTHING_CLEARED: ReadonlySet<string> = new Set();

function placeOf({ kind, key }: Gone): string {
  return `${kind.name}/${key}`;
}

/** Bookkeeping that a restore does not bring back. */
function withoutRevision({ revision: _revision, updated_at: _updated, ...rest }: Readonly<Fields>): Fields {
  return rest;
}

function valueAt(record: Readonly<Fields>, path: Path): unknown {
  let value: unknown = record;
  for (const name of path) value = typeof value === 'object' && value !== null ? (value as Fields)[name] : undefined;
  return value;
}

/** What is not there in one record is not there in the other one either. */
function copyProperty(from: Readonly<Fields>, to: Fields, path: Path): void {
  const last = path.at(-1) as string;
  const value = valueAt(from, path);
  let target = to;
  for (const name of path.slice(0, -1)) {
    const inner = target[name];
    if (typeof inner === 'object' && inner !== null) {
      target = inner as Fields;
    } else {
      if (value === undefined) return;
      const made: Fields = {};
      target[name] = made;
      target = made;
    }
  }
  if (value === undefined) delete target[last];
  else target[last] = value;
}

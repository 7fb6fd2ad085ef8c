import { setImmediate as turn } from 'node:timers/promises';
import { canonical } from '../../schemas/canonical.ts';
import { type Kind, NORMAL_FORMS } from '../../schemas/kind.ts';
import { FAULT_DETAILS_MAX } from '../../schemas/registry.ts';
import type { Fault, FaultDetail } from '../faults.ts';
import type { Commands, LostSecrets, RestoreChange, RestoreCounts, RestoreEntry, RestoreVerdict } from '../protocol/commands.ts';
import { NOWHERE } from '../protocol/slab.ts';
import { unpackMessage } from '../protocol/wire.ts';
import type { SealedSecrets } from './frame.ts';
import { type Judge, type JudgeParts, timestamp } from './judge.ts';
import type { Overlay } from './overlay.ts';
import type { Fields, RuleContext } from './rules/rule.ts';
import { RULES } from './rules/rules.ts';
import { placeOf, takeSecrets } from './secrets.ts';
import type { Vault } from './vault.ts';

/**
 * Judges a restore: records as they were, all of them at once. Rules agreed to each of them in its time, so the way there
 * is not judged, only the outcome: unique values, references, exclusivity. Revisions rise, and secrets of today stay; a
 * record that has gone meanwhile comes back with those of then.
 */

interface Place {
  readonly kind: Kind;
  readonly key: string;
}

interface Fitting {
  readonly record: Fields;
  readonly sealed: SealedSecrets | undefined;
  /** Dotted paths of secrets that it had. */
  readonly lost: readonly string[];
}

/** A unique value that another record had when it was given. */
interface Taking extends Place {
  readonly property: string;
  readonly value: string;
  readonly holder: string;
  readonly normalise: (text: string) => string;
}

type Type = RestoreChange['type'];
type Path = readonly string[];
export type RestoreOptions = Omit<Commands['restore.judge']['in'], 'bulkId'>;
type Verdict = Omit<RestoreVerdict, 'sequence'>;

/** Records that come back without secrets are named up to here, and counted beyond. */
const LOST_SECRETS_MAX = 100;
/** Questions are answered in between; nobody else may write. */
const RECORDS_PER_TURN = 4096;
const NOTHING_PACKED = new Uint8Array(0);

export class RestoreJudge {
  readonly #parts: JudgeParts;
  readonly #overlay: Overlay;
  readonly #judge: Judge;
  readonly #options: RestoreOptions;
  /** What rules see when a record goes. */
  readonly #afterRemoval: RuleContext;
  readonly #time: string;
  readonly #puts: Place[] = [];
  readonly #gone: Place[] = [];
  readonly #takings: Taking[] = [];
  readonly #counts: Record<string, { -readonly [T in keyof RestoreCounts]: RestoreCounts[T] }> = {};
  readonly #changes: RestoreChange[] = [];
  readonly #broken: FaultDetail[] = [];
  #brokenCount = 0;
  readonly #lostSecrets: LostSecrets[] = [];
  #lostSecretsCount = 0;

  constructor(parts: JudgeParts, overlay: Overlay, judge: Judge, options: RestoreOptions) {
    this.#parts = parts;
    this.#overlay = overlay;
    this.#judge = judge;
    this.#options = options;
    const { context } = judge;
    this.#afterRemoval = {
      ...context,
      rewrite: (kind, key, change) => {
        if (!options.wholeKinds.includes(kind)) context.rewrite(kind, key, change);
      },
    };
    this.#time = timestamp(parts.clock.nowMs());
  }

  /**
   * Stages everything and says what stands against it. Entries of records that go come first: what follows from a deletion
   * must not change what comes back. @param packedParts are let go one by one.
   */
  async judge(packedParts: Uint8Array[]): Promise<Verdict> {
    for (const [index, part] of packedParts.entries()) {
      for (const entry of unpackMessage(part) as readonly RestoreEntry[]) this.#stage(entry);
      packedParts[index] = NOTHING_PACKED;
      await turn();
    }
    this.#findTakenValues();
    await this.#askRules();
    await this.#countOutcomes();
    return {
      counts: this.#counts,
      changes: this.#changes,
      broken: this.#broken,
      brokenCount: this.#brokenCount,
      lostSecrets: this.#lostSecrets,
      lostSecretsCount: this.#lostSecretsCount,
    };
  }

  #stage([kindName, key, image, secrets]: RestoreEntry): void {
    const kind = this.#parts.kindsByName.get(kindName);
    if (kind === undefined) {
      this.#refuse(kindName, key, '', `there is no kind ${kindName} any more`);
      return;
    }
    const current = this.#overlay.get(kind.name, key);
    if (image === null) {
      if (current !== undefined && this.#options.properties === undefined) this.#remove(kind, key, current);
      return;
    }
    if (current === undefined && this.#options.properties !== undefined) return;
    const wanted = JSON.parse(Buffer.from(image.buffer, image.byteOffset, image.byteLength).toString('utf8')) as Fields;
    if (current === undefined) this.#put(kind, key, wanted, undefined, this.#opening(kind, key, secrets));
    else this.#put(kind, key, this.#mixed(wanted, current), current, this.#parts.secretsOf(kind.name, key));
  }

  #remove(kind: Kind, key: string, current: Fields): void {
    this.#gone.push({ kind, key });
    this.#overlay.remove(kind, key, current);
    const rule = RULES.get(kind.name);
    // What a BMC leaves behind is judged when everything is there; the rest follows as from any deletion.
    if (rule?.afterRestoredRemoval === undefined) rule?.afterRemove?.(this.#afterRemoval, key, current);
  }

  /** @param before the secrets that it has: those of today, or of then when there is no such record today */
  #put(kind: Kind, key: string, draft: Fields, current: Fields | undefined, before: SealedSecrets | undefined): void {
    const { fullFault } = this.#overlay;
    if (fullFault !== undefined) {
      this.#refuse(kind.name, key, '', fullFault.detail);
      return;
    }
    const fitting = this.#fitting(kind, key, draft, before);
    if (fitting === undefined) return;
    const { record, sealed, lost } = fitting;
    if (current !== undefined && isSame(record, current)) return;
    const secrets = current === undefined ? (sealed ?? before) : sealed;
    const refusal = this.#parts.refusalOfSecrets(secrets, this.#overlay.secretBytes);
    if (refusal !== undefined) {
      this.#refuse(kind.name, key, '', refusal.detail);
      return;
    }
    if (lost.length > 0) this.#lose({ kind: kind.name, key, secrets: lost });
    this.#noteTakenValues(kind, key, record);
    record['updated_at'] = this.#time;
    record['revision'] = this.#overlay.nextSequence;
    this.#overlay.put(kind, key, record, current, JSON.stringify(record), secrets);
    this.#puts.push({ kind, key });
  }

  /** Each record once, by what becomes of it: also those that rules have changed because of others. */
  async #countOutcomes(): Promise<void> {
    let seen = 0;
    for (const { kind, key, before, after, times } of this.#overlay.outcomes()) {
      seen += 1;
      if (seen % RECORDS_PER_TURN === 0) await turn();
      const type = typeOf(before, after);
      if (type === undefined || (type === 'updated' && times > 1 && this.#isSameAt(before, after))) continue;
      const counts = this.#counts[kind] ?? { created: 0, updated: 0, deleted: 0 };
      counts[type] += 1;
      this.#counts[kind] = counts;
      if (this.#changes.length >= this.#options.changesMax) continue;
      const recordAt = (location: number): Fields => this.#overlay.recordAt(location);
      this.#changes.push({
        kind,
        key,
        type,
        ...(before === NOWHERE ? {} : { before: recordAt(before) }),
        ...(after === NOWHERE ? {} : { after: recordAt(after) }),
      });
    }
  }

  /** A record that was changed may have been changed back. */
  #isSameAt(before: number, after: number): boolean {
    return isSame(this.#overlay.recordAt(after), this.#overlay.recordAt(before));
  }

  /** The current record with those of its properties as they were that are to go back. */
  #mixed(wanted: Fields, current: Readonly<Fields>): Fields {
    if (this.#options.properties === undefined) return wanted;
    const mixed = structuredClone(current);
    for (const path of this.#options.properties) copyProperty(wanted, mixed, path);
    return mixed;
  }

  /** The record in the form of today's schema, with its secrets; undefined when it does not fit. */
  #fitting(kind: Kind, key: string, draft: Fields, before: SealedSecrets | undefined): Fitting | undefined {
    const claimed = kind.secrets.filter(({ path, flag }) => valueAt(draft, [...path.slice(0, -1), flag]) === true);
    const { sealed } = takeSecrets(kind, key, draft, before, NOTHING_CLEARED, this.#parts.vault);
    const misfits = this.#parts.kinds.check(kind, draft).filter(({ detail }) => detail !== 'is required');
    for (const { pointer, detail } of misfits) this.#refuse(kind.name, key, pointer, detail);
    if (misfits.length > 0) return undefined;
    const lost = claimed.filter(({ path, flag }) => valueAt(draft, [...path.slice(0, -1), flag]) !== true).map(({ place }) => place);
    return { record: canonical(kind, draft), sealed, lost };
  }

  /** Those of then that the kind still has, and that open with a key of today, sealed as those of today are. */
  #opening(kind: Kind, key: string, then: SealedSecrets | undefined): SealedSecrets | undefined {
    const places = kind.secrets.map(({ place }) => place).filter((place) => then?.[place] !== undefined);
    const opening = places.flatMap((place) => {
      const sealed = sealedToday(this.#parts.vault, then?.[place] as Uint8Array, placeOf(kind.name, key, place));
      return sealed === undefined ? [] : [[place, sealed] as const];
    });
    return opening.length === 0 ? undefined : Object.fromEntries(opening);
  }

  #lose(lost: LostSecrets): void {
    this.#lostSecretsCount += 1;
    if (this.#lostSecrets.length < LOST_SECRETS_MAX) this.#lostSecrets.push(lost);
  }

  /** Whoever has a value now may be about to give it up. */
  #noteTakenValues(kind: Kind, key: string, record: Fields): void {
    for (const { property, normalForm } of kind.uniques) {
      const value = record[property];
      const holder = typeof value === 'string' ? this.#overlay.holderOf(kind.name, property, value) : undefined;
      if (typeof value !== 'string' || holder === undefined || holder === key) continue;
      this.#takings.push({ kind, key, property, value, holder, normalise: NORMAL_FORMS[normalForm] });
    }
  }

  #findTakenValues(): void {
    for (const { kind, key, property, value, holder, normalise } of this.#takings) {
      const held = this.#overlay.get(kind.name, holder)?.[property];
      if (typeof held !== 'string' || normalise(held) !== normalise(value)) continue;
      this.#refuse(kind.name, key, `/${property}`, `${kind.name} ${holder} has ${value} already`);
    }
  }

  async #askRules(): Promise<void> {
    for (const [index, { kind, key }] of this.#puts.entries()) {
      if (index % RECORDS_PER_TURN === 0) await turn();
      const rule = RULES.get(kind.name);
      const record = rule?.afterRestore === undefined ? undefined : this.#overlay.get(kind.name, key);
      if (record !== undefined) this.#take(kind, key, rule?.afterRestore?.(this.#judge.context, key, record));
    }
    for (const { kind, key } of this.#gone) this.#take(kind, key, RULES.get(kind.name)?.afterRestoredRemoval?.(this.#judge.context, key));
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

function sealedToday(vault: Vault, sealed: Uint8Array, place: string): Uint8Array | undefined {
  try {
    vault.open(sealed, place);
    return vault.resealed(sealed, place);
  } catch {
    // Sealed with another key: it is told as lost.
    return undefined;
  }
}

/** Undefined: it came and went. */
function typeOf(before: number, after: number): Type | undefined {
  if (before === NOWHERE) return after === NOWHERE ? undefined : 'created';
  return after === NOWHERE ? 'deleted' : 'updated';
}

const NOTHING_CLEARED: ReadonlySet<string> = new Set();

/** But for the bookkeeping that a restore does not bring back. Both are canonical, so their texts are the same, too. */
function isSame(record: Fields, current: Readonly<Fields>): boolean {
  record['updated_at'] = current['updated_at'];
  record['revision'] = current['revision'];
  return JSON.stringify(record) === JSON.stringify(current);
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

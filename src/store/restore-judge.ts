import { isDeepStrictEqual } from 'node:util';
import { canonical } from '../../schemas/canonical.ts';
import { type Kind, NORMAL_FORMS } from '../../schemas/kind.ts';
import { FAULT_DETAILS_MAX } from '../../schemas/registry.ts';
import { done, type Fault, type FaultDetail, fail, type Result } from '../faults.ts';
import type { RestoreCounts, RestoreEntry } from '../protocol/commands.ts';
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
}

interface Gone {
  readonly kind: Kind;
  readonly key: string;
}

export class RestoreJudge {
  readonly #parts: JudgeParts;
  readonly #overlay: Overlay;
  readonly #judge: Judge;
  readonly #time: string;
  readonly #errors: FaultDetail[] = [];
  readonly #puts: Put[] = [];
  readonly #gone: Gone[] = [];
  /** `kind/key` of everything that changes. */
  readonly #moving = new Set<string>();
  #unchanged = 0;
  #created = 0;

  constructor(parts: JudgeParts, overlay: Overlay, judge: Judge) {
    this.#parts = parts;
    this.#overlay = overlay;
    this.#judge = judge;
    this.#time = timestamp(parts.clock.nowMs());
  }

  /** Stages everything, or says what stands against it; then the batch is to be dropped. */
  judge(entries: readonly RestoreEntry[]): Result<RestoreCounts> {
    for (const entry of entries) this.#sort(entry);
    this.#findTakenValues();
    if (this.#errors.length > 0) return this.#refused();
    this.#stage();
    this.#askRules();
    if (this.#errors.length > 0) return this.#refused();
    return done({
      created: this.#created,
      updated: this.#puts.length - this.#created,
      deleted: this.#gone.length,
      unchanged: this.#unchanged,
      sequence: this.#overlay.nextSequence - 1,
    });
  }

  #sort([kindName, key, wanted]: RestoreEntry): void {
    const kind = this.#judge.kind(kindName);
    const current = this.#overlay.get(kind.name, key);
    if (wanted === null) {
      if (current === undefined) this.#unchanged += 1;
      else this.#move({ kind, key }, this.#gone);
      return;
    }
    const record = this.#recordOf(kind, key, wanted);
    if (record === undefined) return;
    if (current !== undefined && isDeepStrictEqual(withoutRevision(record), withoutRevision(current))) this.#unchanged += 1;
    else this.#move({ kind, key, record }, this.#puts);
  }

  #move<T extends Gone>(moving: T, into: T[]): void {
    into.push(moving);
    this.#moving.add(placeOf(moving));
  }

  /** The record in the form of today's schema, with the flags of today's secrets; undefined when it does not fit. */
  #recordOf(kind: Kind, key: string, wanted: Fields): Fields | undefined {
    const draft = structuredClone(wanted);
    takeSecrets(kind, key, draft, this.#parts.secretsOf(kind.name, key), NOTHING_CLEARED, this.#parts.vault);
    const misfits = this.#parts.kinds.check(kind, draft).filter(({ detail }) => detail !== 'is required');
    for (const { pointer, detail } of misfits) this.#refuse(kind, key, pointer, detail);
    return misfits.length > 0 ? undefined : canonical(kind, draft);
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
        if (other !== undefined) this.#refuse(kind, key, `/${property}`, `${kind.name} ${other} has ${value} already`);
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
    for (const { kind, key, record } of this.#puts) {
      const current = this.#overlay.get(kind.name, key);
      if (current === undefined) this.#created += 1;
      const staged = canonical(kind, { ...record, updated_at: this.#time, revision: this.#overlay.nextSequence });
      this.#overlay.put(kind, key, staged, current, JSON.stringify(staged));
    }
  }

  #askRules(): void {
    for (const { kind, key, record } of this.#puts) this.#take(kind, key, RULES.get(kind.name)?.afterRestore?.(this.#judge.context, key, record));
    for (const { kind, key } of this.#gone) this.#take(kind, key, RULES.get(kind.name)?.beforeRemove?.(this.#judge.context, key, {}, false));
  }

  #take(kind: Kind, key: string, fault: Fault | undefined): void {
    if (fault === undefined) return;
    const errors = fault.errors ?? [{ pointer: '', detail: fault.detail }];
    for (const { pointer, detail } of errors) this.#refuse(kind, key, pointer, detail);
  }

  #refuse(kind: Kind, key: string, pointer: string, detail: string): void {
    if (this.#errors.length < FAULT_DETAILS_MAX) this.#errors.push({ pointer: `/${kind.name}/${key}${pointer}`, detail });
  }

  #refused(): Result<never> {
    const [first] = this.#errors;
    const more = this.#errors.length > 1 ? `, and ${this.#errors.length - 1} more` : '';
    return fail('conflict', `the restore would break rules: ${first?.pointer ?? ''} ${first?.detail ?? ''}${more}`, this.#errors);
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

import { canonical, canonicalObject, keyNamed, storedText, withoutNulls } from '../../schemas/canonical.ts';
import type { Kind } from '../../schemas/kind.ts';
import { imageOfParted, partingOf } from '../../schemas/parted.ts';
import type { Kinds } from '../../schemas/registry.ts';
import type { Clock } from '../clock.ts';
import { done, type Fault, type FaultDetail, fail, type Result } from '../faults.ts';
import { nameFlaw, newUuid, parseUuid } from '../ids.ts';
import type { Origin, PatchDocument, Stored } from '../protocol/commands.ts';
import { RECORD_BYTES_MAX } from '../protocol/slab.ts';
import type { Random } from '../random.ts';
import type { SealedSecrets } from './frame.ts';
import type { Overlay } from './overlay.ts';
import { patched } from './patch.ts';
import type { Fields, RuleContext } from './rules/rule.ts';
import { RULES } from './rules/rules.ts';
import { takeSecrets } from './secrets.ts';
import type { Vault } from './vault.ts';

/**
 * Judges writes against the batch so far and stages what they come to: rules, unique values, secrets, revisions.
 * It never waits and never touches a file; whoever calls it journals the overlay or drops it.
 */

export interface JudgeParts {
  readonly kinds: Kinds;
  readonly kindsByName: ReadonlyMap<string, Kind>;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  /** The sealed secrets of a record as the journal has them. */
  secretsOf(kind: string, key: string): SealedSecrets | undefined;
  /** Why a record may not get these, when there is no room for more. @param stagedBytes what the batch brings already */
  refusalOfSecrets(sealed: SealedSecrets | undefined, stagedBytes: number): Fault | undefined;
}

interface StoreOptions {
  /** Required secrets may be missing: the server made the record, or a patch of something else touches it. */
  readonly lenient?: boolean;
  /** Dotted paths of secrets that the write takes away. */
  readonly cleared?: ReadonlySet<string>;
  /** Of a parted draft: the draft has its open members only. */
  readonly settled?: readonly string[] | undefined;
}

/** An If-Match header: the revisions that it names, or any. */
export type Precondition = readonly number[] | '*' | undefined;

const DEPTH_MAX = 64;
const NO_SECRETS_CLEARED: ReadonlySet<string> = new Set();

export class Judge {
  readonly #parts: JudgeParts;
  readonly #overlay: Overlay;
  readonly #time: string;
  /** Records that are being stored right now, further out: what follows from this write must not touch them. */
  readonly #busy: { readonly kind: Kind; readonly key: string }[] = [];
  /** What rules see of this batch. */
  readonly context: RuleContext;

  constructor(parts: JudgeParts, overlay: Overlay) {
    this.#parts = parts;
    this.#overlay = overlay;
    this.#time = timestamp(parts.clock.nowMs());
    this.context = {
      kind: (name) => this.kind(name),
      get: (kind, key) => overlay.get(kind, key),
      holderOf: (kind, property, value) => overlay.holderOf(kind, property, value),
      referrersTo: (kind, place, value) => overlay.referrersTo(kind, place, value),
      store: (kind, key, draft, origin) => this.#storeFor(this.kind(kind), key, draft, origin),
      rewrite: (kind, key, change) => this.#rewrite(this.kind(kind), key, change),
      check: (kind, record) => parts.kinds.check(this.kind(kind), record),
    };
  }

  kind(name: string): Kind {
    const kind = this.#parts.kindsByName.get(name);
    if (kind === undefined) throw new Error(`${name} is not a kind`);
    return kind;
  }

  /** The key of the record that a path or a draft names, by key or natural key. */
  keyOf(kind: Kind, name: string): string | undefined {
    const key = keyNamed(kind, name);
    if (this.#overlay.has(kind.name, key)) return key;
    for (const property of kind.naturalKeys) {
      const holder = this.#overlay.holderOf(kind.name, property, name);
      if (holder !== undefined) return holder;
    }
    return undefined;
  }

  create(kind: Kind, draft: Fields, origin: Origin, settled?: readonly string[]): Result<Stored> {
    const key = kind.keyIsServerSet ? newUuid(this.#parts.clock, this.#parts.random) : keyNamed(kind, String(draft[kind.key]));
    if (!kind.keyIsServerSet) {
      // Nobody could read, change or delete it.
      const flaw = nameFlaw(key);
      if (flaw !== undefined) return invalid([{ pointer: `/${kind.key}`, detail: `${flaw}, and so no path could name the record` }]);
      if (this.#overlay.has(kind.name, key)) return fail('conflict', `${kind.name} ${key} exists already`);
    }
    return this.#stored(this.#store(kind, key, draft, undefined, origin, { settled }), true);
  }

  /** Replaces the record that `name` names; with `upsert`, makes it when there is none. */
  replace(kind: Kind, name: string, draft: Fields, origin: Origin, upsert: boolean, ifMatch: Precondition): Result<Stored> {
    const key = this.keyOf(kind, name);
    const refused = this.#precondition(kind, key, ifMatch);
    if (refused !== undefined) return { ok: false, fault: refused };
    if (key === undefined) {
      if (!upsert) return notFound(kind, name);
      return this.#createNamed(kind, name, draft, origin);
    }
    const given = draft[kind.key];
    if (!kind.keyIsServerSet && typeof given === 'string' && this.keyOf(kind, given) !== key) return keyCannotChange(kind);
    const current = this.#overlay.get(kind.name, key);
    return this.#stored(this.#store(kind, key, draft, current, origin), false);
  }

  /** For bulk imports: the record with the same key or natural key is replaced, else a new one made. */
  upsert(kind: Kind, draft: Fields, origin: Origin, settled?: readonly string[]): Result<Stored> {
    const key = this.#existingKeyOf(kind, draft);
    if (key === undefined) {
      // An export comes back under the keys that it had.
      const given = kind.keyIsServerSet ? draft[kind.key] : undefined;
      return typeof given === 'string'
        ? this.#stored(this.#store(kind, keyNamed(kind, given), draft, undefined, origin, { settled }), true)
        : this.create(kind, draft, origin, settled);
    }
    return this.#stored(this.#store(kind, key, draft, this.#overlay.get(kind.name, key), origin, { settled }), false);
  }

  patch(kind: Kind, name: string, patch: PatchDocument, origin: Origin, ifMatch: Precondition): Result<Stored> {
    const key = this.keyOf(kind, name);
    const refused = this.#precondition(kind, key, ifMatch);
    if (refused !== undefined) return { ok: false, fault: refused };
    const current = key === undefined ? undefined : this.#overlay.get(kind.name, key);
    const draftBefore = key === undefined ? undefined : this.#overlay.get(kind.name, key);
    if (key === undefined || current === undefined || draftBefore === undefined) return notFound(kind, name);
    const result = patched(draftBefore, patch);
    if (!result.ok) return result;
    const draft = withoutNulls(kind, result.value);
    if (isDeeperThan(draft, DEPTH_MAX)) return fail('invalid', `the patched record is nested deeper than ${DEPTH_MAX}`);
    for (const property of kind.serverSet) delete draft[property];
    if (!kind.keyIsServerSet && keyNamed(kind, String(draft[kind.key])) !== key) return keyCannotChange(kind);
    // A record that the server implied may lack required properties; a patch of others does not have to bring them.
    const wrong = this.#parts.kinds.check(kind, draft).filter(({ pointer, detail }) => !(detail === 'is required' && isAbsent(current, pointer)));
    if (wrong.length > 0) return invalid(wrong);
    return this.#stored(this.#store(kind, key, draft, current, origin, patchOptions(kind, patch)), false);
  }

  remove(kind: Kind, name: string, force: boolean, ifMatch: Precondition): Result<Stored> {
    const key = this.keyOf(kind, name);
    const refused = this.#precondition(kind, key, ifMatch);
    if (refused !== undefined) return { ok: false, fault: refused };
    const current = key === undefined ? undefined : this.#overlay.get(kind.name, key);
    if (key === undefined || current === undefined) return notFound(kind, name);
    const rule = RULES.get(kind.name);
    const fault = rule?.beforeRemove?.(this.context, key, current, force);
    if (fault !== undefined) return { ok: false, fault };
    const change = this.#overlay.remove(kind, key, current);
    const after = rule?.afterRemove?.(this.context, key, current);
    if (after !== undefined) return { ok: false, fault: after };
    return done({ key, revision: change.revision, created: false });
  }

  #createNamed(kind: Kind, name: string, draft: Fields, origin: Origin): Result<Stored> {
    if (!kind.keyIsServerSet) {
      if (keyNamed(kind, String(draft[kind.key])) !== keyNamed(kind, name)) return invalid([{ pointer: `/${kind.key}`, detail: 'is not what the path names' }]);
      return this.create(kind, draft, origin);
    }
    const key = parseUuid(name);
    if (key !== undefined) return this.#stored(this.#store(kind, key, draft, undefined, origin), true);
    const named = kind.naturalKeys.some((property) => draft[property] === name);
    if (named) return this.create(kind, draft, origin);
    return fail('invalid-id', `a ${kind.name} is made under a UUID or under the ${kind.naturalKeys.join(' or ')} that its body has, not under "${name}"`);
  }

  #existingKeyOf(kind: Kind, draft: Fields): string | undefined {
    const given = draft[kind.key];
    const key = typeof given === 'string' ? keyNamed(kind, given) : undefined;
    if (key !== undefined && this.#overlay.has(kind.name, key)) return key;
    for (const property of kind.naturalKeys) {
      const value = draft[property];
      const holder = typeof value === 'string' ? this.#overlay.holderOf(kind.name, property, storedText(kind, property, value)) : undefined;
      if (holder !== undefined) return holder;
    }
    return undefined;
  }

  #storeFor(kind: Kind, key: string | undefined, draft: Fields, origin: Origin): Result<{ key: string; record: Fields }> {
    const made = key ?? newUuid(this.#parts.clock, this.#parts.random);
    const current = key === undefined ? undefined : this.#overlay.get(kind.name, key);
    const stored = this.#store(kind, made, draft, current, origin, { lenient: true });
    return stored.ok ? done({ key: made, record: stored.value.record }) : stored;
  }

  #stored(result: Result<{ key: string; revision: number; record: Fields }>, created: boolean): Result<Stored> {
    return result.ok ? done({ key: result.value.key, revision: result.value.revision, created }) : result;
  }

  /** The one way in which a record comes to be or changes. */
  #store(
    kind: Kind,
    key: string,
    draft: Fields,
    current: Fields | undefined,
    origin: Origin,
    options: StoreOptions = {},
  ): Result<{ key: string; revision: number; record: Fields }> {
    const { fullFault } = this.#overlay;
    if (fullFault !== undefined) return { ok: false, fault: fullFault };
    const rule = RULES.get(kind.name);
    this.#busy.push({ kind, key });
    try {
      const before = current === undefined ? undefined : this.#secretsOf(kind.name, key);
      const secrets = takeSecrets(kind, key, draft, before, options.cleared ?? NO_SECRETS_CLEARED, this.#parts.vault);
      if (secrets.missing.length > 0 && options.lenient !== true) return invalid(secrets.missing);
      const fault = this.#parts.refusalOfSecrets(secrets.sealed, this.#overlay.secretBytes) ?? rule?.beforePut?.(this.context, { key, draft, current, origin });
      if (fault !== undefined) return { ok: false, fault };
      const taken = this.#takenValue(kind, key, draft, current);
      if (taken !== undefined) return { ok: false, fault: taken };
      draft[kind.key] = key;
      draft['created_at'] = current?.['created_at'] ?? this.#time;
      draft['updated_at'] = this.#time;
      draft['revision'] = this.#overlay.nextSequence;
      const { record, image } = canonicalForm(kind, draft, options.settled);
      if (image.length > RECORD_BYTES_MAX / 4 && Buffer.byteLength(image) > RECORD_BYTES_MAX) {
        return fail('too-large', `a record may have at most ${RECORD_BYTES_MAX} bytes`);
      }
      const { revision } = this.#overlay.put(kind, key, record, current, image, secrets.sealed);
      const after = rule?.afterPut?.(this.context, key, record);
      return after === undefined ? done({ key, revision, record }) : { ok: false, fault: after };
    } finally {
      this.#busy.pop();
    }
  }

  #rewrite(kind: Kind, key: string, change: (record: Fields) => void): void {
    if (this.#busy.some((busy) => busy.key === key && busy.kind === kind)) return;
    const current = this.#overlay.get(kind.name, key);
    const draft = this.#overlay.get(kind.name, key);
    if (current === undefined || draft === undefined) return;
    change(draft);
    draft['updated_at'] = this.#time;
    draft['revision'] = this.#overlay.nextSequence;
    const record = canonical(kind, draft);
    this.#overlay.put(kind, key, record, current, JSON.stringify(record));
  }

  #takenValue(kind: Kind, key: string, draft: Fields, current: Fields | undefined): Fault | undefined {
    for (const { property } of kind.uniques) {
      const value = draft[property];
      // What the record has already nobody else has.
      if (typeof value !== 'string' || value === current?.[property]) continue;
      const holder = this.#overlay.holderOf(kind.name, property, storedText(kind, property, value));
      if (holder === undefined || holder === key) continue;
      const detail = `${kind.name} ${holder} has this ${property} already`;
      return { code: 'conflict', detail: `${property} ${value}: ${detail}`, errors: [{ pointer: `/${property}`, detail }] };
    }
    return undefined;
  }

  #precondition(kind: Kind, key: string | undefined, ifMatch: Precondition): Fault | undefined {
    if (ifMatch === undefined) return undefined;
    const revision = key === undefined ? undefined : this.#overlay.revisionOf(kind.name, key);
    if (revision === undefined) return { code: 'precondition-failed', detail: 'If-Match was given, but there is no such record' };
    if (ifMatch === '*' || ifMatch.includes(revision)) return undefined;
    return { code: 'precondition-failed', detail: `the record has revision ${revision}; read it again before you change it` };
  }

  #secretsOf(kind: string, key: string): SealedSecrets | undefined {
    return this.#overlay.stagedSecretsOf(kind, key) ?? this.#parts.secretsOf(kind, key);
  }
}

/** The canonical form of a draft (of a parted one: of its open members), and the image of all of it. */
function canonicalForm(kind: Kind, draft: Readonly<Fields>, settled: readonly string[] | undefined): { record: Fields; image: string } {
  const parting = settled === undefined ? undefined : partingOf(kind);
  if (settled === undefined || parting === undefined) {
    const record = canonical(kind, draft);
    return { record, image: JSON.stringify(record) };
  }
  const record = canonicalObject(parting.open, draft);
  return { record, image: imageOfParted(parting, record, settled) };
}

/** UTC, to the millisecond, without needless zeros: the canonical form of a date-time. */
export function timestamp(nowMs: number): string {
  // Several ask within one batch.
  if (nowMs !== last.ms) last = { ms: nowMs, text: timestampOf(nowMs) };
  return last.text;
}
let last = { ms: Number.NaN, text: '' };

function timestampOf(nowMs: number): string {
  const text = new Date(nowMs).toISOString();
  let end = text.length - 1;
  while (text[end - 1] === '0') end--;
  if (text[end - 1] === '.') end--;
  return `${text.slice(0, end)}Z`;
}

function notFound(kind: Kind, name: string): Result<never> {
  return fail('not-found', `there is no ${kind.name} "${name}"`);
}

function keyCannotChange(kind: Kind): Result<never> {
  return invalid([{ pointer: `/${kind.key}`, detail: 'is the key of the record and cannot change' }]);
}

function invalid(errors: readonly FaultDetail[]): Result<never> {
  const [first] = errors;
  return fail('invalid', first === undefined ? 'the record does not match its schema' : `${first.pointer || 'the record'} ${first.detail}`, errors);
}

/** Secrets that a merge patch sets to null. */
function patchOptions(kind: Kind, patch: PatchDocument): StoreOptions {
  if (patch.type !== 'merge') return { lenient: true };
  const cleared = new Set<string>();
  for (const { path, place } of kind.secrets) {
    let value: unknown = patch.document;
    for (const name of path) value = typeof value === 'object' && value !== null ? (value as Fields)[name] : undefined;
    if (value === null) cleared.add(place);
  }
  return { lenient: cleared.size === 0, cleared };
}

function isAbsent(record: Readonly<Fields>, pointer: string): boolean {
  let value: unknown = record;
  for (const name of pointer.split('/').slice(1)) {
    value = typeof value === 'object' && value !== null ? (value as Fields)[name.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
  }
  return value === undefined;
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  for (const inner of Object.values(value)) {
    if (isDeeperThan(inner, depth - 1)) return true;
  }
  return false;
}

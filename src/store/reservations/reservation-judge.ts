import { done, fail, type Result } from '../../faults.ts';
import type { Properties } from '../../protocol/plugin-calls.ts';
import {
  entryOf,
  heldAs,
  type PrivateProperties,
  RESERVATIONS,
  type ReservationImage,
  type ReservationStep,
  type ReservationStepped,
} from '../../protocol/reservations.ts';
import { isSecretName, MASK } from '../../secret-names.ts';
import type { SealedSecrets } from '../frame.ts';
import { type JudgeParts, timestamp } from '../judge.ts';
import type { Overlay } from '../overlay.ts';
import { openSecrets, placeOf } from '../secrets.ts';
import { RESERVATION_KIND } from './kind.ts';
import { afterStep, type Draft } from './transitions.ts';

/**
 * Judges the steps of reservations against the batch so far, and stages what they come to. Values of properties whose
 * names say secret go sealed beside the image, which has a mask in their place.
 */

/** Names and values of one reservation together, in characters: a renewal that keeps adding must end somewhere. */
const PROPERTIES_CHARACTERS_MAX = 1024 * 1024;
const PRIVATE = 'private';

export class ReservationJudge {
  readonly #parts: Pick<JudgeParts, 'clock' | 'vault' | 'secretsOf' | 'refusalOfSecrets'>;
  readonly #overlay: Overlay;
  /** One time for a batch: telling it costs more than most of a step. */
  readonly #now: string;

  constructor(parts: Pick<JudgeParts, 'clock' | 'vault' | 'secretsOf' | 'refusalOfSecrets'>, overlay: Overlay) {
    this.#parts = parts;
    this.#overlay = overlay;
    this.#now = timestamp(parts.clock.nowMs());
  }

  /** @throws ColdRecord */
  step(step: ReservationStep): Result<ReservationStepped> {
    const replayed = this.#replay(step);
    if (replayed !== undefined) return replayed;
    const current = this.#overlay.get(RESERVATIONS, step.key) as ReservationImage | undefined;
    const now = this.#now;
    const after = afterStep(current, step, now);
    if (!after.ok) return after;
    if (after.value === undefined) {
      const { revision } = this.#overlay.remove(RESERVATION_KIND, step.key, { ...current });
      return done({ key: step.key, revision });
    }
    return this.#store(current, after.value, step, now);
  }

  #store(current: ReservationImage | undefined, draft: Draft, step: ReservationStep, now: string): Result<ReservationStepped> {
    // Those that are there go on, and can be left.
    const fault = step.step === 'join.begin' ? this.#overlay.fullFault : undefined;
    if (fault !== undefined) return { ok: false, fault };
    const taken = this.#takenId(step, draft);
    if (taken !== undefined) return taken;
    const hasNewProperties = step.joinProperties !== undefined || step.properties !== undefined;
    const merged = hasNewProperties ? this.#merge(draft, step) : done(undefined);
    if (!merged.ok) return merged;
    if (step.idempotency !== undefined) {
      draft.idempotency = idempotencyOf(step, step.idempotency.key);
      draft.request_hash = step.idempotency.requestHash;
    }
    const secrets = draft.state === 'closed' ? this.#withoutSecrets(draft) : merged.value;
    const refusal = this.#parts.refusalOfSecrets(secrets, this.#overlay.secretBytes);
    if (refusal !== undefined) return { ok: false, fault: refusal };
    draft.created_at ??= now;
    draft.updated_at = now;
    draft.revision = this.#overlay.nextSequence;
    // Neither is changed any more: the index is only told which values came and which went.
    const [record, previous] = [draft as Record<string, unknown>, current as Record<string, unknown> | undefined];
    const { revision } = this.#overlay.put(RESERVATION_KIND, step.key, record, previous, JSON.stringify(draft), secrets);
    return done({ key: step.key, revision, entry: entryOf(draft as ReservationImage) });
  }

  /** A join that was asked for before under the same idempotency key. */
  #replay(step: ReservationStep): Result<ReservationStepped> | undefined {
    if (step.step !== 'join.begin' || step.idempotency === undefined) return undefined;
    const existing = this.#overlay.holderOf(RESERVATIONS, 'idempotency', idempotencyOf(step, step.idempotency.key));
    if (existing === undefined) return undefined;
    const image = this.#overlay.get(RESERVATIONS, existing) as ReservationImage | undefined;
    if (image?.request_hash !== step.idempotency.requestHash)
      return fail('idempotency-mismatch', 'this Idempotency-Key came with another join before; use a new key');
    return done({ existing });
  }

  #takenId(step: ReservationStep, draft: Draft): Result<never> | undefined {
    if (step.reservationId === undefined || draft.held_as === undefined) return undefined;
    const holder = this.#overlay.holderOf(RESERVATIONS, 'held_as', heldAs(draft.endpoint ?? '', step.reservationId));
    if (holder === undefined || holder === step.key) return undefined;
    return fail('reservation-id-taken', `the plugin of ${draft.endpoint} chose the id ${step.reservationId}, which another reservation holds`);
  }

  #privateOf(key: string): PrivateProperties {
    const sealed = this.#overlay.stagedSecretsOf(RESERVATIONS, key) ?? this.#parts.secretsOf(RESERVATIONS, key);
    if (sealed?.[PRIVATE] === undefined) return {};
    const opened = openSecrets(RESERVATION_KIND, key, sealed, this.#parts.vault);
    return JSON.parse(opened[PRIVATE] ?? '{}') as PrivateProperties;
  }

  /** Puts what came into the draft, with a mask where a secret is. @returns all secrets after it, sealed. */
  #merge(draft: Draft, step: ReservationStep): Result<SealedSecrets | undefined> {
    const before = draft.has_private === true ? this.#privateOf(step.key) : {};
    const join = maskedProperties(draft.join_properties, before.join, step.joinProperties);
    const sched = maskedProperties(draft.sched_properties, before.sched, step.properties);
    if (join.characters + sched.characters > PROPERTIES_CHARACTERS_MAX) {
      return fail('too-large', `the properties of a reservation may have ${PROPERTIES_CHARACTERS_MAX} characters together`);
    }
    draft.join_properties = join.shown;
    draft.sched_properties = sched.shown;
    if (isEmpty(join.hidden) && isEmpty(sched.hidden)) return done(undefined);
    draft.has_private = true;
    const hidden = Buffer.from(JSON.stringify({ join: join.hidden, sched: sched.hidden }));
    return done({ [PRIVATE]: this.#parts.vault.seal(hidden, placeOf(RESERVATIONS, step.key, PRIVATE)) });
  }

  /** Nobody needs the secrets of what is closed. */
  #withoutSecrets(draft: Draft): SealedSecrets | undefined {
    const had = draft.has_private === true;
    draft.has_private = undefined;
    return had ? {} : undefined;
  }
}

function isEmpty(properties: Properties): boolean {
  for (const _ in properties) return false;
  return true;
}

interface Merged {
  /** Undefined when there is none: an empty object is not written. */
  readonly shown: Properties | undefined;
  readonly hidden: Properties;
  readonly characters: number;
}

const NONE: Properties = {};

/** Merges what came into what is there, secrets apart. */
function maskedProperties(shownBefore: Properties = NONE, hiddenBefore: Properties = NONE, given: Properties = NONE): Merged {
  if (!isEmpty(hiddenBefore) || hasSecret(given)) return maskedSecrets(shownBefore, hiddenBefore, given);
  const shown = isEmpty(given) ? shownBefore : isEmpty(shownBefore) ? given : { ...shownBefore, ...given };
  return { shown: isEmpty(shown) ? undefined : shown, hidden: NONE, characters: charactersIn(shown) };
}

function hasSecret(properties: Properties): boolean {
  for (const name in properties) if (isSecretName(name)) return true;
  return false;
}

function charactersIn(properties: Properties): number {
  let characters = 0;
  for (const name in properties) characters += name.length + (properties[name] as string).length;
  return characters;
}

function maskedSecrets(shownBefore: Properties, hiddenBefore: Properties, given: Properties): Merged {
  const shown = new Map(Object.entries(shownBefore));
  const hidden = new Map(Object.entries(hiddenBefore));
  for (const [name, value] of Object.entries(given)) {
    if (isSecretName(name)) {
      shown.set(name, MASK);
      // A mask that comes back is not the secret.
      if (value !== MASK || !hidden.has(name)) hidden.set(name, value);
    } else shown.set(name, value);
  }
  // Not by assignment: `__proto__` is a name like any other.
  const merged = { shown: Object.fromEntries(shown), hidden: Object.fromEntries(hidden) };
  return { ...merged, characters: charactersIn(merged.shown) + charactersIn(merged.hidden) };
}

/** A key of one endpoint says nothing about another. */
function idempotencyOf(step: ReservationStep, key: string): string {
  return `${step.endpoint ?? ''}/${key}`;
}

import { RESERVATIONS, type ReservationCall, type ReservationState, type ReservationStep } from '../../../src/protocol/reservations.ts';
import type { Judging } from './model-inventory.ts';
import { type Fields, type ModelChange, no, timeText, type Verdict, yes } from './model-state.ts';

/** What a reservation may become, thought out a second time: each step says from where it may be taken and what it leaves. */

interface Image extends Fields {
  state?: ReservationState;
  calls?: readonly ReservationCall[];
}

const ANY_OPEN: readonly ReservationState[] = ['joining', 'active', 'renewing', 'modifying', 'leaving', 'renew-failed', 'leave-failed', 'unknown', 'orphaned'];

/** From where each step may be taken. A join that begins and a take-over come from nowhere. */
const MAY_COME_FROM: Readonly<Record<string, readonly ReservationState[]>> = {
  'join.done': ['joining', 'unknown'],
  'join.failed': ['joining', 'unknown'],
  'join.lost': ['joining'],
  'join.orphaned': ['joining', 'unknown'],
  'renew.begin': ['active', 'renew-failed', 'unknown'],
  'renew.done': ['renewing'],
  'renew.retry': ['renewing'],
  'renew.failed': ['renewing'],
  'modify.begin': ['active', 'renew-failed'],
  'modify.done': ['modifying', 'unknown'],
  'modify.failed': ['modifying', 'unknown'],
  'modify.lost': ['modifying'],
  'leave.begin': ['active', 'renew-failed', 'leave-failed', 'unknown', 'orphaned'],
  'leave.done': ['leaving', 'unknown', 'orphaned'],
  'leave.failed': ['leaving', 'unknown', 'orphaned'],
  'leave.lost': ['leaving', 'orphaned'],
  release: ANY_OPEN,
  purge: ['closed'],
};

const CALLS_KEPT = 12;
const ERROR_CHARACTERS = 1024;
const MASK = '******';

export type SteppedModel = { readonly change: ModelChange } | { readonly existing: string };

export function step(judging: Judging, input: ReservationStep): Verdict<SteppedModel> {
  const { state } = judging;
  const repeated = repeatedJoin(judging, input);
  if (repeated !== undefined) return repeated;
  const record = state.get(RESERVATIONS, input.key);
  const current = record?.fields as Image | undefined;
  const isNew = input.step === 'join.begin' || input.step === 'take-over';
  if (current === undefined && !isNew) return no('not-found');
  if (current !== undefined && (isNew || MAY_COME_FROM[input.step]?.includes(current.state as ReservationState) !== true)) return no('wrong-state');
  if (input.step === 'purge') return changed(judging, input.key, undefined);
  const calls = callsAfter(current, input, timeText(judging.nowMs));
  if (calls === undefined) return no('wrong-state');
  const image = imageAfter(current, input, timeText(judging.nowMs));
  if (calls.length > 0) image.calls = calls;
  if (isTaken(judging, input, image)) return no('reservation-id-taken');
  const hidden = takeProperties(image, record?.secrets ?? {}, input);
  return changed(judging, input.key, { fields: image, secrets: image.state === 'closed' ? {} : hidden });
}

function changed({ state, changes }: Judging, key: string, after: ModelChange['after']): Verdict<SteppedModel> {
  const change: ModelChange = { kind: RESERVATIONS, key, after };
  changes.push(change);
  state.set(RESERVATIONS, key, after === undefined ? undefined : { ...after, revision: Number.POSITIVE_INFINITY, text: '' });
  return yes({ change });
}

/** A join under an idempotency key that a reservation of this endpoint has. */
function repeatedJoin({ state }: Judging, { step: name, endpoint, idempotency }: ReservationStep): Verdict<SteppedModel> | undefined {
  if (name !== 'join.begin' || idempotency === undefined) return undefined;
  for (const [key, { fields }] of state.of(RESERVATIONS)) {
    if (fields['idempotency'] !== `${endpoint}/${idempotency.key}`) continue;
    return fields['request_hash'] === idempotency.requestHash ? yes({ existing: key }) : no('idempotency-mismatch');
  }
  return undefined;
}

function imageAfter(current: Image | undefined, input: ReservationStep, now: string): Image {
  const image: Image = { ...current, operation_id: input.key, created_at: current?.['created_at'] ?? now, updated_at: now };
  delete image['revision'];
  image.state = stateAfter(current, input.step);
  if (input.endpoint !== undefined) image['endpoint'] = input.endpoint;
  if (input.reservationId !== undefined) image['reservation_id'] = input.reservationId;
  if (input.untilMs !== undefined) image['until'] = timeText(input.untilMs);
  if (input.renewDeadlineMs === null) delete image['renew_deadline'];
  else if (input.renewDeadlineMs !== undefined) image['renew_deadline'] = timeText(input.renewDeadlineMs);
  if (input.idempotency !== undefined) {
    image['idempotency'] = `${input.endpoint}/${input.idempotency.key}`;
    image['request_hash'] = input.idempotency.requestHash;
  }
  const isEnd = input.step.endsWith('.done');
  if (input.step.endsWith('.begin') && current !== undefined) image['resume_state'] = current.state;
  if (isEnd) for (const name of ['last_error', 'attempts', 'resume_state']) delete image[name];
  else if (input.error !== undefined) image['last_error'] = input.error.slice(0, ERROR_CHARACTERS);
  if (input.step === 'renew.retry' || input.step === 'renew.failed') image['attempts'] = ((image['attempts'] as number | undefined) ?? 0) + 1;
  const isOver = image.state === 'closed' || image.state === 'orphaned';
  if (isOver || input.step === 'leave.begin' || input.step === 'renew.failed') delete image['renew_deadline'];
  if (image.state === 'closed') {
    image['closed_at'] = now;
    image['close_reason'] = (input.reason ?? (input.step === 'leave.done' ? 'left' : (input.error ?? input.step))).slice(0, ERROR_CHARACTERS);
    delete image['resume_state'];
  }
  if (!isOver && image['reservation_id'] !== undefined) image['held_as'] = `${image['endpoint']}/${image['reservation_id']}`;
  else delete image['held_as'];
  return image;
}

function stateAfter(current: Image | undefined, name: ReservationStep['step']): ReservationState {
  switch (name) {
    case 'join.begin':
      return 'joining';
    case 'join.done':
    case 'take-over':
    case 'renew.done':
    case 'renew.retry':
      return 'active';
    case 'join.failed':
    case 'leave.done':
    case 'release':
      return 'closed';
    case 'join.lost':
    case 'modify.lost':
      return 'unknown';
    case 'join.orphaned':
      return 'orphaned';
    case 'renew.begin':
      return 'renewing';
    case 'renew.failed':
      return 'renew-failed';
    case 'modify.begin':
      return 'modifying';
    case 'modify.done':
    case 'modify.failed':
      return (current?.['resume_state'] as ReservationState | undefined) ?? 'active';
    case 'leave.begin':
      return current?.state === 'orphaned' ? 'orphaned' : 'leaving';
    case 'leave.failed':
      return current?.state === 'orphaned' ? 'orphaned' : 'leave-failed';
    case 'leave.lost':
      return current?.state === 'orphaned' ? 'orphaned' : 'unknown';
    case 'purge':
      throw new Error('a purge leaves nothing');
  }
}

/** The history with this step in it; undefined when the step ends a call that is not the one under way. */
function callsAfter(current: Image | undefined, input: ReservationStep, now: string): readonly ReservationCall[] | undefined {
  const calls = current?.calls ?? [];
  const [operation = '', verb] = input.step.split('.') as [ReservationCall['operation'], string | undefined];
  if (verb === undefined) return calls;
  if (verb === 'begin') {
    if (operation !== 'join' && current?.['reservation_id'] === undefined) return undefined;
    const begun = { operation, operation_id: input.operationId ?? input.key, ...(input.caller === undefined ? {} : { caller: input.caller }), started_at: now };
    return [...calls, begun as ReservationCall].slice(-CALLS_KEPT);
  }
  const last = calls.at(-1);
  if (last === undefined || last.operation !== operation || last.operation_id !== input.operationId) return undefined;
  if (last.outcome === 'done' || last.outcome === 'failed') return undefined;
  const outcome = verb === 'lost' ? 'unknown' : verb === 'failed' || verb === 'retry' ? 'failed' : 'done';
  const ended: ReservationCall = {
    ...last,
    duration_ms: Math.max(0, Math.round(input.durationMs ?? 0)),
    outcome,
    ...(input.error === undefined ? {} : { error: input.error.slice(0, ERROR_CHARACTERS) }),
  };
  return [...calls.slice(0, -1), ended];
}

/** An id that another reservation of the endpoint holds. */
function isTaken({ state }: Judging, input: ReservationStep, image: Image): boolean {
  if (input.reservationId === undefined || image['held_as'] === undefined) return false;
  return [...state.of(RESERVATIONS)].some(([key, { fields }]) => key !== input.key && fields['held_as'] === image['held_as']);
}

/** The only secret name that plugins and callers have here. */
export const SECRET_NAME = 'password';

/** Merges what came; a secret is shown as a mask. @returns what is hidden. */
function takeProperties(image: Image, before: Readonly<Record<string, string>>, input: ReservationStep): Record<string, string> {
  const hidden: Record<string, string> = { ...before };
  for (const [place, given] of [
    ['join', input.joinProperties],
    ['sched', input.properties],
  ] as const) {
    const shown: Record<string, string> = { ...(image[`${place}_properties`] as Record<string, string> | undefined) };
    for (const [name, value] of Object.entries(given ?? {})) {
      if (name !== SECRET_NAME) shown[name] = value;
      else {
        shown[name] = MASK;
        if (value !== MASK || hidden[place] === undefined) hidden[place] = value;
      }
    }
    if (Object.keys(shown).length > 0) image[`${place}_properties`] = shown;
  }
  if (Object.keys(hidden).length > 0 && image.state !== 'closed') image['has_private'] = true;
  else delete image['has_private'];
  return hidden;
}

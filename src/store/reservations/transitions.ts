import { done, fail, type Result } from '../../faults.ts';
import {
  heldAs,
  type ReservationCall,
  type ReservationImage,
  type ReservationState,
  type ReservationStep,
  type StepName,
} from '../../protocol/reservations.ts';
import { timestamp } from '../judge.ts';

/**
 * What a reservation may become: one table, and the rules that go with each of its steps. A step that the table does not
 * have is refused, whoever asks; so nothing comes back that was left, and nothing is forgotten that was not confirmed.
 */

/** `none`: there is no record yet. `resume`: the state before the call. `gone`: the record goes. */
type From = ReservationState | 'none';
type To = ReservationState | 'resume' | 'gone';

export const TRANSITIONS: Readonly<Record<StepName, Readonly<Partial<Record<From, To>>>>> = {
  // Intent before effect: the record is there before the plugin is called.
  'join.begin': { none: 'joining' },
  'join.done': { joining: 'active', unknown: 'active' },
  'join.failed': { joining: 'closed', unknown: 'closed' },
  'join.lost': { joining: 'unknown' },
  // The plugin returned an id that another reservation holds.
  'join.orphaned': { joining: 'orphaned', unknown: 'orphaned' },
  'renew.begin': { active: 'renewing', 'renew-failed': 'renewing', unknown: 'renewing' },
  'renew.done': { renewing: 'active' },
  // A renewal that failed, and will be tried again before the real end.
  'renew.retry': { renewing: 'active' },
  'renew.failed': { renewing: 'renew-failed' },
  'modify.begin': { active: 'modifying', 'renew-failed': 'modifying' },
  'modify.done': { modifying: 'resume', unknown: 'resume' },
  'modify.failed': { modifying: 'resume', unknown: 'resume' },
  'modify.lost': { modifying: 'unknown' },
  'leave.begin': {
    active: 'leaving',
    'renew-failed': 'leaving',
    'leave-failed': 'leaving',
    unknown: 'leaving',
    orphaned: 'orphaned',
  },
  // Forget after confirm: only this and a release close what was reserved.
  'leave.done': { leaving: 'closed', unknown: 'closed', orphaned: 'closed' },
  'leave.failed': { leaving: 'leave-failed', unknown: 'leave-failed', orphaned: 'orphaned' },
  'leave.lost': { leaving: 'unknown', orphaned: 'orphaned' },
  'take-over': { none: 'active' },
  // Whoever releases has the turn: what is in transit then was interrupted, and nobody works on it.
  release: {
    joining: 'closed',
    active: 'closed',
    renewing: 'closed',
    modifying: 'closed',
    leaving: 'closed',
    'renew-failed': 'closed',
    'leave-failed': 'closed',
    unknown: 'closed',
    orphaned: 'closed',
  },
  purge: { closed: 'gone' },
};

/** Calls that the history keeps, the newest. */
export const CALLS_MAX = 12;
/** Of an error or a reason, in characters. */
export const ERROR_CHARACTERS_MAX = 1024;

/**
 * An image under construction, without what the judge adds: properties, revision, times of the record. It has all columns
 * from the start, in their order, and what is absent is undefined: as JSON that is the canonical form, and an object that
 * never changes its shape costs a third of one that does.
 */
export type Draft = { -readonly [K in keyof ReservationImage]-?: ReservationImage[K] | undefined };

/** @param key of a record that is not there yet. */
export function draftOf(current: ReservationImage | undefined, key: string): Draft {
  return {
    operation_id: key,
    endpoint: current?.endpoint,
    reservation_id: current?.reservation_id,
    held_as: current?.held_as,
    state: current?.state,
    resume_state: current?.resume_state,
    until: current?.until,
    renew_deadline: current?.renew_deadline,
    join_properties: current?.join_properties,
    sched_properties: current?.sched_properties,
    has_private: current?.has_private,
    attempts: current?.attempts,
    last_error: current?.last_error,
    calls: current?.calls,
    idempotency: current?.idempotency,
    request_hash: current?.request_hash,
    closed_at: current?.closed_at,
    close_reason: current?.close_reason,
    created_at: current?.created_at,
    updated_at: current?.updated_at,
    revision: current?.revision,
  };
}

interface StepParts {
  readonly operation: ReservationCall['operation'];
  readonly verb: string | undefined;
}

/** What the names of steps say. */
const PARTS: Readonly<Record<string, StepParts>> = Object.fromEntries(
  Object.keys(TRANSITIONS).map((name) => {
    const [operation, verb] = name.split('.') as [ReservationCall['operation'], string | undefined];
    return [name, { operation, verb }];
  }),
);

function partsOf(step: StepName): StepParts {
  return PARTS[step] as StepParts;
}

/**
 * The record after a step; undefined when the step takes the record away. Properties are not in it: whoever calls this
 * merges and masks them.
 * @param now RFC 3339.
 */
export function afterStep(current: ReservationImage | undefined, step: ReservationStep, now: string): Result<Draft | undefined> {
  const from: From = current?.state ?? 'none';
  const target = TRANSITIONS[step.step][from];
  if (target === undefined) return refused(current, step);
  if (target === 'gone') return done(undefined);
  const draft = draftOf(current, step.key);
  draft.state = target === 'resume' ? (current?.resume_state ?? 'active') : target;
  const calls = callsAfter(current, step, now);
  if (!calls.ok) return calls;
  if (calls.value.length > 0) draft.calls = calls.value;
  keepTimes(draft, step);
  return done(withRulesOf(draft, from, step, now));
}

/** What a step means beside the state. */
function withRulesOf(draft: Draft, from: From, step: ReservationStep, now: string): Draft {
  const { verb } = partsOf(step.step);
  if (step.endpoint !== undefined) draft.endpoint = step.endpoint;
  if (step.reservationId !== undefined) draft.reservation_id = step.reservationId;
  if (verb === 'begin' && from !== 'none') draft.resume_state = from;
  if (verb === 'done') {
    draft.last_error = undefined;
    draft.attempts = undefined;
    draft.resume_state = undefined;
  } else if (step.error !== undefined) {
    draft.last_error = step.error.slice(0, ERROR_CHARACTERS_MAX);
  }
  if (step.step === 'renew.retry' || step.step === 'renew.failed') draft.attempts = (draft.attempts ?? 0) + 1;
  // Whoever asked to leave does not want it renewed; a failed renewal is off the schedule until somebody looks.
  if (step.step === 'leave.begin' || step.step === 'renew.failed' || draft.state === 'closed' || draft.state === 'orphaned') draft.renew_deadline = undefined;
  if (draft.state === 'closed') {
    draft.closed_at = now;
    draft.close_reason = (step.reason ?? (step.step === 'leave.done' ? 'left' : (step.error ?? step.step))).slice(0, ERROR_CHARACTERS_MAX);
    draft.resume_state = undefined;
  }
  // An id is held from the moment it is known until its reservation closes; an orphan's belongs to somebody else.
  const holds = draft.state !== 'closed' && draft.state !== 'orphaned' && draft.reservation_id !== undefined;
  draft.held_as = holds ? heldAs(draft.endpoint ?? '', draft.reservation_id ?? '') : undefined;
  return draft;
}

function keepTimes(draft: Draft, { untilMs, renewDeadlineMs }: ReservationStep): void {
  if (untilMs !== undefined) draft.until = timestamp(untilMs);
  if (renewDeadlineMs === null) draft.renew_deadline = undefined;
  else if (renewDeadlineMs !== undefined) draft.renew_deadline = timestamp(renewDeadlineMs);
}

/** The history with the call that begins or ends in this step. */
function callsAfter(current: ReservationImage | undefined, step: ReservationStep, now: string): Result<readonly ReservationCall[]> {
  const calls = current?.calls ?? [];
  const { operation, verb } = partsOf(step.step);
  if (verb === undefined) return done(calls);
  if (verb === 'begin') {
    if (operation !== 'join' && current?.reservation_id === undefined) return refused(current, step, 'it has no reservation id');
    const operation_id = step.operationId ?? step.key;
    const { caller } = step;
    const call: ReservationCall = caller === undefined ? { operation, operation_id, started_at: now } : { operation, operation_id, caller, started_at: now };
    return done([...calls.slice(1 - CALLS_MAX), call]);
  }
  const last = calls.at(-1);
  const isOpen = last?.outcome === undefined || last.outcome === 'unknown';
  if (last === undefined || last.operation !== operation || last.operation_id !== step.operationId || !isOpen) {
    return refused(current, step, 'its last call is another one');
  }
  const outcome = verb === 'done' || verb === 'orphaned' ? 'done' : verb === 'lost' ? 'unknown' : 'failed';
  const ended: ReservationCall = { ...last, duration_ms: Math.max(0, Math.round(step.durationMs ?? 0)), outcome };
  const told = step.error === undefined ? ended : { ...ended, error: step.error.slice(0, ERROR_CHARACTERS_MAX) };
  return done([...calls.slice(0, -1), told]);
}

function refused(current: ReservationImage | undefined, { step }: ReservationStep, reason?: string): Result<never> {
  const what = current === undefined ? 'there is no such reservation' : `the reservation is ${current.state}${reason === undefined ? '' : ` and ${reason}`}`;
  return current === undefined ? fail('not-found', what) : fail('wrong-state', `${what}: ${ACTIONS[partsOf(step).operation] ?? step} is not possible now`);
}

const ACTIONS: Readonly<Record<string, string>> = { join: 'a join', renew: 'a renewal', modify: 'a modify', leave: 'a leave', release: 'a release' };

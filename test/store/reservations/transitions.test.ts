import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReservationCall, ReservationImage, ReservationState, StepName } from '../../../src/protocol/reservations.ts';
import { RESERVATION_KIND } from '../../../src/store/reservations/kind.ts';
import { afterStep, CALLS_MAX, draftOf, TRANSITIONS } from '../../../src/store/reservations/transitions.ts';

const STATES: readonly (ReservationState | 'none')[] = [
  'none',
  'joining',
  'active',
  'renewing',
  'modifying',
  'leaving',
  'renew-failed',
  'leave-failed',
  'unknown',
  'orphaned',
  'closed',
];

/** Written down once more, by hand, as somebody who knows substrates would: state before → state after. */
const ALLOWED: Readonly<Record<StepName, string>> = {
  'join.begin': 'none>joining',
  'join.done': 'joining>active unknown>active',
  'join.failed': 'joining>closed unknown>closed',
  'join.lost': 'joining>unknown',
  'join.orphaned': 'joining>orphaned unknown>orphaned',
  'renew.begin': 'active>renewing renew-failed>renewing unknown>renewing',
  'renew.done': 'renewing>active',
  'renew.retry': 'renewing>active',
  'renew.failed': 'renewing>renew-failed',
  'modify.begin': 'active>modifying renew-failed>modifying',
  'modify.done': 'modifying>active unknown>active',
  'modify.failed': 'modifying>active unknown>active',
  'modify.lost': 'modifying>unknown',
  'leave.begin': 'active>leaving renew-failed>leaving leave-failed>leaving unknown>leaving orphaned>orphaned',
  'leave.done': 'leaving>closed unknown>closed orphaned>closed',
  'leave.failed': 'leaving>leave-failed unknown>leave-failed orphaned>orphaned',
  'leave.lost': 'leaving>unknown orphaned>orphaned',
  'take-over': 'none>active',
  release:
    'joining>closed active>closed renewing>closed modifying>closed leaving>closed renew-failed>closed leave-failed>closed unknown>closed orphaned>closed',
  purge: 'closed>gone',
};

const NOW = '2026-11-22T10:00:00Z';
const OPERATION = 'b0000000-0000-4000-8000-000000000001';

function image(state: ReservationState, more: Partial<ReservationImage> = {}): ReservationImage {
  return {
    operation_id: OPERATION,
    endpoint: 'oscars',
    reservation_id: 'r1',
    held_as: 'oscars/r1',
    state,
    created_at: NOW,
    updated_at: NOW,
    revision: 1,
    ...more,
  };
}

function runningCall(step: StepName): readonly ReservationCall[] {
  const operation = step.split('.')[0] as ReservationCall['operation'];
  return [{ operation, operation_id: OPERATION, started_at: NOW }];
}

for (const step of Object.keys(TRANSITIONS) as StepName[]) {
  test(`${step} is possible from the states that the table names, and from no other`, () => {
    for (const state of STATES) {
      const before = state === 'none' ? undefined : image(state, step.endsWith('.begin') ? {} : { calls: runningCall(step) });
      const after = afterStep(before, { key: OPERATION, step, operationId: OPERATION, endpoint: 'oscars', reservationId: 'r1' }, NOW);
      const wanted = ALLOWED[step].split(' ').find((pair) => pair.startsWith(`${state}>`));
      if (wanted === undefined) {
        assert.equal(after.ok, false, `${step} from ${state}`);
        if (!after.ok) assert.equal(after.fault.code, state === 'none' ? 'not-found' : 'wrong-state');
        continue;
      }
      assert(after.ok, `${step} from ${state}: ${after.ok ? '' : after.fault.detail}`);
      assert.equal(after.value === undefined ? 'gone' : after.value.state, wanted.split('>')[1]);
    }
  });
}

test('a record under construction has the columns of its kind in their order, which is the canonical one', () => {
  assert.deepEqual(
    Object.keys(draftOf(undefined, OPERATION)),
    RESERVATION_KIND.columns.map(({ name }) => name),
  );
});

test('the end of a call that is not the last one, or that has ended, changes nothing', () => {
  const other = { key: OPERATION, step: 'leave.done', operationId: 'b0000000-0000-4000-8000-000000000002' } as const;
  assert.equal(afterStep(image('leaving', { calls: runningCall('leave.done') }), other, NOW).ok, false);
  const ended: ReservationCall = { operation: 'leave', operation_id: OPERATION, started_at: NOW, outcome: 'failed' };
  assert.equal(afterStep(image('unknown', { calls: [ended] }), { key: OPERATION, step: 'leave.done', operationId: OPERATION }, NOW).ok, false);
});

test('a late answer settles a call whose outcome was unknown', () => {
  const lost = afterStep(
    image('joining', { calls: runningCall('join.lost') }),
    { key: OPERATION, step: 'join.lost', operationId: OPERATION, error: 'late' },
    NOW,
  );
  assert(lost.ok);
  const settled = afterStep(lost.value as ReservationImage, { key: OPERATION, step: 'join.done', operationId: OPERATION, reservationId: 'r9' }, NOW);
  assert(settled.ok);
  assert.equal(settled.value?.state, 'active');
  assert.equal(settled.value?.held_as, 'oscars/r9');
  assert.equal(settled.value?.last_error, undefined);
});

test('a modify of a reservation that failed to renew leaves it failed to renew', () => {
  const begun = afterStep(image('renew-failed'), { key: OPERATION, step: 'modify.begin', operationId: OPERATION }, NOW);
  assert(begun.ok);
  const done = afterStep(begun.value as ReservationImage, { key: OPERATION, step: 'modify.done', operationId: OPERATION }, NOW);
  assert.equal(done.ok && done.value?.state, 'renew-failed');
});

test('who leaves is not renewed any more, and after a lost modify the renewals go on', () => {
  const renewDeadline = { renew_deadline: '2026-11-22T11:00:00Z' };
  const leaving = afterStep(image('active', renewDeadline), { key: OPERATION, step: 'leave.begin', operationId: OPERATION }, NOW);
  assert.equal(leaving.ok && leaving.value?.renew_deadline, undefined);
  const lost = afterStep(
    image('modifying', { ...renewDeadline, calls: runningCall('modify.lost') }),
    { key: OPERATION, step: 'modify.lost', operationId: OPERATION },
    NOW,
  );
  assert.equal(lost.ok && lost.value?.renew_deadline, renewDeadline.renew_deadline);
});

test('nothing is done to a reservation that has no id yet', () => {
  const { reservation_id, held_as, ...unknown } = image('unknown');
  for (const step of ['renew.begin', 'leave.begin'] as const) {
    const result = afterStep(unknown, { key: OPERATION, step, operationId: OPERATION }, NOW);
    assert.equal(!result.ok && result.fault.code, 'wrong-state');
  }
});

test('the history keeps the newest calls', () => {
  let current = image('active');
  for (let count = 0; count < CALLS_MAX + 5; count++) {
    const operationId = `b0000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
    for (const step of ['renew.begin', 'renew.done'] as const) {
      const result = afterStep(current, { key: OPERATION, step, operationId, durationMs: 1.4 }, NOW);
      assert(result.ok);
      current = result.value as ReservationImage;
    }
  }
  assert.equal(current.calls?.length, CALLS_MAX);
  assert.deepEqual(current.calls?.at(-1), {
    operation: 'renew',
    operation_id: `b0000000-0000-4000-8000-${String(CALLS_MAX + 4).padStart(12, '0')}`,
    started_at: NOW,
    duration_ms: 1,
    outcome: 'done',
  });
});

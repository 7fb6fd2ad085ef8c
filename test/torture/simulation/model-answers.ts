import { isDeepStrictEqual } from 'node:util';
import type { Result } from '../../../src/faults.ts';
import type { BulkItem, Command, Replay, Stored } from '../../../src/protocol/commands.ts';
import type { ReservationCall } from '../../../src/protocol/reservations.ts';
import type { Bound } from './actual-changes.ts';
import type { ModelStored } from './model-inventory.ts';
import type { SteppedModel } from './model-reservations.ts';
import { Mismatch, type ModelChange, type Verdict } from './model-state.ts';

/** Compares what the owner answered with what the model would have answered. @throws Mismatch */

export function describe(command: Command): string {
  return `${command.kind} ${JSON.stringify(command.input, (_, value: unknown) => (value instanceof Uint8Array ? '…' : value))}`;
}

export function expect(command: Command, verdict: Verdict<unknown>, answer: Result<unknown> | undefined): void {
  if (answer === undefined) return;
  const expected = verdict.ok ? 'done' : verdict.code;
  const found = answer.ok ? 'done' : answer.fault.code;
  if (found !== expected) throw new Mismatch(`${describe(command)} was answered ${JSON.stringify(answer)}, expected ${expected}`);
}

export function expectReplay(command: Command, verdict: Verdict<Replay>, answer: Result<unknown>): void {
  expect(command, verdict, answer);
  if (!verdict.ok || !answer.ok) return;
  const { replay } = answer.value as Replay;
  const plain = { ...replay, body: Buffer.from(replay.body).toString('utf8') };
  const expected = { ...verdict.value.replay, body: Buffer.from(verdict.value.replay.body).toString('utf8') };
  if (!isDeepStrictEqual(plain, expected))
    throw new Mismatch(`${describe(command)} got the earlier answer ${JSON.stringify(plain)}, expected ${JSON.stringify(expected)}`);
}

export function expectAnswer(command: Command, verdict: Verdict<unknown>, bound: ReadonlyMap<ModelChange, Bound>, answer: Result<unknown>): void {
  expect(command, verdict, answer);
  if (!verdict.ok || !answer.ok) return;
  if (command.kind === 'bulk.partial') {
    expectItems(command, verdict.value as readonly Verdict<ModelStored>[], bound, (answer.value as { items: readonly BulkItem[] }).items);
    return;
  }
  if (command.kind === 'reservation.step') {
    const stepped = verdict.value as SteppedModel;
    const { revision = 0 } = 'change' in stepped ? (bound.get(stepped.change) ?? {}) : {};
    const expected = 'existing' in stepped ? stepped : { key: command.input.key, revision, ...entryIn(stepped.change) };
    if (!isDeepStrictEqual(answer.value, expected))
      throw new Mismatch(`${describe(command)} was answered ${JSON.stringify(answer.value)}, expected ${JSON.stringify(expected)}`);
    return;
  }
  const expected = (verdict.value as readonly ModelStored[]).map((each) => storedOf(each, bound));
  const { stored } = answer.value as { stored: readonly Stored[] };
  if (!isDeepStrictEqual(stored, expected))
    throw new Mismatch(`${describe(command)} was answered ${JSON.stringify(stored)}, expected ${JSON.stringify(expected)}`);
}

/** What the main thread's book gets of a step, from what the model thinks of the record. */
function entryIn({ key, after }: ModelChange): object {
  if (after === undefined) return {};
  const { fields } = after;
  const last = (fields['calls'] as readonly ReservationCall[] | undefined)?.at(-1);
  const timeOf = (name: string): number | undefined => (fields[name] === undefined ? undefined : Date.parse(fields[name] as string));
  return {
    entry: {
      key,
      endpoint: fields['endpoint'],
      reservationId: fields['reservation_id'],
      state: fields['state'],
      untilMs: timeOf('until') ?? 0,
      renewDeadlineMs: timeOf('renew_deadline'),
      isRetry: fields['attempts'] !== undefined || (last?.operation === 'renew' && last.outcome === 'failed'),
      closedMs: timeOf('closed_at'),
    },
  };
}

function storedOf({ change, created }: ModelStored, bound: ReadonlyMap<ModelChange, Bound>): Stored {
  const { key = change.key, revision = 0 } = bound.get(change) ?? {};
  return { key, revision, created };
}

function expectItems(
  command: Extract<Command, { kind: 'bulk.partial' }>,
  verdicts: readonly Verdict<ModelStored>[],
  bound: ReadonlyMap<ModelChange, Bound>,
  items: readonly BulkItem[],
): void {
  for (const [index, verdict] of verdicts.entries()) {
    const item = items[index];
    const found = item === undefined ? 'nothing' : 'fault' in item ? item.fault.code : 'done';
    if (found !== (verdict.ok ? 'done' : verdict.code))
      throw new Mismatch(`item ${index} of ${describe(command)} came to ${JSON.stringify(item)}, expected ${JSON.stringify(verdict)}`);
    if (!verdict.ok || command.input.options.dryRun) continue;
    const expected = storedOf(verdict.value, bound);
    if (!isDeepStrictEqual(item, expected))
      throw new Mismatch(`item ${index} of ${describe(command)} is ${JSON.stringify(item)}, expected ${JSON.stringify(expected)}`);
  }
}

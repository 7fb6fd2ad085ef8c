import { GRACE_MS } from '../agent/plugin-host/endpoint-host.ts';
import type { PluginCall, PluginFeatures, PluginOutcome, Properties, RunningCall } from '../protocol/plugin-calls.ts';
import { type Bench, CheckFailure, type HeldReservation, inWords } from './bench.ts';

/** The checks of the conformance kit, in their order: each may rest on what those before it have made. */

export interface Check {
  readonly name: string;
  readonly needs?: keyof PluginFeatures;
  /** @returns a remark, or nothing. @throws CheckFailure */
  readonly run: (bench: Bench) => Promise<string | undefined>;
}

const CONCURRENT_JOINS = 8;
/** So short that every call that waits for anything exceeds it. */
const SHORT_LIMIT_MS = 1;
const UNKNOWN_ID = 'holdfast-never-joined-this';
const LONG_VALUE_CHARS = 8192;

/** What callers really send: other scripts, marks of shells and SQL, line feeds, nothing, much. */
const ODD_PROPERTIES: Properties = {
  'odd.unicode': 'Übertragung 网络 🛰 e\u0301',
  'odd.shell': `$(reboot) \`id\` "double" 'single' ; | & \\`,
  'odd.lines': 'one\ntwo\r\nthree\ttab',
  'odd.empty': '',
  'odd.long': 'x'.repeat(LONG_VALUE_CHARS),
  'odd name with spaces': 'yes',
};

export const CHECKS: readonly Check[] = [
  { name: 'join makes a reservation with an id of its own', run: joinTwice },
  { name: 'texts of any kind in the properties of a join do no harm', run: joinWithOddTexts },
  { name: 'status tells about a reservation', run: (bench) => nothingToAdd(bench.status(first(bench))) },
  { name: 'modify works, and keeps the reservation id', run: (bench) => nothingToAdd(bench.modify(first(bench))) },
  { name: 'renew works, and keeps the reservation id', run: (bench) => nothingToAdd(bench.renew(first(bench))) },
  { name: 'renew works again with what the last one returned', run: renewAgain },
  { name: 'a renewal that is sent twice with one operation id works', run: resendRenewal },
  { name: 'find finds a join by its operation id', needs: 'find', run: findJoined },
  { name: 'find knows nothing of a join that never was', needs: 'find', run: findNothing },
  { name: 'list has what was joined', needs: 'list', run: listJoined },
  { name: 'calls at the same time do not disturb each other', run: concurrently },
  { name: 'a call whose signal is raised ends, and its thread goes on', run: endsWhenSignalled },
  { name: 'a reservation id that never was gets an answer', run: unknownId },
  { name: 'reservations outlive a restart of the plugin', run: restart },
  { name: 'leave ends a reservation', run: leaveFirst },
  { name: 'leaving what is gone already is no failure', run: leaveTwice },
  { name: 'list no longer has what was left', needs: 'list', run: listLeft },
];

async function joinTwice(bench: Bench): Promise<string | undefined> {
  await bench.join();
  await bench.join();
  return undefined;
}

async function joinWithOddTexts(bench: Bench): Promise<string | undefined> {
  const reservation = await bench.join({ ...bench.callerProperties, ...ODD_PROPERTIES });
  await bench.renew(reservation);
  await bench.leave(reservation);
  return undefined;
}

async function renewAgain(bench: Bench): Promise<string | undefined> {
  const reservation = first(bench);
  const before = JSON.stringify(reservation.schedProperties);
  await bench.renew(reservation);
  await bench.status(reservation);
  return before === JSON.stringify(reservation.schedProperties) ? undefined : 'it handed on new properties, and they work';
}

/** As after a crash: the properties are those of before the first attempt. */
async function resendRenewal(bench: Bench): Promise<string | undefined> {
  const reservation = first(bench);
  const operationId = bench.newOperationId();
  const before = reservation.schedProperties;
  await bench.renew(reservation, operationId);
  reservation.schedProperties = before;
  await bench.renew(reservation, operationId);
  await bench.status(reservation);
  return undefined;
}

async function findJoined(bench: Bench): Promise<string | undefined> {
  const { operationId, id } = first(bench);
  const found = await bench.find(operationId);
  if (found === id) return undefined;
  if (found !== undefined) throw new CheckFailure(`find of the join of ${id} returned the id ${found}`);
  // Without a substrate there is nothing to be found: such a plugin takes any id for its own.
  const outcome = await bench.call(statusOf(bench, UNKNOWN_ID));
  if (outcome.type === 'returned' && outcome.answer.status === 0) return 'nothing is ever found: this plugin takes any id for its own';
  throw new CheckFailure(`find knows nothing of the join of ${id}, which went well: after a crash it would be lost`);
}

async function findNothing(bench: Bench): Promise<string | undefined> {
  const found = await bench.find(bench.newOperationId());
  if (found !== undefined) throw new CheckFailure(`find of an operation id that was never used returned the id ${found}`);
  return undefined;
}

async function listJoined(bench: Bench): Promise<string | undefined> {
  const listed = await bench.list();
  for (const { id } of bench.held) if (!listed.includes(id)) throw new CheckFailure(`list does not have ${id}, which was joined`);
  return `${listed.length} in all`;
}

async function concurrently(bench: Bench): Promise<string | undefined> {
  const reservations = await all(Array.from({ length: CONCURRENT_JOINS }, () => bench.join()));
  await all(reservations.map((reservation, index) => (index % 2 === 0 ? bench.status(reservation) : bench.renew(reservation))));
  await all(reservations.map((reservation) => bench.leave(reservation)));
  return undefined;
}

/** Status, because it leaves nothing behind that nobody knows of. */
async function endsWhenSignalled(bench: Bench): Promise<string | undefined> {
  const { id, schedProperties } = first(bench);
  const running = bench.run(statusOf(bench, id, schedProperties), SHORT_LIMIT_MS);
  const { outcome, afterSignalMs } = await timed(running);
  if (afterSignalMs !== undefined && afterSignalMs >= GRACE_MS) {
    throw new CheckFailure(`status did not end within ${GRACE_MS} ms after its signal was raised, and its thread had to be ended; use context.signal`);
  }
  // After the signal any answer will do, also that the outcome is not known.
  if (outcome.type === 'died' || (outcome.type === 'junk' && afterSignalMs === undefined)) throw new CheckFailure(`status ${inWords(outcome)}`);
  await bench.status(first(bench));
  return afterSignalMs === undefined ? 'it was too quick to be told to end: try it with a slow substrate as well' : undefined;
}

async function timed(running: RunningCall): Promise<{ readonly outcome: PluginOutcome; readonly afterSignalMs: number | undefined }> {
  let signalledAtMs: number | undefined;
  void running.overdue.then(() => {
    signalledAtMs = performance.now();
  });
  const outcome = await running.ended;
  return { outcome, afterSignalMs: signalledAtMs === undefined ? undefined : performance.now() - signalledAtMs };
}

async function unknownId(bench: Bench): Promise<string | undefined> {
  const input = { reservationId: UNKNOWN_ID, callerProperties: bench.callerProperties, schedProperties: {} };
  const calls: readonly PluginCall[] = [
    statusOf(bench, UNKNOWN_ID),
    { operation: 'modify', operationId: bench.newOperationId(), input },
    {
      operation: 'renew',
      operationId: bench.newOperationId(),
      input: { reservationId: UNKNOWN_ID, untilMs: bench.untilMs, joinProperties: bench.callerProperties, schedProperties: {} },
    },
    { operation: 'leave', operationId: bench.newOperationId(), input },
  ];
  for (const call of calls) {
    const outcome = await bench.call(call);
    if (outcome.type !== 'returned' && outcome.type !== 'threw') throw new CheckFailure(`${call.operation} of an id that never was ${inWords(outcome)}`);
  }
  return undefined;
}

async function restart(bench: Bench): Promise<string | undefined> {
  await bench.stop();
  const started = await bench.start();
  if (!started.ok) throw new CheckFailure(started.fault.detail);
  for (const reservation of bench.held) await bench.status(reservation);
  await bench.renew(first(bench));
  return undefined;
}

async function leaveFirst(bench: Bench): Promise<string | undefined> {
  await bench.leave(first(bench));
  return undefined;
}

async function leaveTwice(bench: Bench): Promise<string | undefined> {
  const reservation = await bench.join();
  await bench.leave(reservation);
  await bench.leave(reservation);
  return undefined;
}

async function listLeft(bench: Bench): Promise<string | undefined> {
  const reservation = await bench.join();
  await bench.leave(reservation);
  if ((await bench.list()).includes(reservation.id)) throw new CheckFailure(`list still has ${reservation.id}, which was left`);
  return undefined;
}

function statusOf(bench: Bench, reservationId: string, schedProperties: Properties = {}): PluginCall {
  return { operation: 'status', operationId: bench.newOperationId(), input: { reservationId, schedProperties } };
}

function first(bench: Bench): HeldReservation {
  const [reservation] = bench.held;
  if (reservation === undefined) throw new CheckFailure('there is no reservation left to try it with');
  return reservation;
}

async function nothingToAdd(work: Promise<void>): Promise<undefined> {
  await work;
  return undefined;
}

/** All of them have ended before the first failure is told: a check leaves nothing running. */
async function all<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  const settled = await Promise.allSettled(work);
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

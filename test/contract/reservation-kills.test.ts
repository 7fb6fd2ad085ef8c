import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Behaviour, Faults } from '../../plugins/simulator/behaviour.ts';
import type { Substrate } from '../../plugins/simulator/substrate.ts';
import type { ReservationImage } from '../../src/protocol/reservations.ts';
import type { GatePoint } from '../support/gate.ts';
import { assertBothSides, emptyServer, KILL_ENDPOINTS, type KillEndpoint, type KillSite, killSite, settledSite } from '../support/kill-site.ts';
import type { ReservationServer } from '../support/reservation-server.ts';
import type { Answer } from '../support/server-process.ts';

/**
 * SIGKILL in the middle of every operation, at every step, and then a comparison of what the server says with what the
 * substrate has. The substrate is in this process and sees every server die. One kill ends twelve operations at once: a
 * join, a leave, a modify and a renewal of each endpoint, all at the same step.
 */

const OPERATIONS = ['join', 'leave', 'modify', 'renew'] as const;
type Operation = (typeof OPERATIONS)[number];
const ALL = KILL_ENDPOINTS.length * OPERATIONS.length;
/** What is late is done after the server has died, and before or after it has come back. */
const LATE_MS = 1000;

/** One operation that is cut off. */
interface Cut {
  readonly endpoint: KillEndpoint;
  readonly operation: Operation;
  /** Of a join: its mark among the properties. */
  readonly mark: string;
  /** Of the others: what they were made on. */
  readonly before: ReservationImage | undefined;
  readonly answer: Promise<Answer | undefined>;
}

test('a server that is killed in the middle of operations loses, leaks and repeats none', async (context) => {
  const site = await killSite(context, { tick: '1m', schedulePeriod: '1h', renewAdvanceTicks: 1 });
  await site.server.start();
  const kills: readonly (readonly [string, Kill])[] = [
    ['before the plugin has called its substrate', { gate: 'entered', isDone: false }],
    ['while the substrate works, which then drops the call', { faults: { hangNext: KILL_ENDPOINTS.length }, isDone: false }],
    ['while the substrate works, which ends the work later', { faults: { delayMs: LATE_MS }, isDone: true }],
    ['while a substrate works that does not know operation ids', { faults: { delayMs: LATE_MS }, isDone: true, behaviour: { idempotent: false } }],
    ['when the substrate has done the work and not answered', { faults: { replyDelayMs: LATE_MS }, isDone: true }],
    [
      'when the substrate has put a new resource in the place of a renewed one and not answered',
      { faults: { replyDelayMs: LATE_MS }, isDone: true, behaviour: { breakMake: true } },
    ],
    ['when the answer has come to the plugin', { gate: 'answered', isDone: true }],
    ['again, before it has found out what became of them', { gate: 'answered', isDone: true, again: 'entered' }],
  ];
  for (const [when, kill] of kills) await context.test(when, () => killed(site, kill));
  await context.test('while it writes down what it is going to do', () => killedWhileBeginning(site));
  await context.test('while it writes down what became of them', (inner) => killedWhileWriting(site, inner, 0));
  await context.test('while it writes down what became of some, and has answered the others', (inner) => killedWhileWriting(site, inner, ALL / 2));
});

interface Kill {
  /** Where the calls are held: at a point of the plugin, or by the substrate. */
  readonly gate?: GatePoint;
  readonly faults?: Faults;
  readonly behaviour?: Behaviour;
  /** Whether the substrate does the work, sooner or later. */
  readonly isDone: boolean;
  /** A second kill, when the questions and renewals of the recovery are at this point. */
  readonly again?: GatePoint;
}

async function killed(site: KillSite, { gate: point, faults, behaviour = {}, isDone, again }: Kill): Promise<void> {
  const { substrate, gate, server } = site;
  gate.open();
  substrate.behave({});
  const prepared = await prepare(site);
  if (point !== undefined) gate.close(OPERATIONS, point);
  if (faults !== undefined) substrate.behave({ ...behaviour, operations: Object.fromEntries(OPERATIONS.map((operation) => [operation, faults])) });
  const callsBefore = callCount(substrate);
  const startedMs = performance.now();
  const cuts = begin(site, prepared);
  if (point !== undefined) await gate.reached(ALL);
  else
    await until(
      () => callCount(substrate) === callsBefore + ALL && (faults?.replyDelayMs === undefined || isAllDone(substrate, prepared)),
      'the substrate has all calls',
    );

  await server.kill();
  for (const { answer } of cuts) assert.equal(await answer, undefined, 'nobody heard an answer');
  // The plugins' processes die with their server, and nothing of them goes on.
  await gate.reached(0, 1000);
  substrate.behave(behaviour);
  if (again !== undefined) {
    gate.close(['find', 'renew'], again);
    await server.start();
    await gate.reached(KILL_ENDPOINTS.length + KILL_ENDPOINTS.filter(({ finds }) => finds).length);
    await server.kill();
    await gate.reached(0, 1000);
  }
  gate.open();
  await server.start();
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, startedMs + LATE_MS + 100 - performance.now())));
  const after = await settledSite(site);
  for (const cut of cuts) assertCut(site, cut, after, isDone);
  assertBothSides(site, after);
  await cleanUp(site, cuts);
}

/** Either nothing has happened, or it is written down that something was about to. */
async function killedWhileBeginning(site: KillSite): Promise<void> {
  const { substrate, gate, server } = site;
  gate.open();
  substrate.behave({});
  const prepared = await prepare(site);
  gate.close(OPERATIONS, 'entered');
  const journal = endOfJournal(server);
  const cuts = begin(site, prepared);
  for (const startedMs = performance.now(); endOfJournal(server) === journal; ) {
    assert.ok(performance.now() - startedMs < 5000, 'intents are written');
    await new Promise((resolve) => setImmediate(resolve));
  }
  await server.kill();
  for (const { answer } of cuts) assert.equal(await answer, undefined);
  await gate.reached(0, 1000);
  gate.open();
  await server.start();
  const after = await settledSite(site);
  for (const cut of cuts) {
    const wasJoined = after.some(({ join_properties }) => join_properties?.['mark'] === cut.mark);
    if (cut.operation === 'join' && !wasJoined) continue;
    const image = imageOf(cut, after);
    if (image.calls?.length !== cut.before?.calls?.length) assertCut(site, cut, after, false);
    else assert.deepEqual(image, cut.before);
  }
  assertBothSides(site, after);
  await cleanUp(site, []);
}

/** The plugins answer all at once, and the server dies while it writes that down. What it has answered must be there. */
async function killedWhileWriting(site: KillSite, context: TestContext, answeredBefore: number): Promise<void> {
  const { substrate, gate, server } = site;
  gate.open();
  substrate.behave({});
  const prepared = await prepare(site);
  gate.close(OPERATIONS, 'answered');
  const cuts = begin(site, prepared);
  await gate.reached(ALL);
  let heard = 0;
  for (const { answer } of cuts) void answer.then(() => heard++);
  gate.letPass(answeredBefore);
  await until(() => heard === answeredBefore, 'some calls are answered');
  const journal = endOfJournal(server);
  gate.open();
  await new Promise((resolve) => setImmediate(resolve));
  // Without a pause, so that the kill comes before the answers have gone out; nothing else happens in this process meanwhile.
  const startedMs = performance.now();
  while (endOfJournal(server) === journal) assert.ok(performance.now() - startedMs < 5000, 'outcomes are written');
  await server.kill();
  const answers = await Promise.all(cuts.map(({ answer }) => answer));
  await server.start();
  const after = await settledSite(site);
  let journaled = 0;
  for (const [index, cut] of cuts.entries()) {
    const image = imageOf(cut, after);
    const isJournaled = image.calls?.at(-1)?.outcome === 'done' && image.state !== 'unknown';
    if (isJournaled) journaled += 1;
    const answer = answers[index];
    if (answer === undefined) {
      // Written or not, it is what it would be after a kill a moment earlier or later.
      const { operation, endpoint } = cut;
      const written = operation === 'leave' ? 'closed' : 'active';
      assert.ok([written, stateAfter(cut, true)].includes(image.state), `${operation} of ${endpoint.name} is ${image.state}`);
    } else {
      assert.equal(answer.status, 200, answer.text);
      assert.equal(image.state, cut.operation === 'leave' ? 'closed' : 'active', `${cut.operation} of ${cut.endpoint.name} was answered`);
    }
  }
  context.diagnostic(`of ${ALL} operations ${answers.filter((answer) => answer !== undefined).length} were answered, ${journaled} are in the journal as done`);
  assertBothSides(site, after);
  await cleanUp(site, cuts);
}

type Prepared = ReadonlyMap<string, ReservationImage>;

/** Makes what is to be left, modified and renewed. */
async function prepare({ server }: KillSite): Promise<Prepared> {
  const wanted = KILL_ENDPOINTS.flatMap((endpoint) => OPERATIONS.filter((operation) => operation !== 'join').map((operation) => ({ endpoint, operation })));
  const made = await Promise.all(
    wanted.map(async ({ endpoint: { name }, operation }): Promise<[string, ReservationImage]> => {
      const joined = await server.post(`/join/${name}`, { for: operation });
      assert.equal(joined.json.status, 0, joined.text);
      const { json } = await server.process.request('GET', `/reservations/${name}/${joined.json.resId.id}`);
      return [`${operation} ${name}`, json];
    }),
  );
  return new Map(made);
}

function begin({ server }: KillSite, prepared: Prepared): readonly Cut[] {
  return KILL_ENDPOINTS.flatMap((endpoint) =>
    OPERATIONS.map((operation): Cut => {
      const before = prepared.get(`${operation} ${endpoint.name}`);
      const mark = randomUUID();
      const at = `${endpoint.name}/${before?.reservation_id}`;
      if (operation === 'join') return { endpoint, operation, mark, before, answer: joinAgain(server, endpoint, mark) };
      const path = operation === 'renew' ? `/reservations/${at}/renew` : `/${operation}/${at}`;
      return { endpoint, operation, mark, before, answer: server.tryPost(path, { changed: mark }) };
    }),
  );
}

function joinAgain(server: ReservationServer, { name }: KillEndpoint, mark: string): Promise<Answer | undefined> {
  return server.tryPost(`/join/${name}`, { mark }, { 'idempotency-key': mark });
}

function imageOf({ before, mark, operation, endpoint }: Cut, after: readonly ReservationImage[]): ReservationImage {
  const images = after.filter(({ operation_id, join_properties }) =>
    before === undefined ? join_properties?.['mark'] === mark : operation_id === before.operation_id,
  );
  assert.equal(images.length, 1, `the ${operation} of ${endpoint.name} is known once`);
  return images[0] as ReservationImage;
}

/** What is to be read after the restart, when the outcome is not in the journal. */
function stateAfter({ operation, endpoint }: Cut, isDone: boolean): string {
  if (operation === 'renew') return 'active';
  if (operation === 'join' && endpoint.finds) return isDone ? 'active' : 'closed';
  return 'unknown';
}

function assertCut({ substrate }: KillSite, cut: Cut, after: readonly ReservationImage[], isDone: boolean): void {
  const { operation, endpoint, before } = cut;
  const what = `the ${operation} of ${endpoint.name}`;
  const image = imageOf(cut, after);
  assert.equal(image.state, stateAfter(cut, isDone), what);
  const lines = [...substrate.ledger.resources({ operationId: image.operation_id })].filter(({ joinOperationId }) => joinOperationId === image.operation_id);
  const standing = lines.filter(({ state }) => state === 'provisioned');
  switch (operation) {
    case 'join':
      assert.equal(lines.length, isDone ? 1 : 0, what);
      assert.equal(image.reservation_id, endpoint.finds && isDone ? lines[0]?.reservationId : undefined, what);
      return;
    case 'leave':
      assert.equal(standing.length, isDone ? 0 : 1, what);
      assert.equal(image.renew_deadline, undefined, 'who wanted to leave is not renewed');
      return;
    case 'modify':
      assert.equal(standing[0]?.properties['changed'], isDone ? cut.mark : undefined, what);
      assert.equal(image.renew_deadline, before?.renew_deadline, 'renewals go on after a lost modify');
      return;
    default:
      assert.equal(standing.length, 1, what);
      assert.ok(Date.parse(image.until ?? '') > Date.parse(before?.until ?? ''), what);
      assert.equal(image.calls?.length, 2, `${what} is one renewal, however often it was sent`);
  }
}

/** Everything unknown is listed as such and can be settled; a repeated join joins nothing; and then both sides are empty. */
async function cleanUp(site: KillSite, cuts: readonly Cut[]): Promise<void> {
  const { server, substrate } = site;
  const joins = substrate.ledger.calls.counts()['join.begun'];
  for (const cut of cuts.filter(({ operation }) => operation === 'join')) {
    const again = await joinAgain(server, cut.endpoint, cut.mark);
    assert.ok(again?.status === 200 || again?.json.type?.includes('outcome-unknown'), again?.text);
  }
  assert.equal(substrate.ledger.calls.counts()['join.begun'], joins, 'a join with the same idempotency key joins nothing');

  const unknown = await server.reservations('/unknown');
  const all = await server.reservations('?state=!closed');
  assert.deepEqual(
    unknown.map(({ operation_id }) => operation_id).sort(),
    all
      .filter(({ state }) => state === 'unknown')
      .map(({ operation_id }) => operation_id)
      .sort(),
  );
  for (const operationId of await emptyServer(site)) {
    for (const { id } of [...substrate.ledger.resources({ operationId })]) substrate.ledger.leave(randomUUID(), id, { idempotent: true, breakMake: false });
  }
  assert.equal(substrate.ledger.states().provisioned, 0);
}

function callCount({ ledger }: Substrate): number {
  const counts = ledger.calls.counts();
  return OPERATIONS.reduce((sum, operation) => sum + (counts[`${operation}.begun`] ?? 0), 0);
}

/** Whether the substrate has done all that was asked for since `prepared`. */
function isAllDone({ ledger }: Substrate, prepared: Prepared): boolean {
  const provisioned = [...ledger.resources({ state: 'provisioned' })];
  const changed = provisioned.filter(({ renewals, modifications }) => renewals + modifications > 0);
  const left = [...prepared].filter(
    ([name, { operation_id }]) => name.startsWith('leave') && !provisioned.some(({ joinOperationId }) => joinOperationId === operation_id),
  );
  const joined = provisioned.filter(({ joinOperationId }) => ![...prepared.values()].some(({ operation_id }) => operation_id === joinOperationId));
  return changed.length + left.length + joined.length === ALL;
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (const startedMs = performance.now(); !holds(); ) {
    if (performance.now() - startedMs > 5000) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Changes with every write. */
function endOfJournal(server: ReservationServer): string {
  const folder = join(server.directory, 'journal');
  const newest = join(folder, readdirSync(folder).sort().at(-1) ?? '');
  return `${newest} ${statSync(newest).size}`;
}

import { join } from 'node:path';
import type { ReservationImage } from '../../src/protocol/reservations.ts';
import { type AgentLaunch, AgentServer, endpoint } from '../agent-server.ts';
import { type Figure, median, quantile } from '../figure.ts';
import { callWell } from '../http.ts';
import { RunningJoins, runJoins } from '../load/joins.ts';
import { appendInGroups } from '../peers/append.ts';
import { atRest, processorMsOf } from '../process-facts.ts';
import type { Site } from '../site.ts';

const STORM = 'storm';
const OTHER = 'other';
/** Renewals under way at once: the more there are, the more of them share a flush to the disk. */
const RENEWALS_AT_ONCE = 128;
const CONNECTIONS_OTHER = 8;
const LIMIT_SECONDS = 0.4;
const GOAL_SECONDS = 10;
const GOAL_JOIN_P99_MS = 100;

// Renewals get half of the calls when nothing else is configured.
const ENDPOINTS = [endpoint(STORM, { concurrentCalls: 2 * RENEWALS_AT_ONCE, concurrentRenewals: RENEWALS_AT_ONCE }), endpoint(OTHER)];

/** No tick comes before everything is there and due: it comes when the tick is made short. */
export const STORM_LAUNCH: AgentLaunch = { tick: '12h', endpoints: ENDPOINTS };
const SHORT_TICK = '2s';

export interface Storm {
  /** When the first renewal began, in epoch milliseconds. */
  readonly startMs: number;
  /** When the last one had ended. */
  readonly endMs: number;
  readonly takenOverSeconds: number;
  /** Of the server, for each renewal and each join. */
  readonly processorUs: number;
  readonly joinTimesMs: readonly number[];
  readonly joinP99MsBefore: number;
  readonly limitSeconds: number;
}

/** Many reservations that are due in one tick, and joins on another endpoint meanwhile. */
export async function measureRenewStorm(site: Site): Promise<readonly Figure[]> {
  const { reservations } = site.options;
  const server = await AgentServer.start(site, STORM_LAUNCH);
  try {
    const storm = await letItStorm(site, server);
    const { joinTimesMs } = storm;
    const seconds = (storm.endMs - storm.startMs) / 1000;
    return [
      {
        figure: 'renew-storm',
        value: seconds,
        unit: 's',
        better: 'lower',
        limit: { what: `append and fdatasync of groups of ${RENEWALS_AT_ONCE} such reservations, each twice`, value: storm.limitSeconds },
        goal: GOAL_SECONDS,
        runs: 1,
        details: {
          reservations,
          renewalsAtOnce: RENEWALS_AT_ONCE,
          perSecond: reservations / seconds,
          processorUs: storm.processorUs,
          takenOverSeconds: storm.takenOverSeconds,
        },
      },
      {
        figure: 'renew-storm-join',
        value: quantile(joinTimesMs, 0.99),
        unit: 'ms',
        better: 'lower',
        limit: { what: 'the same joins before the storm', value: storm.joinP99MsBefore },
        goal: GOAL_JOIN_P99_MS,
        runs: joinTimesMs.length,
        details: {
          connections: CONNECTIONS_OTHER,
          p50Ms: median(joinTimesMs),
          maxMs: quantile(joinTimesMs, 1),
          perSecond: joinTimesMs.length / seconds,
        },
      },
    ];
  } finally {
    await server.end();
  }
}

/** Takes reservations over that are due, lets a tick come, and joins on the other endpoint before and meanwhile. */
export async function letItStorm(site: Site, server: AgentServer): Promise<Storm> {
  const { reservations, loadSeconds } = site.options;
  const takenOverSeconds = await takeOver(server, reservations, Date.now());
  await atRest(server.pid);
  const load = { endpoint: OTHER, connections: CONNECTIONS_OTHER };
  const before = await runJoins(site, server, { ...load, seconds: loadSeconds });
  const joins = new RunningJoins(site, server, load);
  await joins.begun();
  const beforeMs = processorMsOf(server.pid);
  server.reconfigure({ tick: SHORT_TICK, endpoints: ENDPOINTS });
  await untilRenewed(server, reservationId(reservations - 1));
  const processorMs = processorMsOf(server.pid) - beforeMs;
  const { samples } = await joins.stop();
  const storm = await renewalsOf(server, reservations);
  const during = samples.filter(({ endedMs, tookMs }) => endedMs >= storm.startMs && endedMs - tookMs <= storm.endMs);
  if (during.length === 0) throw new Error('nothing was joined while it stormed');
  await atRest(server.pid);
  return {
    ...storm,
    takenOverSeconds,
    processorUs: (processorMs * 1000) / (reservations + samples.length),
    joinTimesMs: during.map(({ tookMs }) => tookMs),
    joinP99MsBefore: before.p99Ms,
    limitSeconds: await appendSeconds(site, server, reservations),
  };
}

function reservationId(index: number): string {
  return `storm-${index}`;
}

/** All are due at the same time, but for the last, which is a millisecond later: what ends last is renewed last. */
async function takeOver(server: AgentServer, count: number, dueMs: number): Promise<number> {
  const list = Array.from({ length: count }, (_, index) => ({
    status: 0,
    errorMsg: null,
    name: STORM,
    reservationId: reservationId(index),
    deadline: index === count - 1 ? dueMs : dueMs - 1,
    joinProperties: { 'unit.vlan.tag': String(index), 'unit.rate': '10000000' },
    schedProperties: { key1: 'val1', key2: 'val2', key3: 'string35' },
  }));
  const body = JSON.stringify({ list });
  const startMs = performance.now();
  const answer = await callWell(server.port, {
    method: 'POST',
    path: '/reservations/import',
    headers: { ...server.headers, 'Content-Type': 'application/json' },
    body,
  });
  const { taken } = JSON.parse(answer.body.toString()) as { taken: number };
  if (taken !== count) throw new Error(`${taken} of ${count} reservations were taken over`);
  return (performance.now() - startMs) / 1000;
}

const POLL_MS = 100;
const STORM_LIMIT_MS = 600_000;

/** Reads one record again and again, which costs the server next to nothing. */
async function untilRenewed(server: AgentServer, id: string): Promise<void> {
  for (const endMs = performance.now() + STORM_LIMIT_MS; ; ) {
    const { body } = await callWell(server.port, { path: `/reservations/${STORM}/${id}`, headers: server.headers });
    if (isRenewed(JSON.parse(body.toString()) as ReservationImage)) return;
    if (performance.now() > endMs) throw new Error(`${id} was not renewed in time`);
    await sleep(POLL_MS);
  }
}

const FIELDS = 'fields=endpoint,state,calls,updated_at';

/** When the first renewal began and the last one ended, as the records say. Waits for those that end after the last. */
async function renewalsOf(server: AgentServer, count: number): Promise<{ readonly startMs: number; readonly endMs: number }> {
  for (const limitMs = performance.now() + STORM_LIMIT_MS; ; ) {
    const images = (await server.reservations(FIELDS)).map((line) => JSON.parse(line) as ReservationImage).filter((image) => image.endpoint === STORM);
    const renewed = images.filter(isRenewed);
    if (renewed.length === count) {
      const times = renewed.map(({ calls, updated_at }) => ({ startMs: Date.parse(calls?.[0]?.started_at ?? ''), endMs: Date.parse(updated_at) }));
      return {
        startMs: times.reduce((least, { startMs }) => Math.min(least, startMs), Number.POSITIVE_INFINITY),
        endMs: times.reduce((most, { endMs }) => Math.max(most, endMs), 0),
      };
    }
    if (performance.now() > limitMs) throw new Error(`${renewed.length} of ${count} reservations were renewed`);
    await sleep(POLL_MS);
  }
}

/** Once, and well: a second renewal or a failed one would be another storm than the one that is measured. */
function isRenewed({ state, calls = [] }: ReservationImage): boolean {
  if (calls.length > 1 || calls.some(({ outcome = 'done' }) => outcome !== 'done')) throw new Error(`a renewal went wrong: ${JSON.stringify(calls)}`);
  return state === 'active' && calls.length === 1;
}

/** Intent and outcome of each renewal, and at most so many at once. */
async function appendSeconds(site: Site, server: AgentServer, count: number): Promise<number> {
  const [image = '{}'] = await server.reservations(`endpoint=${STORM}&limit=1`);
  const group = Buffer.from(`${image}\n`.repeat(RENEWALS_AT_ONCE));
  const groupMs = median(appendInGroups(join(site.scratch, 'groups'), group, LIMIT_SECONDS));
  return (2 * Math.ceil(count / RENEWALS_AT_ONCE) * groupMs) / 1000;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

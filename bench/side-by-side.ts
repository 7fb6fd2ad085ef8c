import { join } from 'node:path';
import { separateCores } from './children.ts';
import { atLeast, type Figure, type Peer } from './figure.ts';
import { medianFigures } from './medians.ts';
import { Postgresql } from './peers/postgresql.ts';
import { type PeerLoad, Redis } from './peers/redis.ts';
import { bareStartSeconds } from './server.ts';
import type { Site } from './site.ts';
import { STEPS } from './steps.ts';

/** The steps that have goals, and what Redis and PostgreSQL do beside each of them with the same nodes. */

/** Those of the databases that are installed. */
export interface Peers {
  readonly redis: Redis | undefined;
  readonly postgresql: Postgresql | undefined;
}

export function findPeers(site: Site): Peers {
  const { nodes } = site.options;
  return { redis: Redis.find(join(site.scratch, 'redis'), nodes), postgresql: Postgresql.find(join(site.scratch, 'postgresql'), nodes) };
}

/** By the figure's name, what each peer has to set against it. */
type Compared = Readonly<Record<string, readonly Peer[]>>;

export interface SideBySide {
  /** Of the step. */
  readonly name: string;
  readonly onlyNamed?: true;
  /** What takes long, or is the same each time, is done once. */
  readonly once?: true;
  compare?(site: Site, peers: Peers): Promise<Compared>;
}

/** In the order in which they run: what changes much comes late. */
export const SIDE_BY_SIDE: readonly SideBySide[] = [
  { name: 'import', compare: compareImport },
  { name: 'snapshot', compare: compareSnapshot },
  { name: 'restart', compare: compareRestart },
  { name: 'memory', once: true, compare: compareMemory },
  { name: 'get', compare: compareGet },
  { name: 'search' },
  { name: 'search-unique' },
  { name: 'list' },
  { name: 'get-during-snapshot' },
  { name: 'get-during-import' },
  { name: 'put', compare: comparePut },
  { name: 'patch' },
  { name: 'post' },
  { name: 'join' },
  { name: 'renew-storm' },
  { name: 'growth', onlyNamed: true, once: true },
];

/**
 * The figures of a step, each number the median of all rounds. A round is the server once, and then each peer once, so that
 * all of them see the same disk and the same neighbours. @param site one that measures everything once.
 */
export async function measureSideBySide({ name, once, compare }: SideBySide, rounds: number, site: Site, peers: Peers): Promise<readonly Figure[]> {
  const step = STEPS.find((other) => other.name === name);
  if (step === undefined) throw new RangeError(`there is no step ${name}`);
  const measured: (readonly Figure[])[] = [];
  for (let round = 0; round < (once ? 1 : rounds); round++) {
    const figures = await step.measure(site);
    const compared = (await compare?.(site, peers)) ?? {};
    measured.push(figures.map((figure) => ({ ...figure, ...withPeers(compared[figure.figure] ?? []) })));
  }
  return medianFigures(measured);
}

function withPeers(peers: readonly Peer[]): Pick<Figure, 'peers'> {
  return peers.length === 0 ? {} : { peers };
}

const IMPORT_TARGET = 0.6;
const SAVE_TARGET = 0.5;
const START_TARGET = 1;
const START_WRITE_TARGET = 2.5;
const SET_TARGET = atLeast(0.6);
const UPDATE_TARGET = atLeast(2.5);

async function compareImport({ lines }: Site, { postgresql }: Peers): Promise<Compared> {
  if (postgresql === undefined) return {};
  const peer = { peer: 'PostgreSQL', version: postgresql.version } as const;
  const withUnique: Peer = { ...peer, what: 'the same, with xname kept unique', value: await postgresql.import(lines, true) };
  // The other steps find the plain table.
  const value = await postgresql.import(lines);
  return { import: [{ ...peer, what: 'COPY, then INSERT as jsonb, in one transaction', value, target: IMPORT_TARGET }, withUnique] };
}

async function compareSnapshot({ lines }: Site, { redis }: Peers): Promise<Compared> {
  if (redis === undefined) return {};
  const peer = { peer: 'Redis', version: redis.version, what: 'SAVE', value: await redis.save(lines), target: SAVE_TARGET } as const;
  return { 'snapshot-first': [peer], snapshot: [peer] };
}

async function compareRestart({ lines }: Site, { redis }: Peers): Promise<Compared> {
  if (redis === undefined) return {};
  const { seconds } = await redis.start(lines);
  const peer = {
    peer: 'Redis',
    version: redis.version,
    what: 'from its start until it has loaded, and node -e 0',
    value: seconds + (await bareStartSeconds()),
  } as const;
  return { 'restart-get': [{ ...peer, target: START_TARGET }], 'restart-write': [{ ...peer, target: START_WRITE_TARGET }] };
}

async function compareMemory({ lines }: Site, { redis }: Peers): Promise<Compared> {
  if (redis === undefined) return {};
  const { residentMiB } = await redis.start(lines);
  return { 'memory-restart': [{ peer: 'Redis', version: redis.version, what: 'after it has loaded', value: residentMiB }] };
}

async function compareGet({ lines, options }: Site, { redis, postgresql }: Peers): Promise<Compared> {
  const cores = separateCores();
  const peers: Peer[] = [];
  if (redis !== undefined) peers.push({ ...ofLoad('Redis', redis.version, 'GET', await redis.get(lines, options.loadSeconds, cores)), target: 1 });
  if (postgresql !== undefined) {
    peers.push(ofLoad('PostgreSQL', postgresql.version, 'SELECT by primary key, prepared', await postgresql.select(lines, options.loadSeconds, cores)));
  }
  return { get: peers };
}

async function comparePut({ lines, options }: Site, { redis, postgresql }: Peers): Promise<Compared> {
  const peers: Peer[] = [];
  if (redis !== undefined) {
    peers.push({ ...ofLoad('Redis', redis.version, 'SET, appendfsync always', await redis.set(lines, options.loadSeconds)), target: SET_TARGET });
  }
  if (postgresql !== undefined) {
    const load = await postgresql.update(lines, options.loadSeconds);
    peers.push({ ...ofLoad('PostgreSQL', postgresql.version, 'UPDATE by primary key, prepared', load), target: UPDATE_TARGET });
  }
  return { put: peers };
}

function ofLoad(peer: Peer['peer'], version: string, what: string, { perSecond, p50Ms, p99Ms }: PeerLoad): Peer {
  return { peer, version, what, value: perSecond, details: { p50Ms, p99Ms } };
}

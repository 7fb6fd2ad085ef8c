import { join } from 'node:path';
import { AgentServer, endpoint } from '../agent-server.ts';
import { type Figure, median } from '../figure.ts';
import { callWell } from '../http.ts';
import { CONNECTIONS } from '../load/load.ts';
import { type JoinsLoaded, loadJoins } from '../load/wrk-joins.ts';
import { appendInGroups } from '../peers/append.ts';
import { startUws } from '../peers/start-uws.ts';
import { atRest, processorMsOf } from '../process-facts.ts';
import type { Site } from '../site.ts';

const NAME = 'nulls';
const LIMIT_SECONDS = 0.2;
const GOAL_PER_SECOND = 10_000;

interface Loaded extends JoinsLoaded {
  readonly processorUs: number;
}

/**
 * Durable joins of the plugin that does nothing, over HTTP with Digest: what is left is the server's own part. Each join is
 * in the journal twice, before its plugin is called and with what came of it.
 */
export async function measureJoin(site: Site): Promise<readonly Figure[]> {
  const { runs, loadSeconds } = site.options;
  const server = await AgentServer.start(site, { endpoints: [endpoint(NAME)] });
  try {
    const path = `/join/${NAME}`;
    const like = await callWell(server.port, { method: 'POST', path, headers: { ...server.headers, 'Content-Type': 'application/json' }, body: '{}' });
    const load = { endpoint: NAME, connections: CONNECTIONS, seconds: loadSeconds };
    // What comes first runs on code that is not compiled yet.
    await loadJoins(site, server, load);
    const ours: Loaded[] = [];
    const limits: number[] = [];
    for (let run = 0; run < runs; run++) {
      await atRest(server.pid);
      const beforeMs = processorMsOf(server.pid);
      const result = await loadJoins(site, server, load);
      ours.push({ ...result, processorUs: ((processorMsOf(server.pid) - beforeMs) * 1000) / result.joins });
      await atRest(server.pid);
      // A plugin that threw is answered with 200 as well, and its reservation is closed.
      if ((await server.reservations(`endpoint=${NAME}&state=closed&limit=1`)).length > 0) throw new Error('a join failed');
      limits.push(await appendsPerSecond(site, server));
    }
    const peer = await startUws(like, join(site.scratch, 'answer'));
    const bare: JoinsLoaded[] = [];
    try {
      for (let run = 0; run < runs; run++) bare.push(await loadJoins(site, peer, load));
    } finally {
      await peer.child.end('SIGKILL');
    }
    const of = (property: 'perSecond' | 'processorUs' | 'p50Ms' | 'p99Ms'): number => median(ours.map((result) => result[property]));
    return [
      {
        figure: 'join',
        value: of('perSecond'),
        unit: '1/s',
        better: 'higher',
        limit: { what: `append and fdatasync of ${CONNECTIONS} intents, then of ${CONNECTIONS} reservations`, value: median(limits) },
        also: [{ what: 'the same requests to a bare uWebSockets.js', value: median(bare.map(({ perSecond }) => perSecond)) }],
        goal: GOAL_PER_SECOND,
        runs,
        details: {
          connections: CONNECTIONS,
          seconds: loadSeconds,
          p50Ms: of('p50Ms'),
          p99Ms: of('p99Ms'),
          processorUs: of('processorUs'),
          joins: ours.reduce((sum, { joins }) => sum + joins, 0),
        },
      },
    ];
  } finally {
    await server.end();
  }
}

/** How many joins a second a disk allows that is told of all connections' joins at once. */
async function appendsPerSecond(site: Site, server: AgentServer): Promise<number> {
  const [image = '{}'] = await server.reservations(`endpoint=${NAME}&limit=1`);
  const { reservation_id, sched_properties, ...intent } = JSON.parse(image) as Readonly<Record<string, unknown>>;
  const groupMs = [JSON.stringify(intent), image].map((text) => {
    const group = Buffer.from(`${text}\n`.repeat(CONNECTIONS));
    return median(appendInGroups(join(site.scratch, 'groups'), group, LIMIT_SECONDS));
  });
  return (CONNECTIONS * 1000) / groupMs.reduce((sum, ms) => sum + ms, 0);
}

import { AgentServer, endpoint } from '../agent-server.ts';
import { type Figure, median } from '../figure.ts';
import { type JoinsResult, RunningJoins, runJoins } from '../load/joins.ts';
import { CONNECTIONS } from '../load/load.ts';
import { atRest } from '../process-facts.ts';
import type { Site } from '../site.ts';

const WELL = 'works';
const HUNG = 'hangs';
/** In the plugin at once; the others wait for it. */
const CALLS_IN_PLUGIN = 8;
/** Few enough that a join does not only wait for the joins beside it. */
const CONNECTIONS_WELL = 8;
const TARGET_RATIO = 1.5;

const HANGING_PLUGIN = `
const never = () => new Promise(() => undefined);
export default () => ({ initialize: () => undefined, join: never, leave: never, modify: never, renew: never, status: never });
`;

/** Joins on one endpoint before, and while all calls of another one hang. */
export async function measureHungPlugin(site: Site): Promise<readonly Figure[]> {
  const { runs, loadSeconds } = site.options;
  const before: JoinsResult[] = [];
  const during: JoinsResult[] = [];
  for (let run = 0; run < runs; run++) {
    const server = await AgentServer.start(site, {
      endpoints: [endpoint(WELL), endpoint(HUNG, { plugin: './hangs.mjs', concurrentCalls: CALLS_IN_PLUGIN, timeLimits: { join: '1d' } })],
      modules: { 'hangs.mjs': HANGING_PLUGIN },
    });
    try {
      const load = { endpoint: WELL, connections: CONNECTIONS_WELL, seconds: loadSeconds };
      // What comes first runs on code that is not compiled yet.
      await runJoins(site, server, { ...load, seconds: loadSeconds / 2 });
      before.push(await runJoins(site, server, load));
      const hanging = new RunningJoins(site, server, { endpoint: HUNG, connections: CONNECTIONS });
      await untilAllWait(server);
      during.push(await runJoins(site, server, load));
      await hanging.kill();
    } finally {
      await server.end();
    }
  }
  const of = (results: readonly JoinsResult[], property: 'perSecond' | 'p50Ms' | 'p99Ms'): number => median(results.map((result) => result[property]));
  return [
    {
      figure: 'hung-plugin',
      value: of(during, 'p99Ms'),
      unit: 'ms',
      better: 'lower',
      limit: { what: 'the same joins before', value: of(before, 'p99Ms') },
      target: TARGET_RATIO,
      runs,
      details: {
        connections: CONNECTIONS_WELL,
        seconds: loadSeconds,
        callsThatHang: CONNECTIONS,
        p50Ms: of(during, 'p50Ms'),
        p50MsBefore: of(before, 'p50Ms'),
        perSecond: of(during, 'perSecond'),
        perSecondBefore: of(before, 'perSecond'),
      },
    },
  ];
}

const POLL_MS = 50;
const POLL_LIMIT_MS = 30_000;

async function untilAllWait(server: AgentServer): Promise<void> {
  for (const endMs = performance.now() + POLL_LIMIT_MS; ; ) {
    const waiting = await server.reservations(`endpoint=${HUNG}&state=joining&fields=operation_id`);
    if (waiting.length === CONNECTIONS) return atRest(server.pid);
    if (performance.now() > endMs) throw new Error(`only ${waiting.length} calls hang`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

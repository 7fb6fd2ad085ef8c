import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AgentServer, endpoint } from './agent-server.ts';
import { type CpuProfile, type ThreadTimes, timesIn, type Window } from './cpu-profile.ts';
import { letItStorm, STORM_LAUNCH } from './figures/renew-storm.ts';
import { callUntilOk } from './http.ts';
import { runJoins } from './load/joins.ts';
import { CONNECTIONS, runLoad } from './load/load.ts';
import { changedNodes, getRequest, putRequest, sampleIds, searchRequests } from './load/requests.ts';
import { readOptions } from './options.ts';
import { atRest } from './process-facts.ts';
import type { Launch } from './server.ts';
import { Site } from './site.ts';

/**
 * Shows where the server's threads spend their time: `node dist/bench/profile.js import --nodes 25000`. Profiling costs
 * some speed itself, so what counts are shares.
 */

const TASKS = ['import', 'restart', 'get', 'put', 'search', 'join', 'renew-storm'] as const;
type Task = (typeof TASKS)[number];
type AgentTask = 'join' | 'renew-storm';
type NodeTask = Exclude<Task, AgentTask>;

async function main(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      nodes: { type: 'string', default: '25000' },
      reservations: { type: 'string', default: '100000' },
      seconds: { type: 'string', default: '5' },
      top: { type: 'string', default: '25' },
    },
  });
  const task = TASKS.find((name) => name === positionals[0]);
  if (task === undefined) throw new RangeError(`profile what? ${TASKS.join(', ')}`);
  const options = readOptions(['--nodes', values.nodes, '--reservations', values.reservations, '--seconds', values.seconds], []);
  const site = new Site(options, process.env['HOLDFAST_BENCH_DIR'] ?? tmpdir());
  process.on('exit', () => site.removeFiles());
  const folder = join(site.scratch, 'profiles');
  mkdirSync(folder);
  const config = join(site.scratch, 'config.yaml');
  writeFileSync(config, 'snapshots:\n  onShutdown: false\n');
  const launch = { nodeOptions: ['--cpu-prof', '--cpu-prof-dir', folder, '--cpu-prof-interval', '500'], serveOptions: ['--config', config] };
  const { window, server } = await (task === 'join' || task === 'renew-storm' ? performWithAgent(site, task, launch) : performed(site, task, launch));
  await atRest(server.pid);
  await server.end('SIGTERM');
  for (const [thread, profile] of profilesIn(folder)) print(thread, timesIn(profile, window), Number(values.top));
}

/** What was profiled, and when. */
interface Performed {
  readonly window: Window;
  readonly server: { readonly pid: number; end(signal: 'SIGTERM'): Promise<void> };
}

async function performed(site: Site, task: NodeTask, launch: Launch): Promise<Performed> {
  return { window: await perform(site, task, launch), server: await site.server() };
}

/** The same for tasks on reservations. */
async function performWithAgent(site: Site, task: AgentTask, { nodeOptions = [] }: Launch): Promise<Performed> {
  const endpoints = [endpoint(JOINED)];
  const server = await AgentServer.start(site, { ...(task === 'join' ? { endpoints } : STORM_LAUNCH), nodeOptions });
  if (task === 'renew-storm') {
    const storm = await letItStorm(site, server);
    return { window: windowOf(storm.startMs - performance.timeOrigin, storm.endMs - performance.timeOrigin), server };
  }
  const load = { endpoint: JOINED, connections: CONNECTIONS, seconds: site.options.loadSeconds };
  // Compiling is over by then.
  await runJoins(site, server, load);
  const { samples } = await runJoins(site, server, load);
  const endsMs = samples.map(({ endedMs }) => endedMs - performance.timeOrigin);
  return { window: windowOf(endsMs[0] ?? 0, endsMs.at(-1) ?? 0), server };
}

const JOINED = 'nulls';

/** Does the task on a server that is being profiled. @returns when it was at it. */
async function perform(site: Site, task: NodeTask, launch: Launch): Promise<Window> {
  if (task === 'import') {
    const { startMs, seconds } = await site.import(launch);
    return windowOf(startMs, startMs + seconds * 1000);
  }
  await site.import();
  const [id = ''] = await site.ids();
  if (task === 'restart') {
    await site.snapshot();
    const { startedMs } = await site.crashAndStart(launch);
    await site.touch(id);
    return windowOf(startedMs, performance.now());
  }
  const { port, pid } = await site.crashAndStart(launch);
  const { seed, loadSeconds } = site.options;
  await callUntilOk(port, { path: `/inventory/ComputeNode/${id}` });
  await atRest(pid);
  const requests = await requestsFor(site, task);
  const startMs = performance.now();
  await runLoad({ port, requests, seconds: loadSeconds, seed, scratch: site.scratch, cores: undefined });
  return windowOf(startMs, performance.now());
}

async function requestsFor(site: Site, task: Exclude<NodeTask, 'import' | 'restart'>): Promise<readonly Buffer[]> {
  switch (task) {
    case 'get':
      return (await sampleIds(site)).map((id) => getRequest(`/inventory/ComputeNode/${id}`));
    case 'put':
      return (await changedNodes(site)).map((changed) => putRequest(site, changed));
    case 'search':
      return searchRequests(site, SEARCHES);
  }
}

/** Different searches. */
const SEARCHES = 1000;

/** V8 counts on the machine's monotonic clock, which has another start than `performance.now()`. */
function windowOf(startMs: number, endMs: number): Window {
  const offsetUs = Number(process.hrtime.bigint() / 1000n) - performance.now() * 1000;
  return { startUs: startMs * 1000 + offsetUs, endUs: endMs * 1000 + offsetUs };
}

/** Thread names and their profiles: the number of the thread is the fifth part of the file's name. */
function profilesIn(folder: string): readonly (readonly [string, CpuProfile])[] {
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const thread = Number(file.split('.')[4]);
      const name = thread === 0 ? 'main thread' : `thread ${thread}`;
      return [name, JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile] as const;
    });
}

function print(thread: string, { windowMs, idleMs, busyTenths, functions }: ThreadTimes, top: number): void {
  const share = (ms: number): string => `${((ms / windowMs) * 100).toFixed(1)} %`.padStart(8);
  const lines = [
    `${thread}: ${windowMs.toFixed(0)} ms, idle ${share(idleMs).trim()}; busy in each tenth: ${busyTenths.map((busy) => `${(busy * 100).toFixed(0)} %`).join(', ')}`,
  ];
  lines.push('    self     total');
  for (const { name, selfMs, totalMs } of functions.slice(0, top)) lines.push(`${share(selfMs)}  ${share(totalMs)}  ${name}`);
  lines.push('largest with what they call:');
  for (const { name, totalMs } of functions.toSorted((a, b) => b.totalMs - a.totalMs).slice(0, top)) lines.push(`          ${share(totalMs)}  ${name}`);
  process.stdout.write(`${lines.join('\n')}\n\n`);
}

await main(process.argv.slice(2));

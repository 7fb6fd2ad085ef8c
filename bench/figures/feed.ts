import { join } from 'node:path';
import { type Child, startProgram } from '../children.ts';
import { type Figure, median } from '../figure.ts';
import { callWell, download } from '../http.ts';
import { runLoad } from '../load/load.ts';
import { type ChangedNode, changedNodes, getRequest, sampleIds } from '../load/requests.ts';
import { SUBSCRIBERS_PROGRAM, type SubscribersReport, type SubscribersTask } from '../load/subscribers.ts';
import { PUBLISHER_PROGRAM, type PublisherTask } from '../peers/publisher.ts';
import { startUws } from '../peers/start-uws.ts';
import { atRest, processorMsOf } from '../process-facts.ts';
import type { Site } from '../site.ts';

/** The feed: to many at once, beside reads, and replayed from the journal. */

const SUBSCRIBERS = 1000;
/** Tried one after the other until one is more than the machine holds. */
const RATES: readonly number[] = [50, 100, 200, 300, 400, 600, 800, 1000];
const P99_GOAL_MS = 250;
/** What is still on its way when the last change has been answered has this long. */
const DRAIN_MS = 3000;
const WRITERS = 16;
const PACE_MS = 10;

interface Held {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rate: number;
  readonly processorShare: number;
}

/** A thousand subscribers on everything, and so many changes a second as reach all of them in time. */
export async function measureFeedFanOut(site: Site): Promise<readonly Figure[]> {
  const { port, pid } = await site.server();
  const changed = await changedNodes(site);
  const seconds = Math.max(2, site.options.loadSeconds);
  const messageBytes = Buffer.byteLength(changed[0]?.body ?? '') + 330;
  await atRest(pid);
  const ours = await highest(async (rate) => {
    const subscribers = await subscribe({ port, path: '/feed?kinds=ComputeNode', connections: SUBSCRIBERS });
    try {
      const processorMs = processorMsOf(pid);
      const written = await write(site, port, changed, rate, seconds);
      return { ...(await delivered(subscribers, written * SUBSCRIBERS)), processorMs: processorMsOf(pid) - processorMs };
    } finally {
      await subscribers.end('SIGKILL');
    }
  }, seconds);
  const theirs = await highest((rate) => publishBare({ messageBytes, messagesPerSecond: rate, seconds }), seconds);
  return [
    {
      figure: 'feed-fan-out',
      value: ours.perSecond,
      unit: '1/s',
      better: 'higher',
      limit: { what: `bare uWebSockets.js, messages of ${messageBytes} bytes at the same pace`, value: theirs.perSecond },
      goal: 1_000_000,
      runs: 1,
      details: {
        subscribers: SUBSCRIBERS,
        changesPerSecond: ours.rate,
        p50Ms: ours.p50Ms,
        p99Ms: ours.p99Ms,
        serverCores: ours.processorShare,
        limitP99Ms: theirs.p99Ms,
        seconds,
      },
    },
  ];
}

/** Reads by id with a thousand subscribers who hear nothing, and without. */
export async function measureFeedIdle(site: Site): Promise<readonly Figure[]> {
  const { runs, loadSeconds, seed } = site.options;
  const { port, pid } = await site.server();
  const requests = (await sampleIds(site)).map((id) => getRequest(`/inventory/ComputeNode/${id}`));
  await atRest(pid);
  const load = async (run: number): Promise<number> =>
    (await runLoad({ port, requests, seconds: loadSeconds, seed: seed + run, scratch: site.scratch, cores: undefined })).perSecond;
  const withThem: number[] = [];
  const without: number[] = [];
  for (let run = 0; run < runs; run++) {
    without.push(await load(run));
    const subscribers = await subscribe({ port, path: '/feed', connections: SUBSCRIBERS });
    withThem.push(await load(run));
    await subscribers.end('SIGKILL');
  }
  return [
    {
      figure: 'feed-idle-get',
      value: median(withThem),
      unit: '1/s',
      better: 'higher',
      limit: { what: 'the same reads without subscribers', value: median(without) },
      target: 1.05,
      runs,
      details: { subscribers: SUBSCRIBERS },
    },
  ];
}

/** Everything since the first change, to one subscriber. */
export async function measureFeedReplay(site: Site): Promise<readonly Figure[]> {
  const { port, pid } = await site.server();
  const sequence = Number(JSON.parse((await callWell(port, { path: '/health' })).body.toString()).sequence);
  await atRest(pid);
  const rates: number[] = [];
  let bytes = 0;
  for (let run = 0; run < site.options.runs; run++) {
    const subscriber = await subscribe({ port, path: '/feed?since=0', connections: 1 });
    const { startMs } = JSON.parse(await subscriber.line((line) => line.startsWith('{"connected"'))) as { startMs: number };
    const report = await reportWith(subscriber, sequence, 120_000);
    await subscriber.end('SIGKILL');
    bytes = report.bytes;
    rates.push((sequence * 1000) / (report.lastMs - startMs));
  }
  const bareSeconds = await downloadBare(site, bytes);
  return [
    {
      figure: 'feed-replay',
      value: median(rates),
      unit: '1/s',
      better: 'higher',
      limit: { what: 'the same bytes from a bare uWebSockets.js that has them ready', value: sequence / bareSeconds },
      goal: 100_000,
      runs: site.options.runs,
      details: { events: sequence, MB: bytes / 1e6 },
    },
  ];
}

async function subscribe(task: SubscribersTask): Promise<Child> {
  const child = startProgram(SUBSCRIBERS_PROGRAM, task);
  await child.line((line) => line.startsWith('{"connected"'));
  return child;
}

/** The last report when all messages have come; the last one before time was up otherwise. */
async function reportWith(subscribers: Child, messages: number, limitMs: number): Promise<SubscribersReport> {
  const endMs = Date.now() + limitMs;
  let last: SubscribersReport | undefined;
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    void subscribers.end('SIGKILL');
  }, limitMs);
  try {
    await subscribers.line((line) => {
      if (!line.startsWith('{"messages"')) return false;
      last = JSON.parse(line) as SubscribersReport;
      return last.messages >= messages || Date.now() > endMs;
    });
  } catch (error) {
    if (!isOver) throw error;
  } finally {
    clearTimeout(timer);
  }
  if (last === undefined) throw new Error('nothing came to the subscribers');
  return last;
}

interface Delivered {
  readonly complete: boolean;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly processorMs: number;
}

/** All reports of a run: the worst 99th percentile of them counts. */
async function delivered(subscribers: Child, messages: number): Promise<Omit<Delivered, 'processorMs'>> {
  let p99Ms = 0;
  const p50s: number[] = [];
  let complete = false;
  const timer = setTimeout(() => void subscribers.end('SIGKILL'), DRAIN_MS);
  try {
    await subscribers.line((line) => {
      if (!line.startsWith('{"messages"')) return false;
      const report = JSON.parse(line) as SubscribersReport;
      p99Ms = Math.max(p99Ms, report.p99Ms);
      p50s.push(report.p50Ms);
      complete = report.messages >= messages && report.ended === 0;
      return complete;
    });
  } catch {
    // It was ended because time was up: that is the answer.
    complete = false;
  } finally {
    clearTimeout(timer);
  }
  return { complete, p50Ms: p50s.length === 0 ? 0 : median(p50s), p99Ms };
}

/** The highest rate at which everything came in time. */
async function highest(attempt: (rate: number) => Promise<Delivered>, seconds: number): Promise<Held> {
  let held: Held = { perSecond: 0, p50Ms: 0, p99Ms: 0, rate: 0, processorShare: 0 };
  for (const rate of RATES) {
    const { complete, p50Ms, p99Ms, processorMs } = await attempt(rate);
    if (!complete || p99Ms > P99_GOAL_MS) break;
    held = { perSecond: rate * SUBSCRIBERS, p50Ms, p99Ms, rate, processorShare: processorMs / (seconds * 1000) };
  }
  return held;
}

/** Writes at a pace over a few connections. @returns how many changes there were. */
async function write(site: Site, port: number, changed: readonly ChangedNode[], rate: number, seconds: number): Promise<number> {
  const startMs = performance.now();
  let begun = 0;
  const due = (): number => Math.floor((Math.min(performance.now() - startMs, seconds * 1000) * rate) / 1000);
  const writer = async (): Promise<void> => {
    while (performance.now() - startMs < seconds * 1000) {
      if (begun >= due()) {
        await new Promise((resolve) => setTimeout(resolve, PACE_MS));
        continue;
      }
      const { path, body } = changed[begun++ % changed.length] as ChangedNode;
      await callWell(port, { method: 'PUT', path, headers: { ...site.headers, 'Content-Type': 'application/json' }, body, agent: site.agent });
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  return begun;
}

/** The median seconds for as many bytes over the same way. */
async function downloadBare(site: Site, bytes: number): Promise<number> {
  const peer = await startUws({ status: 200, headers: {}, body: Buffer.alloc(bytes, ' ') }, join(site.scratch, 'answer'));
  try {
    const seconds: number[] = [];
    for (let run = 0; run < site.options.runs; run++) seconds.push((await download(peer.port, '/')).seconds);
    return median(seconds);
  } finally {
    await peer.child.end('SIGKILL');
  }
}

async function publishBare(task: PublisherTask): Promise<Delivered> {
  const publisher = startProgram(PUBLISHER_PROGRAM, task);
  const port = Number(await publisher.line((line) => /^\d+$/.test(line)));
  const subscribers = await subscribe({ port, path: '/feed', connections: SUBSCRIBERS });
  try {
    const processorMs = processorMsOf(publisher.pid);
    process.kill(publisher.pid, 'SIGUSR2');
    await new Promise((resolve) => setTimeout(resolve, task.seconds * 1000));
    const result = await delivered(subscribers, Math.floor(task.seconds * task.messagesPerSecond) * SUBSCRIBERS);
    return { ...result, processorMs: processorMsOf(publisher.pid) - processorMs };
  } finally {
    await subscribers.end('SIGKILL');
    await publisher.end('SIGKILL');
  }
}

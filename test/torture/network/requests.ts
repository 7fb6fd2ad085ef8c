import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SCOPES } from '../../../src/http/scopes.ts';
import { Description, type OpenApiDocument } from '../../support/described.ts';
import { ServerProcess, signed, tokenFor } from '../../support/server-process.ts';
import type { Run, Torture } from '../torture.ts';
import { Judge } from './judge.ts';
import { type Credentials, groupOf, type MadeRequest, RequestMaker } from './request-maker.ts';
import { type WireAnswer, WireConnection } from './wire-connection.ts';

/**
 * Requests made from the description of the API, most with something wrong, over many connections, to a real server. Each
 * answer must be one that is described and shows nothing that it must not; at the end the server is alive, has not grown,
 * and has the same state after a kill.
 */

const CONNECTIONS = 48;
const ADDRESSES = 8;
/** For an answer to a request of which nobody knows where it ends: the library keeps such a connection for ten seconds. */
const BROKEN_WAIT_MS = 200;
const ANSWER_LIMIT_MS = 45_000;
const PIPELINE_EVERY = 60;
const PIPELINE_MAX = 4;
const PROBE_INTERVAL_MS = 50;
const RSS_INTERVAL_MS = 1000;
/** What the allocator may keep, the caches fill, and the records take. */
const GROWTH_MAX_MIB = 400;
const TOKEN_SECONDS = 86_400;

const CONFIG = {
  agent: { tick: '1m', endpoints: [{ name: 'nulls', plugin: 'null', schedulePeriod: '7d', threads: 1, concurrentCalls: 8 }] },
  limits: { bodyBytes: '64KiB', bulkBytes: '128KiB' },
  query: { children: 1, timeLimit: '2s', memory: '128MiB' },
  snapshots: { every: '1h', retain: 3 },
};
const LISTS = ['BMC', 'Component', 'ComputeNode', 'NodeCollection', 'RedfishEndpoint'].map((kind) => `/inventory/${kind}`);

export const requests: Torture = {
  about: 'requests made from the description of the API, most of them wrong',
  unit: 'requests',
  usualRounds: 1_000_000,
  async run(run) {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-torture-'));
    const site = await Site.start(folder);
    try {
      await site.bombard(run);
    } finally {
      await site.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** One server, and who asks it. */
class Site {
  readonly #flags: readonly string[];
  #server: ServerProcess;
  readonly #maker: RequestMaker;
  readonly #judge: Judge;

  private constructor(flags: readonly string[], server: ServerProcess, description: Description) {
    this.#flags = flags;
    this.#server = server;
    this.#maker = new RequestMaker(description, credentialsFor(server.directory));
    this.#judge = new Judge(description, secretsIn(server.directory));
  }

  static async start(folder: string): Promise<Site> {
    const config = join(folder, 'holdfast.yaml');
    writeFileSync(config, JSON.stringify(CONFIG), { mode: 0o600 });
    const flags = ['--config', config];
    const server = await ServerProcess.start({ directory: join(folder, 'data'), flags, environment: { HOLDFAST_AGENT_PASSWORD: 'agent-canary-5d1e' } });
    server.token = everythingFor(server.directory);
    const { json } = await server.request('GET', '/openapi.json');
    return new Site(flags, server, new Description(json as OpenApiDocument));
  }

  async bombard(run: Run): Promise<void> {
    const seeds = run.seeds();
    let isOver = false;
    const ended = this.#server.exited.then(({ code, signal }) => {
      if (!isOver) run.fail(run.seed, `the server ended with ${code ?? signal} after ${run.rounds} requests: ${this.#server.output().slice(-3000)}`);
      return 'ended' as const;
    });
    const probe = new Probe(this.#server);
    await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => this.#work(run, seeds, `127.0.0.${2 + (index % ADDRESSES)}`)));
    probe.stop();
    run.count('probeP50Micros', probe.microsAt(0.5));
    run.count('probeP99Micros', probe.microsAt(0.99));
    run.count('rssEarlyMiB', probe.earlyMiB);
    run.count('rssEndMiB', probe.lastMiB);
    if (probe.lastMiB > probe.earlyMiB + GROWTH_MAX_MIB) run.fail(run.seed, `memory grew from ${probe.earlyMiB} to ${probe.lastMiB} MiB`);
    const isAlive = (await Promise.race([ended, this.#alive()])) === 'alive';
    isOver = true;
    if (isAlive) await this.#restart(run);
  }

  async #alive(): Promise<'alive' | 'dead'> {
    try {
      const { status } = await this.#server.request('GET', '/health');
      return status === 200 ? 'alive' : 'dead';
    } catch {
      return 'dead';
    }
  }

  async stop(): Promise<void> {
    await this.#server.kill();
  }

  async #work(run: Run, seeds: Generator<number>, localAddress: string): Promise<void> {
    const port = Number(new URL(this.#server.url).port);
    let connection = new WireConnection(port, localAddress);
    for (let next = seeds.next(); next.done !== true; next = seeds.next()) {
      const seed = next.value;
      const made = this.#maker.make(seed);
      if (connection.isClosed) connection = new WireConnection(port, localAddress);
      if (!made.isFramed) await this.#sendBroken(run, seed, made, new WireConnection(port, localAddress));
      else if (seed % PIPELINE_EVERY === 0) await this.#sendTogether(run, seed, made, seeds, new WireConnection(port, localAddress));
      else {
        let answer = await inTime(connection.send(made.bytes, made.method === 'HEAD'), ANSWER_LIMIT_MS);
        // A connection may end just when the next request goes out; that request has not been looked at.
        if (answer === 'closed') answer = await inTime(new WireConnection(port, localAddress).send(made.bytes, made.method === 'HEAD'), ANSWER_LIMIT_MS);
        if (typeof answer === 'string') this.#fail(run, seed, made, answer === 'closed' ? 'the connection was closed without an answer' : 'no answer in time');
        else this.#look(run, seed, made, answer);
      }
    }
    connection.destroy();
  }

  /** Whatever comes back, or nothing, is right, as long as it is not a success that nobody could have meant. */
  async #sendBroken(run: Run, seed: number, made: MadeRequest, connection: WireConnection): Promise<void> {
    const sent = connection.send(made.bytes, made.method === 'HEAD');
    if (made.isCut) connection.end();
    const answer = await inTime(sent, BROKEN_WAIT_MS);
    connection.destroy();
    if (typeof answer === 'string') run.count(`broken${answer}`);
    else this.#look(run, seed, { ...made, operation: undefined }, answer);
  }

  /** Requests right behind each other. Behind one that has to wait the library closes the connection. */
  async #sendTogether(run: Run, seed: number, first: MadeRequest, seeds: Generator<number>, connection: WireConnection): Promise<void> {
    const sent: (readonly [number, MadeRequest])[] = [[seed, first]];
    for (let next = seeds.next(); next.done !== true; next = seeds.next()) {
      const made = this.#maker.make(next.value);
      if (made.isFramed) sent.push([next.value, made]);
      if (sent.length === PIPELINE_MAX) break;
    }
    const answers = sent.map(([, made]) => inTime(connection.send(made.bytes, made.method === 'HEAD'), ANSWER_LIMIT_MS));
    for (const [index, [each, made]] of sent.entries()) {
      const answer = (await answers[index]) ?? 'closed';
      if (answer === 'closed') run.count('pipelineCut');
      else if (answer === 'late') this.#fail(run, each, made, 'no answer in time');
      else this.#look(run, each, made, answer);
    }
    connection.destroy();
  }

  #look(run: Run, seed: number, made: MadeRequest, answer: WireAnswer): void {
    run.count(`status${answer.status}`);
    const flaw = this.#judge.flawIn(made, answer);
    if (flaw !== undefined) this.#fail(run, seed, made, `${flaw}\n  answer: ${answer.head.split('\r\n')[0]} ${answer.body.toString('utf8').slice(0, 400)}`);
    else if (answer.status < 300 && made.operation !== undefined) this.#learn(made.operation.path, answer);
  }

  #learn(path: string, { headers, body }: WireAnswer): void {
    const location = headers.get('location');
    if (location !== undefined) this.#maker.learn(groupOf(path), location.slice(location.lastIndexOf('/') + 1));
    if (path !== '/join/{endpoint}' || body.length === 0) return;
    const { resId } = JSON.parse(body.toString('utf8')) as { readonly resId: { readonly id: string } | null };
    if (resId !== null) this.#maker.learn('/reservations', resId.id);
  }

  /** Alive, and after a kill the same. */
  async #restart(run: Run): Promise<void> {
    const before = await this.#state();
    run.count('records', before.length);
    await this.#server.kill();
    this.#tellErrors(run);
    this.#server = await ServerProcess.start({
      directory: this.#server.directory,
      flags: this.#flags,
      environment: { HOLDFAST_AGENT_PASSWORD: 'agent-canary-5d1e' },
    });
    this.#server.token = everythingFor(this.#server.directory);
    const after = await this.#state();
    const known = new Set(before);
    const different = after.filter((each) => !known.has(each));
    if (before.length !== after.length || different.length > 0)
      run.fail(run.seed, `after a restart there are ${after.length} records, before ${before.length}: ${different.slice(0, 3).join()}`);
  }

  /** Every record, as its list has it. */
  async #state(): Promise<readonly string[]> {
    const all: string[] = [];
    for (const path of [...LISTS, '/reservations']) {
      const { status, text, json } = await this.#server.request('GET', path);
      if (status !== 200) throw new Error(`GET ${path}: ${status} ${text.slice(0, 300)}`);
      all.push(...(json as readonly unknown[]).map((each) => JSON.stringify(each)));
    }
    return all.sort();
  }

  #tellErrors(run: Run): void {
    const output = this.#server.output();
    const errors = output.split('\n').filter((line) => /"level":(50|60|"error"|"fatal")/.test(line));
    run.count('errorLines', errors.length);
    if (errors.length > 0) run.fail(run.seed, `the log has errors: ${errors.slice(0, 5).join('\n')}`);
    if (/canary-/.test(output)) run.fail(run.seed, 'the log has a secret');
  }

  #fail(run: Run, seed: number, made: MadeRequest, what: string): void {
    run.fail(seed, `${what}\n  request: ${JSON.stringify(made.bytes.toString('latin1').slice(0, 2000))}`);
  }
}

async function inTime(answer: Promise<WireAnswer | undefined>, limitMs: number): Promise<WireAnswer | 'closed' | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), limitMs);
  });
  const settled = await Promise.race([answer, late]);
  clearTimeout(timer);
  return settled ?? 'closed';
}

/** Another client, who does nothing wrong, and how long he waits; beside that what memory the server takes. */
class Probe {
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #micros: number[] = [];
  readonly #rssMiB: number[] = [];

  constructor({ url, pid }: ServerProcess) {
    const port = Number(new URL(url).port);
    let connection = new WireConnection(port, '127.0.0.99');
    const ask = async (): Promise<void> => {
      if (connection.isClosed) connection = new WireConnection(port, '127.0.0.99');
      const startedMs = performance.now();
      const answer = await connection.send(Buffer.from('GET /inventory/BMC/02:00:00:00:00:01 HTTP/1.1\r\nHost: x\r\n\r\n'), false);
      if (answer !== undefined) this.#micros.push((performance.now() - startedMs) * 1000);
    };
    const look = (): void => void this.#rssMiB.push(rssMiB(pid));
    look();
    this.#timers = [setInterval(() => void ask(), PROBE_INTERVAL_MS), setInterval(look, RSS_INTERVAL_MS)];
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  microsAt(quantile: number): number {
    const sorted = [...this.#micros].sort((a, b) => a - b);
    return Math.round(sorted[Math.floor(sorted.length * quantile)] ?? 0);
  }

  /** The most in the first quarter of the time. */
  get earlyMiB(): number {
    return Math.max(...this.#rssMiB.slice(0, Math.ceil(this.#rssMiB.length / 4)));
  }

  get lastMiB(): number {
    return this.#rssMiB.at(-1) ?? 0;
  }
}

function rssMiB(pid: number): number {
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);
}

function everythingFor(directory: string): string {
  return tokenFor(directory, SCOPES, { exp: Math.floor(Date.now() / 1000) + TOKEN_SECONDS });
}

function credentialsFor(directory: string): Credentials {
  const exp = Math.floor(Date.now() / 1000) + TOKEN_SECONDS;
  const bearer = (scopes: readonly string[] | undefined, claims: object = {}): string => `Bearer ${tokenFor(directory, scopes, { exp, ...claims })}`;
  return {
    everything: `Bearer ${everythingFor(directory)}`,
    others: [
      undefined,
      undefined,
      bearer(['inventory:read']),
      bearer(['inventory:write']),
      bearer(['reservations']),
      bearer(['query']),
      bearer(undefined),
      bearer(SCOPES, { exp: 1_700_000_000 }),
      `Bearer ${signed(Buffer.from('another secret of at least thirty-two bytes'), { scope: SCOPES.join(' ') })}`,
      `Bearer ${signed(Buffer.alloc(0), { scope: SCOPES.join(' ') }, { alg: 'none', typ: 'JWT' })}`,
      'Bearer nonsense',
      'Basic YWRtaW46cGFzcw==',
      'Digest username="admin", realm="x", nonce="y", uri="/", response="z"',
      `Bearer ${'a'.repeat(9000)}`,
    ],
  };
}

/** What the server keeps to itself. */
function secretsIn(directory: string): readonly string[] {
  const folder = join(directory, 'keys');
  return ['agent-canary-5d1e', ...readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1').trim())].filter((secret) => secret.length >= 16);
}

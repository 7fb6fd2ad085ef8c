import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child, type Cores } from '../children.ts';
import { quantile } from '../figure.ts';
import { CONNECTIONS, WARM_UP_TIMES } from '../load/load.ts';
import { READ_NODES_MAX, WRITTEN_NODES_MAX } from '../load/requests.ts';
import { freePort } from './free-port.ts';
import type { PeerLoad } from './redis.ts';
import { asPeer, peerFolder, startAsPeer, versionOf } from './start-peer.ts';

/**
 * PostgreSQL by itself, on loopback, in a folder of ours: a table with a primary key and a `jsonb` for each node. It runs
 * while it is measured, and is shut down after that. What is durable is what its defaults say: `fsync` and
 * `synchronous_commit` are on.
 */

/** Debian keeps its programs apart from those of other versions. */
const DEBIAN_FOLDER = '/usr/lib/postgresql';
const USER = 'bench';
/** Enough for all nodes, and no checkpoint in the middle of a measurement: both help PostgreSQL. */
const SETTINGS = ['shared_buffers=512MB', 'max_wal_size=8GB', 'checkpoint_timeout=1h', 'listen_addresses=127.0.0.1', 'unix_socket_directories='];

const UPDATE = '\\set id :apart * random(1, :asked)\nUPDATE node SET body = :body, revision = revision + 1 WHERE id = :id;\n';
const SELECT = '\\set id :apart * random(1, :asked)\nSELECT body FROM node WHERE id = :id;\n';

/** Characters that no node has: a line is one value. */
const importScript = (file: string, isUnique: boolean): string => `BEGIN;
CREATE TABLE node (id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY, revision integer NOT NULL DEFAULT 1, body jsonb NOT NULL);
${isUnique ? "CREATE UNIQUE INDEX ON node ((body ->> 'xname'));" : ''}
CREATE TEMP TABLE line (body text NOT NULL) ON COMMIT DROP;
\\copy line FROM '${file}' WITH (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')
INSERT INTO node (body) SELECT body::jsonb FROM line;
COMMIT;
`;

interface Load {
  readonly script: string;
  readonly nodesMax: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly cores?: Cores | undefined;
}

export class Postgresql {
  readonly version: string;
  readonly #programs: string;
  readonly #folder: string;
  readonly #nodes: number;
  #isMade = false;
  #isFilled = false;

  private constructor(version: string, programs: string, folder: string, nodes: number) {
    this.version = version;
    this.#programs = programs;
    this.#folder = folder;
    this.#nodes = nodes;
  }

  /** Undefined where it is not installed. The newest, where there are several. */
  static find(folder: string, nodes: number): Postgresql | undefined {
    const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER).sort((a, b) => Number(b) - Number(a)) : [];
    for (const programs of versions.map((version) => join(DEBIAN_FOLDER, version, 'bin'))) {
      const [version, ...others] = ['postgres', 'initdb', 'psql', 'pgbench'].map((name) => versionOf(join(programs, name)));
      if (version !== undefined && !others.includes(undefined)) return new Postgresql(version, programs, peerFolder(folder), nodes);
    }
    return undefined;
  }

  /**
   * Seconds until all nodes are in a new table, in one transaction. The table is kept. @param isUnique whether it has a second
   * index, which keeps one property unique.
   */
  async import(lines: Buffer, isUnique = false): Promise<number> {
    const file = join(this.#folder, 'nodes.ndjson');
    writeFileSync(file, lines);
    const seconds = await this.#with(async (port) => {
      await this.#run(port, 'DROP TABLE IF EXISTS node;\n');
      await this.#run(port, 'CHECKPOINT;\n');
      const startMs = performance.now();
      await this.#run(port, importScript(file, isUnique));
      const took = (performance.now() - startMs) / 1000;
      await this.#run(port, 'VACUUM (ANALYZE) node;\nCHECKPOINT;\n');
      return took;
    });
    rmSync(file);
    this.#isFilled = true;
    return seconds;
  }

  /**
   * Writes at random, by a prepared statement, each on the disk before it is answered. The first write to a page after a start
   * logs all of it, which is over for most pages when writes are counted.
   */
  async update(lines: Buffer, seconds: number): Promise<PeerLoad> {
    return this.#load(lines, { script: UPDATE, nodesMax: WRITTEN_NODES_MAX, seconds, warmUpSeconds: seconds * WARM_UP_TIMES });
  }

  /** Reads at random, by a prepared statement, not of pages that it has never seen. @param cores where server and generator are bound to, if they are. */
  async select(lines: Buffer, seconds: number, cores: Cores | undefined): Promise<PeerLoad> {
    return this.#load(lines, { script: SELECT, nodesMax: READ_NODES_MAX, seconds, warmUpSeconds: seconds, cores });
  }

  async #load(lines: Buffer, { script, nodesMax, seconds, warmUpSeconds, cores }: Load): Promise<PeerLoad> {
    if (!this.#isFilled) await this.import(lines);
    const body = lines.toString('utf8', 0, lines.indexOf('\n'));
    const scriptFile = join(this.#folder, 'script');
    writeFileSync(scriptFile, script);
    return this.#with(async (port) => {
      const log = join(this.#folder, 'load');
      // As many different nodes as Holdfast is asked for, and as far apart.
      const asked = Math.min(nodesMax, this.#nodes);
      const variables = [`asked=${asked}`, `apart=${Math.floor(this.#nodes / asked)}`, `body=${body}`].flatMap((variable) => ['-D', variable]);
      const args = ['-h', '127.0.0.1', '-p', port, '-U', USER, '-n', '-M', 'prepared', '-c', CONNECTIONS, '-j', 1, '-f', scriptFile];
      const run = [join(this.#programs, 'pgbench'), ...args.map(String), ...variables, 'postgres'];
      const lasting = (time: number): readonly string[] => ['-T', String(Math.ceil(time))];
      await new Child('env', [...run, ...lasting(warmUpSeconds)]).output();
      const command = [...run, ...lasting(seconds), '-l', '--log-prefix', log];
      const output = await (cores === undefined ? new Child('env', command) : new Child('taskset', ['-c', cores.generator, ...command])).output();
      const perSecond = Number(/tps = ([\d.]+)/.exec(output)?.[1]);
      if (!(perSecond > 0) || !/failed transactions: 0 /.test(output)) throw new Error(`pgbench said: ${output}`);
      return { perSecond, ...latencies(this.#folder) };
    }, cores);
  }

  async #with<T>(work: (port: number) => Promise<T>, cores?: Cores): Promise<T> {
    const server = await this.#launch(cores);
    try {
      return await work(server.port);
    } finally {
      // A fast shutdown: connections end, and what is in memory goes to the disk.
      await server.child.end('SIGINT');
    }
  }

  async #launch(cores: Cores | undefined): Promise<{ readonly child: Child; readonly port: number }> {
    const directory = join(this.#folder, 'data');
    const complaintsFile = join(this.#folder, 'complaints');
    if (!this.#isMade) {
      await new Child('env', asPeer([join(this.#programs, 'initdb'), '-D', directory, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C'])).output();
      this.#isMade = true;
    }
    const port = await freePort();
    const command = [join(this.#programs, 'postgres'), '-D', directory, '-p', String(port), ...SETTINGS.flatMap((setting) => ['-c', setting])];
    const bound = cores === undefined ? command : ['taskset', '-c', cores.server, ...command];
    // At once, with all of its processes, should we end before it; it recovers nothing, because its folder goes too.
    const child = startAsPeer(bound, { lastSignal: 'SIGQUIT', deathSignal: 'QUIT', complaintsFile });
    await this.#untilReady(child, port, complaintsFile);
    return { child, port };
  }

  async #untilReady(child: Child, port: number, complaintsFile: string): Promise<void> {
    for (const endMs = performance.now() + READY_LIMIT_MS; ; ) {
      const status = await new Child(join(this.#programs, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]).output().catch(() => undefined);
      if (status !== undefined) return;
      if (child.over || performance.now() > endMs) throw new Error(`PostgreSQL does not get ready: ${readFileSync(complaintsFile, 'utf8')}`);
      await new Promise((resolve) => setTimeout(resolve, READY_STEP_MS));
    }
  }

  /** @throws when a statement fails. */
  async #run(port: number, script: string): Promise<void> {
    const file = join(this.#folder, 'script');
    writeFileSync(file, script);
    chmodSync(file, 0o644);
    const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', '127.0.0.1', '-p', String(port), '-U', USER, '-f', file, 'postgres'];
    await new Child(join(this.#programs, 'psql'), args, { complaintsFile: join(this.#folder, 'complaints') }).output();
  }
}

const READY_STEP_MS = 20;
const READY_LIMIT_MS = 60_000;
const US_PER_MS = 1000;

/** Of each transaction in the logs of `pgbench`, whose third field is the time that it took. */
function latencies(folder: string): { readonly p50Ms: number; readonly p99Ms: number } {
  const times: number[] = [];
  for (const name of readdirSync(folder).filter((file) => file.startsWith('load.'))) {
    const file = join(folder, name);
    for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) times.push(Number(line.split(' ')[2]) / US_PER_MS);
    rmSync(file);
  }
  return { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
}

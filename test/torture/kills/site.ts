import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Substrate, startSubstrate } from '../../../plugins/simulator/substrate.ts';
import { packageRoot } from '../../../src/package-root.ts';
import { launch, ServerProcess, tokenFor } from '../../support/server-process.ts';

/** A data folder whose servers are killed, and beside it, in this process, the substrate that survives them. */

export interface SiteEndpoint {
  readonly name: string;
  readonly isolation: 'thread' | 'process';
  /** Its plugin can tell what became of an interrupted join. */
  readonly finds: boolean;
}

const SCOPES = ['inventory:read', 'inventory:write', 'secrets:read', 'snapshots', 'reservations', 'admin'];
const DAY_SECONDS = 86_400;
/** Small enough that segments end and are deleted, and more than a subscriber misses between two servers. */
const JOURNAL_KEEP = '8MiB';
const BLIND_PLUGIN = join(packageRoot(), 'dist', 'test', 'torture', 'kills', 'blind-plugin.js');
/** Renewed four seconds after it was made or renewed; the rest is for the time when no server is there. */
const RHYTHM = { tick: '2s', schedulePeriod: '30s', renewAdvanceTicks: 13 };
const TIME_LIMITS = Object.fromEntries(['join', 'leave', 'modify', 'renew', 'find'].map((operation) => [operation, '20s']));

export class Site {
  readonly directory: string;
  readonly substrate: Substrate;
  readonly endpoints: readonly SiteEndpoint[];
  /** Done to the data folder between two servers, by tests of the comparison. */
  tamper: (() => void) | undefined;
  readonly #folder: string;
  readonly #config: string;
  #server: ServerProcess | undefined;

  private constructor(folder: string, substrate: Substrate, endpoints: readonly SiteEndpoint[]) {
    this.#folder = folder;
    this.directory = join(folder, 'data');
    this.substrate = substrate;
    this.endpoints = endpoints;
    this.#config = join(folder, 'holdfast.yaml');
    writeFileSync(this.#config, JSON.stringify(configOf(substrate, endpoints)), { mode: 0o600 });
  }

  static async make(endpoints: readonly SiteEndpoint[]): Promise<Site> {
    return new Site(mkdtempSync(join(tmpdir(), 'holdfast-kills-')), await startSubstrate(), endpoints);
  }

  get server(): ServerProcess {
    if (this.#server === undefined) throw new Error('there is no server');
    return this.#server;
  }

  /** @param under a command that runs the server */
  async start(under: readonly string[] = []): Promise<{ readonly url: string; readonly token: string }> {
    this.tamper?.();
    this.#server = await ServerProcess.start({ directory: this.directory, flags: this.#flags, under });
    return { url: this.#server.url, token: tokenFor(this.directory, SCOPES, { exp: Math.floor(Date.now() / 1000) + DAY_SECONDS }) };
  }

  /** Starts a server that is killed after a while, wherever it has come to by then. */
  async startInVain(lifeMs: number): Promise<void> {
    const { child, exited } = launch(this.directory, this.#flags, {});
    setTimeout(() => child.kill('SIGKILL'), lifeMs);
    await exited;
  }

  /** @param keeps the data folder stays to be looked at. @returns where it is. */
  async end(keeps: boolean): Promise<string> {
    await this.#server?.kill();
    await this.substrate.close();
    if (!keeps) rmSync(this.#folder, { recursive: true, force: true });
    return this.#folder;
  }

  get #flags(): readonly string[] {
    return ['--config', this.#config];
  }
}

function configOf({ url }: Substrate, endpoints: readonly SiteEndpoint[]): object {
  return {
    storage: { journalKeepBytes: JOURNAL_KEEP },
    snapshots: { every: '1s', retain: 2, onShutdown: true },
    query: { enabled: false },
    agent: {
      tick: RHYTHM.tick,
      endpoints: endpoints.map(({ name, isolation, finds }) => ({
        name,
        isolation,
        plugin: finds ? 'simulator' : BLIND_PLUGIN,
        schedulePeriod: RHYTHM.schedulePeriod,
        renewAdvanceTicks: RHYTHM.renewAdvanceTicks,
        threads: 1,
        concurrentCalls: 8,
        timeLimits: TIME_LIMITS,
        properties: { 'simulator.url': url, 'simulator.prefix': `${name}.` },
      })),
    },
  };
}

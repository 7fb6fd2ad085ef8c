import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Substrate, startSubstrate } from '../../../plugins/simulator/substrate.ts';
import { packageRoot } from '../../../src/package-root.ts';
import { type KillEndpoint, TIME_LIMITS } from '../../support/kill-site.ts';
import { launch, ServerProcess, tokenFor } from '../../support/server-process.ts';

/** A data folder whose servers are killed, and beside it, in this process, the substrate that survives them. */

export interface SiteSettings {
  readonly snapshotEvery: string;
  /** Of the journal. */
  readonly journalKeep: string;
}

const SCOPES = ['inventory:read', 'inventory:write', 'secrets:read', 'snapshots', 'reservations', 'admin'];
/** Who was killed is dead by then. */
const DEATH_LIMIT_MS = 1000;
const DAY_SECONDS = 86_400;
/** Little enough that segments end and are deleted, and more than a subscriber misses between two servers. */
const SETTINGS: SiteSettings = { snapshotEvery: '1s', journalKeep: '8MiB' };
const BLIND_PLUGIN = join(packageRoot(), 'dist', 'test', 'torture', 'kills', 'blind-plugin.js');
/** Renewed four seconds after it was made or renewed; the rest is for the time when no server is there, or this machine does other things. */
const RHYTHM = { tick: '2s', schedulePeriod: '10m', renewAdvanceTicks: 298 };

export class Site {
  readonly directory: string;
  readonly substrate: Substrate;
  readonly endpoints: readonly KillEndpoint[];
  /** Done to the data folder between two servers, by tests of the comparison. */
  tamper: (() => void) | undefined;
  readonly #folder: string;
  readonly #config: string;
  #server: ServerProcess | undefined;
  #diedStarting = false;

  private constructor(folder: string, substrate: Substrate, endpoints: readonly KillEndpoint[], settings: SiteSettings) {
    this.#folder = folder;
    this.directory = join(folder, 'data');
    this.substrate = substrate;
    this.endpoints = endpoints;
    this.#config = join(folder, 'holdfast.yaml');
    writeFileSync(this.#config, JSON.stringify(configOf(substrate, endpoints, settings)), { mode: 0o600 });
  }

  static async make(endpoints: readonly KillEndpoint[], settings: SiteSettings = SETTINGS): Promise<Site> {
    return new Site(mkdtempSync(join(tmpdir(), 'holdfast-kills-')), await startSubstrate(), endpoints, settings);
  }

  get server(): ServerProcess {
    if (this.#server === undefined) throw new Error('there is no server');
    return this.#server;
  }

  /** @param under a command that runs the server */
  async start(under: readonly string[] = []): Promise<{ readonly url: string; readonly token: string }> {
    this.tamper?.();
    this.#diedStarting = false;
    this.#server = await ServerProcess.start({ directory: this.directory, flags: this.#flags, under });
    return { url: this.#server.url, token: tokenFor(this.directory, SCOPES, { exp: Math.floor(Date.now() / 1000) + DAY_SECONDS }) };
  }

  /** Whether the last server was killed; @param error of a start that failed, or of requests that had no answer. */
  async wasKilled(error?: unknown): Promise<boolean> {
    if (error instanceof Error && error.message.includes('(SIGKILL)')) {
      this.#server = undefined;
      this.#diedStarting = true;
    }
    if (this.#server === undefined) return this.#diedStarting;
    const ended = await Promise.race([this.#server.exited, new Promise<undefined>((resolve) => setTimeout(resolve, DEATH_LIMIT_MS, undefined))]);
    return ended?.signal === 'SIGKILL';
  }

  signal(signal: NodeJS.Signals): void {
    try {
      process.kill(this.server.pid, signal);
    } catch {
      // It is dead already.
    }
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

function configOf({ url }: Substrate, endpoints: readonly KillEndpoint[], { snapshotEvery, journalKeep }: SiteSettings): object {
  return {
    storage: { journalKeepBytes: journalKeep },
    snapshots: { every: snapshotEvery, retain: 2, onShutdown: true },
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

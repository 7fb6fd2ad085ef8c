import { resolve } from 'node:path';
import type { AgentConfig } from '../agent/endpoint-config.ts';
import { StartFailure } from '../faults.ts';
import type { RetentionRules } from '../protocol/commands.ts';
import { composeAgent } from './agent-config.ts';
import type { Report } from './agent-source.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { CONFIG_SCHEMA } from './config-schema.ts';
import { deepFreeze, defaultsOf, type Elements, isElements, merge, nested } from './elements.ts';
import { checkLayer, type Mistake } from './layer.ts';
import { resolvePaths } from './paths.ts';
import { parseSchedule, type SnapshotSchedule } from './snapshot-schedule.ts';
import { type Given, givenInEnvironment } from './sources.ts';

/**
 * The configuration, complete: defaults, then the file, then the environment, then flags. Every mistake in any of them
 * is reported at once, with where it is.
 */
export interface Config {
  readonly server: {
    readonly host: string;
    readonly port: number;
    /** Threads that have the connections; 1: the main thread. */
    readonly httpThreads: number;
    /** Origins of other sites whose pages may open the feed. */
    readonly allowedOrigins?: readonly string[];
    /** What the header Host may say; anything when absent. */
    readonly allowedHosts?: readonly string[];
    /** Addresses and networks whose X-Forwarded-For is believed. */
    readonly trustedProxies?: readonly string[];
    readonly tls?: { readonly keyFile: string; readonly certFile: string };
  };
  readonly storage: {
    /** Absolute, like every path here. */
    readonly directory: string;
    readonly schemaDirectory?: string;
    readonly journalSync: 'always' | 'interval';
    readonly journalSyncIntervalMs: number;
    readonly journalKeepBytes: number;
    readonly lagChangesMax: number;
    readonly lagMs: number;
  };
  readonly snapshots: {
    readonly every: SnapshotSchedule;
    readonly retain: RetentionRules;
    readonly onShutdown: boolean;
    readonly journalBytesMax: number;
    readonly restore: boolean;
  };
  readonly history: { readonly memoryBytes: number };
  readonly auth: AuthConfig;
  readonly agent: AgentConfig;
  readonly metrics: { readonly access: 'public' | 'token' };
  readonly query: QueryConfig;
  readonly log: { readonly level: LogLevel; readonly format: 'auto' | 'json' | 'pretty' };
  readonly limits: {
    readonly bodyBytes: number;
    readonly bulkBytes: number;
    readonly inFlight: number;
    readonly inFlightPerAddress: number;
    readonly connections: number;
    readonly connectionsPerAddress: number;
    readonly requestsPerSecond: number;
    readonly feedsPerAddress: number;
    readonly pastPerCaller: number;
    readonly queriesPerCaller: number;
    readonly requestTimeLimitMs: number;
  };
}

export interface QueryConfig {
  readonly enabled: boolean;
  /** Milliseconds. */
  readonly timeLimit: number;
  readonly rowsMax: number;
  readonly bytesMax: number;
  /** Bytes. */
  readonly memory: number;
  readonly children: number;
  readonly saved?: readonly SavedQueryConfig[];
}

export interface SavedQueryConfig {
  readonly name: string;
  readonly description?: string;
  readonly sql: string;
  readonly at?: string;
  /** Milliseconds. */
  readonly every: number;
  readonly labels?: readonly string[];
}

export interface AuthConfig {
  readonly reads: 'public' | 'token';
  readonly algorithm: 'HS256' | 'RS256' | 'ES256' | 'EdDSA';
  readonly secretFile?: string;
  readonly previousSecretFile?: string;
  readonly jwksFile?: string;
  readonly jwksUrl?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly leewaySeconds: number;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface ConfigSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What flags say, in the order of the command line. */
  readonly flags: readonly Given[];
  /** `--config`; else HOLDFAST_CONFIG is asked. */
  readonly file?: string;
  readonly workingDirectory: string;
}

/** The exit code of a command line, and of the configuration that goes with it, that cannot be carried out. */
const WRONG_USAGE = 2;

/** The configuration, and what is accepted in it but somebody should know of: one text each, for the log. */
export interface LoadedConfig {
  readonly config: Config;
  readonly remarks: readonly string[];
}

/** @throws StartFailure that lists every mistake. */
export function loadConfig(sources: ConfigSources): Config {
  return loadConfigWithRemarks(sources).config;
}

/** @throws StartFailure that lists every mistake. */
export function loadConfigWithRemarks(sources: ConfigSources): LoadedConfig {
  const report: Report = { mistakes: [], remarks: [] };
  const { elements, given, file } = readElements(sources, report.mistakes);
  const agent = composeAgent({ given: isElements(given['agent']) ? given['agent'] : {}, file, environment: sources.environment }, report);
  if (agent === undefined || report.mistakes.length > 0) throw new StartFailure(describeMistakes(report.mistakes), WRONG_USAGE);
  return { config: deepFreeze({ ...complete(elements), agent }), remarks: report.remarks };
}

/**
 * For commands that only need the rest: the files that the agent's section names are left alone, and may be out of reach.
 * @throws StartFailure that lists every mistake.
 */
export function loadConfigWithoutAgent(sources: ConfigSources): Omit<Config, 'agent'> {
  const mistakes: Mistake[] = [];
  const { elements } = readElements(sources, mistakes);
  if (mistakes.length > 0) throw new StartFailure(describeMistakes(mistakes), WRONG_USAGE);
  return deepFreeze(complete(elements));
}

/**
 * Reads everything again, for a reload while the server runs.
 * @returns the agent's part, or the text that a start would have ended with; any mistake in any section refuses the reload.
 */
export function reloadAgentConfig(
  sources: ConfigSources,
): { readonly ok: true; readonly agent: AgentConfig; readonly remarks: readonly string[] } | { readonly ok: false; readonly mistakes: string } {
  try {
    const { config, remarks } = loadConfigWithRemarks(sources);
    return { ok: true, agent: config.agent, remarks };
  } catch (error) {
    if (error instanceof StartFailure) return { ok: false, mistakes: error.message };
    throw error;
  }
}

interface ReadElements {
  /** Complete with defaults; only to be used when there are no mistakes. */
  readonly elements: Elements;
  /** What was given, without defaults; parts of it may be wrong. */
  readonly given: Elements;
  readonly file: ConfigFile | undefined;
}

function readElements(sources: ConfigSources, mistakes: Mistake[]): ReadElements {
  const elements = defaultsOf(CONFIG_SCHEMA);
  resolvePaths(CONFIG_SCHEMA, elements, sources.workingDirectory);
  const fromEnvironment = sources.environment['HOLDFAST_CONFIG'];
  const path = sources.file ?? (fromEnvironment === '' ? undefined : fromEnvironment);
  const file = path === undefined ? undefined : readConfigFile(resolve(sources.workingDirectory, path), mistakes);
  const given = merge({}, file?.given ?? {});
  merge(elements, file?.elements ?? {});
  for (const { path: element, value, name } of [...givenInEnvironment(sources.environment), ...sources.flags]) {
    const layer = checkLayer(nested(element, value), { fromText: true, place: () => name }, mistakes);
    for (const [into, from] of [
      [elements, layer.elements],
      [given, layer.given],
    ] as const) {
      resolvePaths(CONFIG_SCHEMA, from, sources.workingDirectory);
      merge(into, from);
    }
  }
  if (mistakes.length === 0) checkTogether(elements as unknown as CheckedElements, mistakes);
  return { elements, given, file };
}

type CheckedElements = Omit<Config, 'agent' | 'snapshots'> & { readonly snapshots: Omit<Config['snapshots'], 'every'> & { readonly every: string } };

function complete(elements: Elements): Omit<Config, 'agent'> {
  const { agent: _agent, ...checked } = elements as unknown as CheckedElements & { readonly agent: unknown };
  const every = parseSchedule(checked.snapshots.every);
  // The schema has let it through.
  if (typeof every === 'string') throw new Error(every);
  return { ...checked, snapshots: { ...checked.snapshots, every } };
}

/** What is only wrong in combination. */
function checkTogether({ auth, query }: CheckedElements, mistakes: Mistake[]): void {
  const add = (element: string, reason: string): void => void mistakes.push({ place: 'configuration', element, reason });
  const keySets = [auth.jwksFile, auth.jwksUrl].filter((value) => value !== undefined).length;
  if (auth.algorithm === 'HS256' && keySets > 0)
    add('auth.algorithm', 'HS256 has a secret and no key set: name RS256, ES256 or EdDSA, or take jwksFile and jwksUrl out');
  if (auth.algorithm !== 'HS256' && keySets === 0) add('auth', `${auth.algorithm} needs jwksFile or jwksUrl`);
  if (auth.algorithm !== 'HS256' && auth.secretFile !== undefined) add('auth.secretFile', `is for HS256 and not for ${auth.algorithm}`);
  const names = (query.saved ?? []).map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) add('query.saved', `there are two of the name ${twice}`);
  for (const { name, labels = [] } of query.saved ?? []) {
    // Prometheus keeps the first two sorts for itself; the last one is the number.
    const bad = labels.find((label, index) => label.startsWith('__') || label === 'le' || label === 'value' || labels.indexOf(label) !== index);
    if (bad !== undefined) add('query.saved', `${name} cannot have the label ${bad}`);
  }
  if (auth.algorithm !== 'HS256' && auth.previousSecretFile !== undefined) add('auth.previousSecretFile', `is for HS256 and not for ${auth.algorithm}`);
  if (keySets > 1) add('auth', 'give jwksFile or jwksUrl, not both');
}

/** One line, or a list with a line for each. */
export function describeMistakes(mistakes: readonly Mistake[]): string {
  const lines = mistakes.map(({ place, element, reason }) => (element === '' ? `${place}: ${reason}` : `${place}: ${element}: ${reason}`));
  if (lines.length === 1) return `the configuration has a mistake: ${lines[0]}`;
  return `the configuration has ${lines.length} mistakes:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

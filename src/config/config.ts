import { resolve } from 'node:path';
import { StartFailure } from '../faults.ts';
import type { RetentionRules } from '../protocol/commands.ts';
import { readConfigFile } from './config-file.ts';
import { CONFIG_SCHEMA, type ConfigSchema } from './config-schema.ts';
import { checkLayer, type Elements, type Mistake } from './layer.ts';
import { isElements, resolvePaths } from './paths.ts';
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
    readonly tls?: { readonly keyFile: string; readonly certFile: string };
  };
  readonly storage: {
    /** Absolute, like every path here. */
    readonly directory: string;
    readonly schemaDirectory?: string;
    readonly journalSync: 'always' | 'interval';
    readonly journalSyncIntervalMs: number;
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
  readonly auth: AuthConfig;
  readonly log: { readonly level: LogLevel; readonly format: 'auto' | 'json' | 'pretty' };
  readonly limits: {
    readonly bodyBytes: number;
    readonly bulkBytes: number;
    readonly inFlight: number;
    readonly requestTimeLimitMs: number;
  };
}

export interface AuthConfig {
  readonly reads: 'public' | 'token';
  readonly algorithm: 'HS256' | 'RS256' | 'ES256' | 'EdDSA';
  readonly secretFile?: string;
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

/** @throws StartFailure that lists every mistake. */
export function loadConfig(sources: ConfigSources): Config {
  const mistakes: Mistake[] = [];
  const elements: Elements = defaultsOf(CONFIG_SCHEMA) as Elements;
  resolvePaths(CONFIG_SCHEMA, elements, sources.workingDirectory);
  const fromEnvironment = sources.environment['HOLDFAST_CONFIG'];
  const file = sources.file ?? (fromEnvironment === '' ? undefined : fromEnvironment);
  if (file !== undefined) merge(elements, readConfigFile(resolve(sources.workingDirectory, file), mistakes));
  for (const given of [...givenInEnvironment(sources.environment), ...sources.flags]) {
    const layer = checkLayer(CONFIG_SCHEMA, nested(given.path, given.value), { fromText: true, place: () => given.name }, mistakes);
    resolvePaths(CONFIG_SCHEMA, layer, sources.workingDirectory);
    merge(elements, layer);
  }
  if (mistakes.length === 0) checkTogether(elements as unknown as CheckedElements, mistakes);
  if (mistakes.length > 0) throw new StartFailure(describe(mistakes), WRONG_USAGE);
  const checked = elements as unknown as CheckedElements;
  const every = parseSchedule(checked.snapshots.every);
  if (typeof every === 'string') throw new StartFailure(every, WRONG_USAGE);
  return deepFreeze({ ...checked, snapshots: { ...checked.snapshots, every } });
}

type CheckedElements = Omit<Config, 'snapshots'> & { readonly snapshots: Omit<Config['snapshots'], 'every'> & { readonly every: string } };

/** What is only wrong in combination. */
function checkTogether({ auth }: CheckedElements, mistakes: Mistake[]): void {
  const add = (element: string, reason: string): void => void mistakes.push({ place: 'configuration', element, reason });
  const keySets = [auth.jwksFile, auth.jwksUrl].filter((value) => value !== undefined).length;
  if (auth.algorithm === 'HS256' && keySets > 0)
    add('auth.algorithm', 'HS256 has a secret and no key set: name RS256, ES256 or EdDSA, or take jwksFile and jwksUrl out');
  if (auth.algorithm !== 'HS256' && keySets === 0) add('auth', `${auth.algorithm} needs jwksFile or jwksUrl`);
  if (auth.algorithm !== 'HS256' && auth.secretFile !== undefined) add('auth.secretFile', `is for HS256 and not for ${auth.algorithm}`);
  if (keySets > 1) add('auth', 'give jwksFile or jwksUrl, not both');
}

function describe(mistakes: readonly Mistake[]): string {
  const lines = mistakes.map(({ place, element, reason }) => (element === '' ? `${place}: ${reason}` : `${place}: ${element}: ${reason}`));
  if (lines.length === 1) return `the configuration has a mistake: ${lines[0]}`;
  return `the configuration has ${lines.length} mistakes:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

function defaultsOf(schema: ConfigSchema): unknown {
  if (schema.properties === undefined) return schema.default;
  const elements: Elements = {};
  for (const [name, child] of Object.entries(schema.properties)) {
    const value = defaultsOf(child);
    if (value !== undefined) elements[name] = value;
  }
  return Object.keys(elements).length === 0 ? undefined : elements;
}

function merge(into: Elements, from: Elements): void {
  for (const [name, value] of Object.entries(from)) {
    const present = into[name];
    if (isElements(present) && isElements(value)) merge(present, value);
    else into[name] = value;
  }
}

function nested(path: readonly string[], value: unknown): Elements {
  return path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Elements;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}

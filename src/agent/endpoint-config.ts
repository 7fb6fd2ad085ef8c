import type { PluginOperation, Properties } from '../protocol/plugin-calls.ts';

/** The configuration of the reservation half, checked and complete: what YAML and NodeAgent2's XML both come to. */

/** NodeAgent2's units of time. */
export type TimeUnit = 'WEEK' | 'DAY' | 'HOUR' | 'MINUTE' | 'SECOND';

export interface Period {
  readonly length: number;
  readonly unit: TimeUnit;
}

export const UNIT_MS: Readonly<Record<TimeUnit, number>> = { WEEK: 604_800_000, DAY: 86_400_000, HOUR: 3_600_000, MINUTE: 60_000, SECOND: 1000 };

export function periodMs({ length, unit }: Period): number {
  return length * UNIT_MS[unit];
}

export interface AgentConfig {
  /** Where it came from, for messages and as the folder that modules are resolved from; absolute. */
  readonly file: string | undefined;
  readonly tick: Period;
  readonly digest: DigestConfig;
  /** How long closed reservations stay to be looked at. */
  readonly closedRetentionMs: number;
  readonly endpoints: readonly EndpointConfig[];
}

export interface DigestConfig {
  /** The password of `admin`; undefined: HTTP Digest is not offered, tokens only. */
  readonly password: string | undefined;
  readonly md5: boolean;
  readonly nonceLifetimeMs: number;
}

export interface EndpointConfig {
  readonly name: string;
  /** `null`, `exec`, `simulator`, a package name, or an absolute path. */
  readonly plugin: string;
  /** The module's export that makes the plugin. */
  readonly exportName: string;
  /** The folder that package names are looked up from; absolute. */
  readonly resolveFrom: string;
  /** What `GET /plugins` tells as `jar` and `mainClass`: as configured. */
  readonly jar: string;
  readonly mainClass: string;
  readonly schedulePeriod: Period;
  readonly renewAdvanceTicks: number;
  /** As configured, and told by `GET /plugins`; the host reads the file and gives its text to `initialize`. */
  readonly config: string | undefined;
  readonly properties: Properties;
  readonly description: string | undefined;
  readonly isolation: 'thread' | 'process';
  readonly threads: number;
  /** In each thread. With more than one, a call that takes its thread down takes its neighbours along. */
  readonly concurrentCalls: number;
  /** Renewals under way at once, at most; the rest of the capacity is for joins, leaves and the like. */
  readonly concurrentRenewals: number;
  /** Calls that may wait. */
  readonly queueLengthMax: number;
  readonly memoryMiB: number;
  /** Names of variables of the server's environment that the plugin sees. */
  readonly env: readonly string[];
  /** isolation `process`: the account that the process runs as. */
  readonly user: string | undefined;
  readonly timeLimitsMs: Readonly<Record<PluginOperation, number>>;
  /** Attempts after a failed renewal, within the slack before the real end; 0 is NodeAgent2's rule. */
  readonly renewRetries: number;
}

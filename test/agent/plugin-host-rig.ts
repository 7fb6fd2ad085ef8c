import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { EndpointConfig } from '../../src/agent/endpoint-config.ts';
import { openPluginHost } from '../../src/agent/plugin-host/plugin-host.ts';
import type { PluginHost, PluginOutcome, Properties } from '../../src/protocol/plugin-calls.ts';

/** Real plugin hosts for tests: an endpoint's configuration with everything filled in, and a log that can be read. */

export const ISOLATIONS = ['thread', 'process'] as const;
export type Isolation = (typeof ISOLATIONS)[number];

export const FAULTS_PLUGIN: string = fileURLToPath(new URL('./plugins/faults.js', import.meta.url));
export const INSTANCE: string = `test-${process.pid}`;

export interface LogLine {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export class TestLog {
  readonly lines: LogLine[] = [];

  debug(fields: object, message: string): void {
    this.#add('debug', fields, message);
  }
  info(fields: object, message: string): void {
    this.#add('info', fields, message);
  }
  warn(fields: object, message: string): void {
    this.#add('warn', fields, message);
  }
  error(fields: object, message: string): void {
    this.#add('error', fields, message);
  }

  get messages(): readonly string[] {
    return this.lines.map(({ message }) => message);
  }

  #add(level: string, fields: object, message: string): void {
    this.lines.push({ level, fields: fields as Record<string, unknown>, message });
  }
}

export function endpointConfig(changes: Partial<EndpointConfig> = {}): EndpointConfig {
  return {
    name: 'testing',
    plugin: FAULTS_PLUGIN,
    exportName: 'default',
    resolveFrom: tmpdir(),
    jar: 'testing',
    mainClass: 'default',
    schedulePeriod: { length: 1, unit: 'HOUR' },
    renewAdvanceTicks: 1,
    config: undefined,
    properties: {},
    description: undefined,
    isolation: 'thread',
    threads: 1,
    concurrentCalls: 1,
    concurrentRenewals: 1,
    queueLengthMax: 100,
    memoryMiB: 64,
    env: [],
    user: undefined,
    timeLimitsMs: { join: 5000, leave: 5000, modify: 5000, renew: 5000, status: 5000, find: 5000, list: 5000 },
    renewRetries: 0,
    ...changes,
  };
}

export interface TestHost {
  readonly host: PluginHost;
  readonly log: TestLog;
  /** Joins with a caller property `do`, and waits for the outcome. */
  join(behaviour: string, timeLimitMs?: number, properties?: Properties): Promise<PluginOutcome>;
}

let joins = 0;

/** Opens a host, hands it to the test, and closes it. */
export async function withHost(changes: Partial<EndpointConfig>, run: (host: TestHost) => Promise<void>): Promise<void> {
  const log = new TestLog();
  const opened = await openPluginHost(endpointConfig(changes), { instance: INSTANCE, log });
  assert.ok(opened.ok, opened.ok ? '' : opened.fault.detail);
  const { host } = opened.value;
  const join: TestHost['join'] = (behaviour, timeLimitMs = 10_000, properties = {}) => {
    joins += 1;
    const callerProperties = { do: behaviour, ...properties };
    return host.call({ operation: 'join', operationId: `${INSTANCE}-${joins}`, input: { untilMs: 0, callerProperties } }, timeLimitMs).ended;
  };
  try {
    await run({ host, log, join });
  } finally {
    await host.close(0);
  }
}

/** The fault of a plugin that does not start. */
export async function faultOf(changes: Partial<EndpointConfig>, startLimitMs = 10_000): Promise<string> {
  const opened = await openPluginHost(endpointConfig(changes), { instance: INSTANCE, log: new TestLog(), startLimitMs });
  if (!opened.ok) {
    assert.equal(opened.fault.code, 'plugin-failed');
    return opened.fault.detail;
  }
  await opened.value.host.close(0);
  assert.fail('the plugin started');
}

export async function eventually(isTrue: () => boolean, limitMs = 5000): Promise<void> {
  const started = performance.now();
  while (!isTrue()) {
    assert.ok(performance.now() - started < limitMs, `did not come true within ${limitMs} ms: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function messageIn(outcome: PluginOutcome): string {
  return 'message' in outcome ? outcome.message : JSON.stringify(outcome);
}

export function propertiesIn(outcome: PluginOutcome): Properties {
  assert.equal(outcome.type, 'returned', messageIn(outcome));
  return outcome.type === 'returned' ? (outcome.answer.properties ?? {}) : {};
}

import { dirname } from 'node:path';
import type { AgentConfig, EndpointConfig, Period } from '../agent/endpoint-config.ts';
import type { PluginOperation } from '../protocol/plugin-calls.ts';
import { isSecretName } from '../secret-names.ts';
import { checkAgent, checkModules, completeEndpoint } from './agent-checks.ts';
import type { AgentSource, Report } from './agent-source.ts';
import { readAgentXml } from './agent-xml.ts';
import type { ConfigFile } from './config-file.ts';
import { CONFIG_SCHEMA } from './config-schema.ts';
import { defaultsOf, type Elements, elementName, isElements, merge } from './elements.ts';
import { parsePeriod } from './period.ts';
import { pluginLocation } from './plugin-module.ts';
import { openMode, readSecretFile } from './secret-file.ts';

/** The agent's part of the configuration, with all that it names: NodeAgent2's XML, the password, the modules of plugins. */

export interface AgentInput {
  /** The section as file, environment and flags say it, without defaults; parts of it may be wrong, and reported. */
  readonly given: Elements;
  readonly file: ConfigFile | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The section with its defaults, when nothing in it is wrong. */
interface AgentElements {
  readonly passwordFile?: string;
  readonly digestMd5: boolean;
  readonly nonceLifetime: number;
  readonly closedRetention: number;
}

/** As ENDPOINT_SCHEMA has it. */
interface EndpointElements {
  readonly name: string;
  readonly plugin: string;
  readonly export: string;
  readonly schedulePeriod: string;
  readonly renewAdvanceTicks: number;
  readonly config?: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly isolation: 'thread' | 'process';
  readonly threads: number;
  readonly concurrentCalls: number;
  readonly concurrentRenewals?: number;
  readonly queueLength: number;
  readonly memory: number;
  readonly env: readonly string[];
  readonly user?: string;
  readonly timeLimits: Readonly<Record<PluginOperation, number>>;
  readonly renewRetries: number;
}

const BYTES_PER_MIB = 1024 * 1024;

/** Undefined only when the report has mistakes. */
export function composeAgent(input: AgentInput, report: Report): AgentConfig | undefined {
  const source = sourceOf(input, report);
  if (source !== undefined) {
    checkAgent(source, report);
    checkModules(source, report);
  }
  const password = passwordOf(input, source, report);
  if (source === undefined || report.mistakes.length > 0) return undefined;
  const { digestMd5, nonceLifetime, closedRetention } = sectionOf(input) as unknown as AgentElements;
  const folder = source.file === undefined ? undefined : dirname(source.file);
  return {
    file: source.file,
    tick: periodIn(source.tick),
    digest: { password, md5: digestMd5, nonceLifetimeMs: nonceLifetime },
    closedRetentionMs: closedRetention,
    endpoints: folder === undefined ? [] : source.endpoints.map((endpoint) => endpointOf(completeEndpoint(endpoint) as unknown as EndpointElements, folder)),
  };
}

function sectionOf({ given }: AgentInput): Elements {
  const schema = CONFIG_SCHEMA.properties?.['agent'];
  return merge(schema === undefined ? {} : defaultsOf(schema), given);
}

function sourceOf(input: AgentInput, report: Report): AgentSource | undefined {
  const { given, file } = input;
  const { config, tick, endpoints } = given;
  if (config === undefined) return yamlSource(input);
  for (const name of ['tick', 'endpoints']) {
    if (given[name] === undefined) continue;
    const reason = 'is not for beside config, whose XML file has its own: take one of them out';
    report.mistakes.push({ place: file?.place(['agent', name]) ?? 'configuration', element: `agent.${name}`, reason });
  }
  return typeof config === 'string' && tick === undefined && endpoints === undefined ? readAgentXml(config, report) : undefined;
}

function yamlSource(input: AgentInput): AgentSource {
  const { tick, endpoints } = sectionOf(input);
  const items = Array.isArray(endpoints) ? (endpoints as readonly unknown[]) : [];
  const { file } = input;
  return {
    // Without endpoints there is nothing that comes from it.
    file: items.length === 0 ? undefined : file?.path,
    tick,
    endpoints: items.map((item) => (isElements(item) ? item : {})),
    password: undefined,
    at(path) {
      const element = ['agent', ...path];
      return { place: file?.place(element) ?? 'configuration', element: elementName(element) };
    },
  };
}

/** The environment goes before the file that is named, and that before the XML's own attribute. */
function passwordOf({ given, environment, file }: AgentInput, source: AgentSource | undefined, report: Report): string | undefined {
  const { passwordFile } = given;
  const fromEnvironment = environment['HOLDFAST_AGENT_PASSWORD'];
  const inXml = source?.password;
  if (source?.file !== undefined) remarkOpenFile(source.file, source, report);
  if (fromEnvironment !== undefined && fromEnvironment !== '') {
    if (inXml !== undefined) report.remarks.push(`${source?.file}: its password is not used; HOLDFAST_AGENT_PASSWORD goes before it`);
    return fromEnvironment;
  }
  if (typeof passwordFile === 'string') {
    if (inXml !== undefined) report.remarks.push(`${source?.file}: its password is not used; agent.passwordFile goes before it`);
    const read = readSecretFile(passwordFile);
    if (typeof read === 'string') {
      report.mistakes.push({ place: file?.place(['agent', 'passwordFile']) ?? 'configuration', element: 'agent.passwordFile', reason: read });
      return undefined;
    }
    const mode = openMode(passwordFile);
    if (mode !== undefined) report.remarks.push(`${passwordFile}: others on this machine can read or write this password (mode ${mode}): chmod 600 it`);
    return read.secret;
  }
  if (inXml === '') report.mistakes.push({ place: String(source?.file), element: '@password', reason: 'is empty' });
  if (inXml === undefined && source !== undefined && source.endpoints.length > 0)
    report.remarks.push('the agent has no password (agent.passwordFile or HOLDFAST_AGENT_PASSWORD): HTTP Digest is not offered, only tokens are taken');
  return inXml;
}

/** Files with secrets are for the owner of the process. */
function remarkOpenFile(path: string, { password, endpoints }: AgentSource, { remarks }: Report): void {
  const hasSecret = endpoints.some(({ properties }) => isElements(properties) && Object.keys(properties).some(isSecretName));
  const mode = openMode(path);
  if (mode === undefined || (password === undefined && !hasSecret)) return;
  const what = password === undefined ? 'secret properties of plugins' : 'the password of the agent';
  remarks.push(`${path}: others on this machine can read or write ${what} in it (mode ${mode}): chmod 600 it`);
}

function endpointOf(given: EndpointElements, folder: string): EndpointConfig {
  const { threads, concurrentCalls } = given;
  return {
    name: given.name,
    plugin: pluginLocation(given.plugin, folder),
    exportName: given.export,
    resolveFrom: folder,
    jar: given.plugin,
    mainClass: given.export,
    schedulePeriod: periodIn(given.schedulePeriod),
    renewAdvanceTicks: given.renewAdvanceTicks,
    config: given.config,
    properties: given.properties,
    description: given.description,
    isolation: given.isolation,
    threads,
    concurrentCalls,
    concurrentRenewals: given.concurrentRenewals ?? Math.max(1, Math.floor((threads * concurrentCalls) / 2)),
    queueLengthMax: given.queueLength,
    memoryMiB: Math.floor(given.memory / BYTES_PER_MIB),
    env: given.env,
    user: given.user,
    timeLimitsMs: given.timeLimits,
    renewRetries: given.renewRetries,
  };
}

function periodIn(value: unknown): Period {
  const period = parsePeriod(String(value));
  // The schema has let it through.
  if (typeof period === 'string') throw new Error(period);
  return period;
}

import type { AgentApi, CallAnswer, ScheduleEntry } from '../agent/agent-api.ts';
import type { EndpointConfig } from '../agent/endpoint-config.ts';
import { done, type Fault, fail, type Result } from '../faults.ts';
import type { Idempotency } from '../protocol/commands.ts';
import type { PluginOperation, Properties } from '../protocol/plugin-calls.ts';
import { type AgentOperation, descriptionOf, pluginList, pluginReturn, scheduleEntry } from './agent-wire.ts';
import type { Exchange } from './exchange.ts';
import { beginRequestHash, endRequestHash, idempotencyKeyOf, storedKey } from './idempotency.ts';
import type { FrontLimits } from './limits.ts';
import { AGENT_ABOUT } from './openapi/about-agent.ts';
import { JSON_TYPE } from './record-answer.ts';
import { JoinedTexts, replyInParts } from './reply-in-parts.ts';
import { readProperties } from './reservation-properties.ts';
import type { Call, Route } from './route.ts';

/** NodeAgent2's protocol: its routes at the root of the server, for clients that were written for it. */

export interface AgentContext {
  readonly agent: AgentApi;
  readonly limits: FrontLimits;
  /** Secret for the hashes that idempotency remembers; the same after a restart. */
  readonly idempotencyKey: Buffer;
}

export function agentRoutes(context: AgentContext): readonly Route[] {
  const { agent } = context;
  return [
    { ...POST, path: '/join/{endpoint}', about: AGENT_ABOUT.join, handler: (exchange, call) => join(context, exchange, call) },
    { ...POST, path: '/leave/{endpoint}/{id}', about: AGENT_ABOUT.leave, handler: (exchange, call) => change(context, 'leave', exchange, call) },
    { ...POST, path: '/modify/{endpoint}/{id}', about: AGENT_ABOUT.modify, handler: (exchange, call) => change(context, 'modify', exchange, call) },
    { ...GET, path: '/status/{endpoint}/{id}', about: AGENT_ABOUT.status, handler: (exchange, call) => status(context, exchange, call) },
    { ...GET, path: '/description/{endpoint}', about: AGENT_ABOUT.description, handler: (exchange, call) => description(agent, exchange, call) },
    {
      ...GET,
      path: '/plugins',
      about: AGENT_ABOUT.plugins,
      handler: (exchange) => exchange.reply({ status: 200, headers: [JSON_TYPE], body: pluginList(null, agent.endpoints) }),
    },
    { ...GET, path: '/plugins/{endpoint}', about: AGENT_ABOUT.plugin, handler: (exchange, call) => plugins(agent, exchange, call) },
    { ...GET, path: '/schedule', about: AGENT_ABOUT.schedule, handler: (exchange) => schedule(exchange, agent.schedule()) },
    { ...GET, path: '/schedule/{endpoint}', about: AGENT_ABOUT.scheduleOf, handler: (exchange, call) => schedule(exchange, agent.schedule(call.endpoint)) },
    {
      ...GET,
      path: '/schedule/{endpoint}/{id}',
      about: AGENT_ABOUT.scheduleOfOne,
      handler: (exchange, call) => schedule(exchange, agent.schedule(call.endpoint, call.id)),
    },
    { ...GET, path: '/expired', about: AGENT_ABOUT.expired, handler: (exchange) => schedule(exchange, agent.expired()) },
  ];
}

const AGENT_CALL = { access: 'reservations', parameters: [], isAgentCall: true } as const;
const GET = { ...AGENT_CALL, method: 'GET' } as const;
const POST = { ...AGENT_CALL, method: 'POST' } as const;

async function join(context: AgentContext, exchange: Exchange, call: Call): Promise<void> {
  const ready = await readyFor(context, exchange, call, 'join');
  if (!ready.ok) return exchange.fail(ready.fault);
  const { properties, bytes } = ready.value;
  const idempotency = idempotencyOf(context, exchange, call, bytes);
  if (!idempotency.ok) return exchange.fail(idempotency.fault);
  reply(exchange, 'join', undefined, await context.agent.join(call.endpoint, properties, callerOf(call), idempotency.value));
}

async function change(context: AgentContext, operation: 'leave' | 'modify', exchange: Exchange, call: Call): Promise<void> {
  const ready = await readyFor(context, exchange, call, operation);
  if (!ready.ok) return exchange.fail(ready.fault);
  reply(exchange, operation, call.id, await context.agent[operation](call.endpoint, call.id, ready.value.properties, callerOf(call)));
}

async function status({ agent, limits }: AgentContext, exchange: Exchange, call: Call): Promise<void> {
  const endpoint = agent.endpoint(call.endpoint);
  if (endpoint === undefined) return exchange.fail(noEndpoint(call.endpoint));
  exchange.timeLimitMs = timeLimitMs(endpoint, 'status', limits);
  reply(exchange, 'status', call.id, await agent.status(call.endpoint, call.id, callerOf(call)));
}

/** What the plugin is to be given, when there is a plugin; the call's time counts from here. */
async function readyFor(
  { agent, limits }: AgentContext,
  exchange: Exchange,
  call: Call,
  operation: PluginOperation,
): Promise<Result<{ properties: Properties; bytes: Buffer }>> {
  const body = await readProperties(exchange);
  if (!body.ok) return body;
  const endpoint = agent.endpoint(call.endpoint);
  if (endpoint === undefined) return { ok: false, fault: noEndpoint(call.endpoint) };
  exchange.timeLimitMs = timeLimitMs(endpoint, operation, limits);
  exchange.touch();
  return body;
}

/**
 * The agent keeps to the plugin's time limit and says what became of the call. Here is only what ends a request that got
 * no answer for any other reason: a call may first wait for another one on the same reservation, and for a thread.
 */
export function timeLimitMs({ timeLimitsMs }: EndpointConfig, operation: PluginOperation, limits: FrontLimits): number {
  return timeLimitsMs[operation] + Math.max(...Object.values(timeLimitsMs)) + limits.requestTimeLimitMs;
}

function idempotencyOf(context: AgentContext, exchange: Exchange, call: Call, bytes: Buffer): Result<Idempotency | undefined> {
  const key = idempotencyKeyOf(exchange.head);
  if (!key.ok) return key;
  if (key.value === undefined) return done(undefined);
  const hash = beginRequestHash(exchange.head, call.caller, context.idempotencyKey).update(bytes);
  return done({ key: storedKey(key.value, context.idempotencyKey), requestHash: endRequestHash(hash) });
}

function reply(exchange: Exchange, operation: AgentOperation, id: string | undefined, answer: Result<CallAnswer>): void {
  if (answer.ok) exchange.reply({ status: 200, headers: [JSON_TYPE], body: pluginReturn(operation, id, answer.value) });
  else exchange.fail(answer.fault);
}

function description(agent: AgentApi, exchange: Exchange, { endpoint: name }: Call): void {
  const endpoint = agent.endpoint(name);
  if (endpoint === undefined) exchange.fail(noEndpoint(name));
  else exchange.reply({ status: 200, headers: [['Content-Type', 'text/plain; charset=utf-8']], body: descriptionOf(endpoint) });
}

function plugins(agent: AgentApi, exchange: Exchange, { endpoint: name }: Call): void {
  const endpoint = agent.endpoint(name);
  // No endpoint has so short a name.
  const asked = endpoint === undefined && name.toLowerCase() === 'all' ? agent.endpoints : endpoint === undefined ? undefined : [endpoint];
  if (asked === undefined) exchange.fail(noEndpoint(name));
  else exchange.reply({ status: 200, headers: [JSON_TYPE], body: pluginList(name, asked) });
}

function schedule(exchange: Exchange, entries: Result<Iterable<ScheduleEntry>>): void | Promise<void> {
  if (!entries.ok) return exchange.fail(entries.fault);
  return replyInParts(exchange, [JSON_TYPE], new JoinedTexts('{"list":[', texts(entries.value), ']}'));
}

function* texts(entries: Iterable<ScheduleEntry>): Generator<string> {
  for (const entry of entries) yield scheduleEntry(entry);
}

export function callerOf(call: Call): string {
  return call.caller?.subject ?? '';
}

const NAME_SHOWN_MAX = 100;

function noEndpoint(name: string): Fault {
  return fail('not-found', `there is no endpoint "${name.slice(0, NAME_SHOWN_MAX)}"`).fault;
}

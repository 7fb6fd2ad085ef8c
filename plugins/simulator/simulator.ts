import { setTimeout as sleep } from 'node:timers/promises';
import { type CallContext, OUTCOME_UNKNOWN, type Plugin, type PluginReturn, type Properties } from '../plugin.ts';
import { type SubstrateAnswer, SubstrateClient } from './substrate-client.ts';

/**
 * The plugin of the simulated substrate, and an example of one that is careful: every request carries the operation id, and
 * when an answer is lost it finds out what happened instead of reporting a failure that may be none.
 *
 * Properties: `simulator.url` (needed), `simulator.prefix` (ids begin with it, and `list` tells only those; default none),
 * `simulator.connections` (in each thread, 1 to 1024; default 16), `simulator.recover` (`false`: a lost answer is thrown, as by a
 * plugin that is not careful; default `true`).
 */

const CONNECTIONS_DEFAULT = 16;
const CONNECTIONS_MAX = 1024;
/** Between two attempts to learn what became of a call. */
const RECOVER_PAUSE_MS = 50;
/** What a break/make renewal hands on: the resource that the reservation stands on now. */
const RESOURCE = 'simulator.resource';
const UNTIL = 'simulator.until';
const STATE = 'simulator.state';

class Simulator implements Plugin {
  #client = new SubstrateClient('http://127.0.0.1', 1);
  #prefix = '';
  #recovers = true;

  initialize(_config: string | undefined, properties: Properties): void {
    const url = properties['simulator.url'];
    if (url === undefined || !url.startsWith('http://'))
      throw new Error('property simulator.url is needed: where the substrate is, like http://127.0.0.1:7070');
    const connections = Number(properties['simulator.connections'] ?? CONNECTIONS_DEFAULT);
    if (!Number.isSafeInteger(connections) || connections < 1 || connections > CONNECTIONS_MAX) {
      throw new Error(`property simulator.connections must be a number from 1 to ${CONNECTIONS_MAX}`);
    }
    this.#client = new SubstrateClient(url, connections);
    this.#prefix = properties['simulator.prefix'] ?? '';
    this.#recovers = properties['simulator.recover'] !== 'false';
  }

  async join(until: Date, callerProperties: Properties, context: CallContext): Promise<PluginReturn> {
    const body = { operationId: context.operationId, untilMs: until.getTime(), prefix: this.#prefix, properties: callerProperties };
    const answer = await this.#post('/join', body, context.signal);
    if (answer.type !== 'lost' || !this.#recovers) return returned(answer);
    context.log.warn(`the answer to the join was lost (${answer.message}); asking what became of it`);
    const question = { operationId: `${context.operationId}/find`, joinOperationId: context.operationId };
    const found = await this.#untilAnswered('/find', question, context.signal);
    return isNothing(found) ? { status: 1, errorMessage: 'the substrate did not take the join' } : returned(found);
  }

  async leave(reservationId: string, _callerProperties: Properties, schedProperties: Properties, context: CallContext): Promise<PluginReturn> {
    return returned(await this.#onResource('leave', reservationId, schedProperties, {}, context), reservationId);
  }

  async modify(reservationId: string, callerProperties: Properties, schedProperties: Properties, context: CallContext): Promise<PluginReturn> {
    return returned(await this.#onResource('modify', reservationId, schedProperties, { properties: callerProperties }, context), reservationId);
  }

  async renew(reservationId: string, until: Date, _joinProperties: Properties, schedProperties: Properties, context: CallContext): Promise<PluginReturn> {
    return returned(await this.#onResource('renew', reservationId, schedProperties, { untilMs: until.getTime() }, context), reservationId);
  }

  async status(reservationId: string, schedProperties: Properties, context: CallContext): Promise<PluginReturn> {
    return returned(await this.#onResource('status', reservationId, schedProperties, {}, context), reservationId);
  }

  async find(joinOperationId: string, context: CallContext): Promise<PluginReturn | undefined> {
    const answer = await this.#client.post('/find', { operationId: context.operationId, joinOperationId }, context.signal);
    if (isNothing(answer)) return undefined;
    const found = returned(answer);
    // A refusal of the question is no word about the join.
    if (found.status !== 0) throw new Error(found.errorMessage ?? 'the substrate does not say');
    return found;
  }

  async list(context: CallContext): Promise<readonly string[]> {
    const answer = await this.#client.post('/list', { operationId: context.operationId, prefix: this.#prefix }, context.signal);
    const { status, errorMessage } = returned(answer, '');
    if (status !== 0 || answer.type !== 'answered') throw new Error(errorMessage ?? 'the substrate does not list');
    const ids = answer.body['reservationIds'];
    return Array.isArray(ids) ? ids.map(String) : [];
  }

  /** After a lost answer the call is made again with the same operation id, by which the substrate knows it. */
  async #onResource(operation: string, reservationId: string, schedProperties: Properties, input: object, context: CallContext): Promise<SubstrateAnswer> {
    const path = `/${operation}/${encodeURIComponent(schedProperties[RESOURCE] ?? reservationId)}`;
    const body = { ...input, operationId: context.operationId };
    const answer = await this.#post(path, body, context.signal);
    if (answer.type !== 'lost' || !this.#recovers) return answer;
    context.log.warn(`the answer to the ${operation} of ${reservationId} was lost (${answer.message}); asking again`);
    return this.#untilAnswered(path, body, context.signal);
  }

  /** @throws when the signal is raised before the answer: what was asked for may have been done. */
  async #post(path: string, body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<SubstrateAnswer> {
    try {
      return await this.#client.post(path, body, signal);
    } catch (error) {
      throw outcomeUnknown(`the substrate had not answered ${path} in time: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Tries until there is an answer, or the signal is raised. */
  async #untilAnswered(path: string, body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<SubstrateAnswer> {
    for (;;) {
      const answer = await this.#post(path, body, signal);
      // A substrate that breaks down over the question has not said what became of the call.
      if (answer.type === 'answered' && answer.status < 500) return answer;
      await sleep(RECOVER_PAUSE_MS);
    }
  }
}

/** Throws what is no answer of the substrate's own: that it is not there, that the answer was lost, that it broke down. */
function returned(answer: SubstrateAnswer, reservationId?: string): PluginReturn {
  if (answer.type === 'not-sent') throw new Error(`the substrate was not reached: ${answer.message}`);
  if (answer.type === 'lost') throw new Error(`the substrate's answer was lost: ${answer.message}`);
  const { status, body } = answer;
  const errorMessage = typeof body['error'] === 'string' ? body['error'] : `the substrate answered ${status}`;
  if (status >= 500 || status === 400) throw new Error(errorMessage);
  if (status !== 200) return { status, errorMessage };
  if (typeof body['status'] === 'number') return { status: body['status'], errorMessage };
  return { status: 0, reservationId: reservationId ?? String(body['reservationId']), properties: propertiesFrom(body) };
}

function outcomeUnknown(message: string): Error {
  return Object.assign(new Error(message), { name: OUTCOME_UNKNOWN });
}

function propertiesFrom({ id, untilMs, state }: Readonly<Record<string, unknown>>): Properties {
  return {
    ...(typeof id === 'string' ? { [RESOURCE]: id } : {}),
    ...(typeof untilMs === 'number' ? { [UNTIL]: new Date(untilMs).toISOString() } : {}),
    ...(typeof state === 'string' ? { [STATE]: state } : {}),
  };
}

function isNothing(answer: SubstrateAnswer): boolean {
  return answer.type === 'answered' && answer.status === 200 && answer.body['found'] === false;
}

export default function createSimulator(): Plugin {
  return new Simulator();
}

import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CallContext, OUTCOME_UNKNOWN, type Plugin, type PluginReturn, type Properties } from '../plugin.ts';
import { scriptEnvironment, variableOf } from './environment.ts';
import { readAnswer, type ScriptAnswer } from './script-answer.ts';
import { dyingWithParent, runScript, type ScriptEnd } from './script-run.ts';

/**
 * The plugin that runs a script for each call, as NodeAgent2's Exec plugin did. A script that says ERROR or exits with
 * anything but 0 has failed; one that was killed, or that says neither OK nor ERROR, leaves the outcome unknown.
 */

const OPERATIONS = ['join', 'leave', 'modify', 'renew', 'status'] as const;
type Operation = (typeof OPERATIONS)[number];

/**
 * Under this name the id that a script gave last is kept; it is what the next script gets. Clients never see it as their id,
 * and what they give under this name is nothing: it would choose whose reservation a script works on.
 */
const NEW_ID = 'new.reservationid';

interface Run {
  readonly operation: Operation;
  /** The last argument, but for join. */
  readonly reservationId: string | undefined;
  readonly until?: Date;
  /** What scripts returned; the caller's win over it. */
  readonly schedProperties: Properties;
  /** Of this call, or at a renewal of the join. */
  readonly callerProperties: Properties;
  readonly context: CallContext;
}

export default function execPlugin(): Plugin {
  return new ExecPlugin();
}

class ExecPlugin implements Plugin {
  readonly #commands = new Map<Operation, readonly string[]>();
  #directory: string | undefined;
  #prefix: readonly string[] = [];

  async initialize(_config: string | undefined, properties: Properties): Promise<void> {
    for (const operation of OPERATIONS) {
      const words = (properties[`exec.${operation}`] ?? '').split(/\s+/).filter((word) => word !== '');
      if (words.length > 0) this.#commands.set(operation, words);
    }
    const missing = OPERATIONS.filter((operation) => !this.#commands.has(operation)).map((operation) => `exec.${operation}`);
    if (missing.length > 0) throw new Error(`the ${missing.length === 1 ? 'property is' : 'properties are'} missing: ${missing.join(', ')}`);
    this.#directory = properties['exec.wd'];
    if (this.#directory !== undefined && statSync(this.#directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new Error(`exec.wd: ${this.#directory} is no folder`);
    }
    this.#prefix = await dyingWithParent();
  }

  async join(until: Date, callerProperties: Properties, context: CallContext): Promise<PluginReturn> {
    const { reservationId } = await this.#run({ operation: 'join', reservationId: undefined, until, schedProperties: {}, callerProperties, context });
    if (reservationId === '') throw outcomeUnknown('the join script said OK, but no reservation id');
    return { status: 0, reservationId, properties: withoutNewId(callerProperties) };
  }

  leave(reservationId: string, callerProperties: Properties, schedProperties: Properties, context: CallContext): Promise<PluginReturn> {
    return this.#change('leave', reservationId, callerProperties, schedProperties, context);
  }

  modify(reservationId: string, callerProperties: Properties, schedProperties: Properties, context: CallContext): Promise<PluginReturn> {
    return this.#change('modify', reservationId, callerProperties, schedProperties, context);
  }

  async renew(reservationId: string, until: Date, joinProperties: Properties, schedProperties: Properties, context: CallContext): Promise<PluginReturn> {
    const given = schedProperties[NEW_ID] ?? reservationId;
    const answer = await this.#run({ operation: 'renew', reservationId: given, until, schedProperties, callerProperties: joinProperties, context });
    return { status: 0, reservationId, properties: { ...schedProperties, [NEW_ID]: answer.reservationId || given } };
  }

  async status(reservationId: string, schedProperties: Properties, context: CallContext): Promise<PluginReturn> {
    const given = schedProperties[NEW_ID] ?? reservationId;
    const { message } = await this.#run({ operation: 'status', reservationId: given, schedProperties, callerProperties: {}, context });
    return { status: 0, reservationId, properties: schedProperties, errorMessage: message === '' ? null : message };
  }

  async #change(
    operation: 'leave' | 'modify',
    reservationId: string,
    callerProperties: Properties,
    schedProperties: Properties,
    context: CallContext,
  ): Promise<PluginReturn> {
    const given = schedProperties[NEW_ID] ?? reservationId;
    const answer = await this.#run({ operation, reservationId: given, schedProperties, callerProperties, context });
    return { status: 0, reservationId, properties: { ...schedProperties, ...withoutNewId(callerProperties), [NEW_ID]: answer.reservationId || given } };
  }

  async #run({ operation, reservationId, until, schedProperties, callerProperties, context }: Run): Promise<ScriptAnswer> {
    const given = [schedProperties, withoutNewId(callerProperties)];
    const { variables, leftOut: refused } = scriptEnvironment(process.env, given, {
      ...(until === undefined ? {} : { UNTIL: until.toISOString() }),
      HOLDFAST_INSTANCE: context.instance,
      HOLDFAST_OPERATION_ID: context.operationId,
    });
    const leftOut = [...refused, ...Object.keys(callerProperties).filter(isNewId)];
    if (leftOut.length > 0) context.log.warn(`${operation}: left out of the script's environment: ${leftOut.join(', ')}`);
    const words = this.#commands.get(operation) ?? [];
    checkProgram(operation, words[0] ?? '', this.#directory);
    const [command = '', ...parameters] = [...this.#prefix, ...words, ...(reservationId === undefined ? [] : [reservationId])];
    const end = await runScript({ command, parameters, directory: this.#directory, environment: variables, signal: context.signal });
    return judged(operation, end);
  }
}

/** Under whatever spelling it would be the same variable. */
function isNewId(property: string): boolean {
  return variableOf(property) === variableOf(NEW_ID);
}

function withoutNewId(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !isNewId(name)));
}

/** Says it in better words than the tool in front of the script would; a bare name is looked up in PATH later. */
function checkProgram(operation: Operation, program: string, directory: string | undefined): void {
  if (!program.includes('/')) return;
  const path = resolve(directory ?? '.', program);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) throw new Error(`the ${operation} script ${path} does not exist`);
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Error(`the ${operation} script ${path} is not executable`);
  }
}

function judged(operation: Operation, { output, errors, code, signal, killed }: ScriptEnd): ScriptAnswer {
  const tail = errors === '' ? '' : `: ${errors}`;
  if (killed !== undefined) throw outcomeUnknown(`the ${operation} script was killed because ${killed}${tail}`);
  if (signal !== null) throw outcomeUnknown(`the ${operation} script was ended by ${signal}${tail}`);
  const answer = readAnswer(output);
  if (code !== 0) {
    const said = answer?.word === 'ERROR' && answer.message !== '' ? `: ${answer.message}` : '';
    throw new Error(`the ${operation} script exited with ${code}${said}${tail}`);
  }
  if (answer === undefined) throw outcomeUnknown(`the ${operation} script printed neither OK nor ERROR${tail}`);
  if (answer.word === 'ERROR') throw new Error(answer.message === '' ? `the ${operation} script said ERROR${tail}` : answer.message);
  if (answer.reservationId.includes('\uFFFD')) throw outcomeUnknown(`the ${operation} script printed a reservation id that is not UTF-8`);
  // The next script would take it for an option. What it names may well be there, so this is no failure.
  if (answer.reservationId.startsWith('-')) throw outcomeUnknown(`the ${operation} script printed a reservation id that begins with "-"`);
  return answer;
}

function outcomeUnknown(message: string): Error {
  const error = new Error(message);
  error.name = OUTCOME_UNKNOWN;
  return error;
}

import type { MessagePort } from 'node:worker_threads';
import type { PluginCall, PluginFeatures, PluginOutcome, Properties } from '../protocol/plugin-calls.ts';

/**
 * What crosses between the main thread and a room: a thread or a process with one plugin in it. Plain data, and JSON as
 * well, because a process gets it as lines of JSON.
 */

/** What a room needs to make its plugin. Properties may be secret, so it never goes through a command line or an environment. */
export interface PluginSpec {
  readonly endpoint: string;
  readonly plugin: string;
  readonly exportName: string;
  /** Absolute. */
  readonly resolveFrom: string;
  /** The text of the endpoint's `config`; null without one. */
  readonly configText: string | null;
  readonly properties: Properties;
  readonly instance: string;
}

export type ToRoom =
  /** The first message, and the only one of its kind. */
  { readonly type: 'start'; readonly spec: PluginSpec } | ToPlugin;

/** What a thread gets through its pool. Nobody waits for the end of `end`: a task that is aborted takes its thread along. */
export type ThreadTask = { readonly type: 'start'; readonly spec: PluginSpec; readonly port: MessagePort } | { readonly type: 'end' };

/** A thread gets these through a port of its own, those of one turn of the event loop together. */
export type ToPlugin =
  | { readonly type: 'call'; readonly id: number; readonly call: PluginCall }
  /** Raises the signal of a call. */
  | { readonly type: 'abort'; readonly id: number };

export type StartAnswer = { readonly type: 'started'; readonly features: PluginFeatures } | { readonly type: 'not-started'; readonly message: string };

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A line that a plugin logged or printed. */
export interface Said {
  readonly type: 'said';
  readonly level: LogLevel;
  readonly message: string;
  /** Of the call that logged it. */
  readonly operationId: string | null;
}

/** What a process sends. A thread sends what ended through its port, and the rest through its pool. */
export type FromRoom =
  | StartAnswer
  | Ended
  | Said
  /** The last message of a process that an error outside of its calls ends. */
  | { readonly type: 'fatal'; readonly message: string };

export interface Ended {
  readonly type: 'ended';
  readonly id: number;
  readonly outcome: PluginOutcome;
}

/** The variable by which processes are known that belong to a Holdfast; all that a plugin starts inherit it. */
export const INSTANCE_VARIABLE = 'HOLDFAST_INSTANCE';
/** The variable by which processes are known that work for one call. */
export const OPERATION_VARIABLE = 'HOLDFAST_OPERATION_ID';

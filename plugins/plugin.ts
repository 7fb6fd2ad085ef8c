/**
 * The interface between Holdfast and the code that speaks to a substrate. A plugin is a module whose default export (or
 * the export that its endpoint names) is a function without arguments that makes one: `export default (): Plugin => …`.
 * Published as `holdfast/plugin`. The calls are those of NodeAgent2's `Plugin` interface; what it did not have is optional.
 */

/** Names and values as callers, plugins and NodeAgent2 clients exchange them: both are always text. */
export type Properties = Readonly<Record<string, string>>;

export interface PluginReturn {
  /** 0 is OK; anything else is the plugin's own word for a failure, and reaches the caller as it is. */
  readonly status: number;
  /** Join, renew and modify: merged into the reservation's schedule properties and given to every later call. */
  readonly properties?: Properties | null;
  /** `join` must give it; other calls may repeat it. It never changes while the reservation lives. */
  readonly reservationId?: string | null;
  readonly errorMessage?: string | null;
}

export interface PluginLog {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/**
 * The name of an error by which a plugin says that it cannot tell what became of the call: the reservation's state is then
 * `unknown`. A call that throws anything else has failed, and nothing of it holds.
 */
export const OUTCOME_UNKNOWN = 'OutcomeUnknown';

export interface CallContext {
  /** Names this call. The same when the same call is made again (a renewal after a crash): a substrate may tell by it what it has done already. */
  readonly operationId: string;
  /** Raised when the time limit of the call has passed; a little later its thread is ended. */
  readonly signal: AbortSignal;
  readonly log: PluginLog;
  /** Names this Holdfast; children that a plugin starts carry it in their environment so that none outlives a killed server. */
  readonly instance: string;
}

export interface Plugin {
  /** Called once in each thread, before any other call. @param config the text of the endpoint's `config`, undefined without one. */
  initialize(config: string | undefined, properties: Properties): void | Promise<void>;
  /** Provisions, and chooses the reservation id. @param until when the reservation ends unless it is renewed. */
  join(until: Date, callerProperties: Properties, context: CallContext): PluginReturn | Promise<PluginReturn>;
  /** Tears down. A reservation that is gone already is no failure. */
  leave(reservationId: string, callerProperties: Properties, schedProperties: Properties, context: CallContext): PluginReturn | Promise<PluginReturn>;
  modify(reservationId: string, callerProperties: Properties, schedProperties: Properties, context: CallContext): PluginReturn | Promise<PluginReturn>;
  /** Prolongs. @param joinProperties what the caller gave to join. */
  renew(
    reservationId: string,
    until: Date,
    joinProperties: Properties,
    schedProperties: Properties,
    context: CallContext,
  ): PluginReturn | Promise<PluginReturn>;
  status(reservationId: string, schedProperties: Properties, context: CallContext): PluginReturn | Promise<PluginReturn>;
  /**
   * What became of a join that was interrupted: the return that it had (or would have had), or undefined when the
   * substrate knows nothing of it and never will.
   */
  find?(operationId: string, context: CallContext): PluginReturn | undefined | Promise<PluginReturn | undefined>;
  /** The ids of everything that the substrate holds for this endpoint, for audits. */
  list?(context: CallContext): readonly string[] | Promise<readonly string[]>;
}

/** Makes a plugin: what a plugin's module exports. */
export type PluginFactory = () => Plugin;

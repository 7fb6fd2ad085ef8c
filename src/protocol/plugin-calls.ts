/** What crosses between the main thread and a plugin's thread or process. Plain data; `Error`s and functions never cross. */

export type Properties = Readonly<Record<string, string>>;

/** Times are epoch milliseconds. */
export type PluginCalls = {
  join: { untilMs: number; callerProperties: Properties };
  leave: { reservationId: string; callerProperties: Properties; schedProperties: Properties };
  modify: { reservationId: string; callerProperties: Properties; schedProperties: Properties };
  renew: { reservationId: string; untilMs: number; joinProperties: Properties; schedProperties: Properties };
  status: { reservationId: string; schedProperties: Properties };
  /** `operationId` of the join that is asked about; the call has its own. */
  find: { joinOperationId: string };
  list: Record<string, never>;
};
export type PluginOperation = keyof PluginCalls;
export type PluginCall = {
  [K in PluginOperation]: { readonly operation: K; readonly operationId: string; readonly input: PluginCalls[K] };
}[PluginOperation];

/** A checked PluginReturn: the status is an integer, all values are text, sizes are within their limits. */
export interface PluginAnswer {
  readonly status: number;
  readonly properties: Properties | null;
  readonly reservationId: string | null;
  readonly errorMessage: string | null;
}

export type PluginOutcome =
  | { readonly type: 'returned'; readonly answer: PluginAnswer }
  /** `find`: the substrate knows nothing of the join. */
  | { readonly type: 'nothing' }
  | { readonly type: 'listed'; readonly reservationIds: readonly string[] }
  /** The plugin says that it failed. */
  | { readonly type: 'threw'; readonly message: string }
  /** The call ended, but with something that is no PluginReturn: what it did is not known. */
  | { readonly type: 'junk'; readonly message: string }
  /** The time limit passed and the call did not end in the grace time either; its thread was ended. What it did is not known. */
  | { readonly type: 'late'; readonly message: string }
  /** Its thread or process ended under it: what it did is not known. */
  | { readonly type: 'died'; readonly message: string }
  /** It never reached the plugin: the queue is full, the endpoint is closing, or the plugin does not start. */
  | { readonly type: 'refused'; readonly message: string };

/** A plugin call under way. */
export interface RunningCall {
  /** When the call has really ended and nothing of it runs any more. Never rejects. */
  readonly ended: Promise<PluginOutcome>;
  /** Resolves when the time limit passes before the call has ended; never when it ends in time. */
  readonly overdue: Promise<void>;
}

/** How an endpoint's plugin is doing at this moment. */
export interface HostState {
  /** Calls that wait for a thread, without renewals and leaves. */
  readonly waiting: number;
  /** Renewals and leaves that wait. */
  readonly waitingUrgent: number;
  readonly underWay: number;
  /** Threads (or processes) in which the plugin can be called. */
  readonly ready: number;
  /** Threads that hang and could not be ended. */
  readonly stuck: number;
}

/** One endpoint's plugin, wherever it runs. */
export interface PluginHost {
  /** @param timeLimitMs for the call itself, without the time that it waits for a thread. */
  call(call: PluginCall, timeLimitMs: number): RunningCall;
  /** Calls that wait for a thread, without renewals and leaves, which go first and have a limit of their own. */
  readonly queueLength: number;
  /** How long the one of those has waited that waits longest. */
  readonly waitedMs: number;
  readonly state: HostState;
  /**
   * Refuses new calls; what waits may still start and what runs may end, until `timeLimitMs` is over. Then the threads are
   * ended. May be called again with a smaller limit.
   */
  close(timeLimitMs: number): Promise<void>;
}

/** Which optional calls a plugin has. */
export interface PluginFeatures {
  readonly find: boolean;
  readonly list: boolean;
}

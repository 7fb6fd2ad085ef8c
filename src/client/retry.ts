import { setTimeout as sleep } from 'node:timers/promises';

/** How often, and after what pauses, something is tried again. */
export interface RetryOptions {
  /** 0: never again. */
  readonly retriesMax?: number;
  /** The first pause; each further one is twice as long. */
  readonly pauseMs?: number;
  readonly pauseMsMax?: number;
  /** Waits, and rejects with the reason of the signal when that aborts. */
  readonly wait?: (ms: number, signal?: AbortSignal) => Promise<unknown>;
  /** From 0 to 1. */
  readonly random?: () => number;
}

export type RetryPolicy = Required<RetryOptions>;

const CALL_RETRIES_MAX = 3;
const CALL_PAUSE_MS = 200;
const CALL_PAUSE_MS_MAX = 10_000;
/** Half an hour of trying. */
const FEED_RETRIES_MAX = 60;
const FEED_PAUSE_MS = 500;
const FEED_PAUSE_MS_MAX = 30_000;

export const CALL_RETRIES: RetryPolicy = policy(CALL_RETRIES_MAX, CALL_PAUSE_MS, CALL_PAUSE_MS_MAX);
/** Of a feed that has been connected. */
export const FEED_RETRIES: RetryPolicy = policy(FEED_RETRIES_MAX, FEED_PAUSE_MS, FEED_PAUSE_MS_MAX);

function policy(retriesMax: number, pauseMs: number, pauseMsMax: number): RetryPolicy {
  return { retriesMax, pauseMs, pauseMsMax, wait: pause, random: Math.random };
}

/**
 * How long to wait before the try after `failures` failed ones: somewhere in a range, so that many clients do not come back
 * at once, also when the server has told all of them the same time.
 */
export function pauseAfter({ pauseMs, pauseMsMax, random }: RetryPolicy, failures: number, atLeastMs = 0): number {
  const fullMs = Math.min(pauseMsMax, pauseMs * 2 ** Math.min(failures - 1, 30));
  const fromMs = Math.max(fullMs / 2, Math.min(atLeastMs, pauseMsMax));
  const toMs = Math.max(fullMs, Math.min(1.5 * atLeastMs, pauseMsMax));
  return fromMs + (toMs - fromMs) * random();
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

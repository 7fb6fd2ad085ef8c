import type { Prng } from '../../../bench/prng.ts';

/** How a round ends: everything that its dice decide about the kill. */

export interface KillPlan {
  /** Servers that are killed while they start, after so long, before the one that is used. */
  readonly inVainMs: readonly number[];
  /** So many acknowledged writes come first. */
  readonly acknowledged: number;
  /** And then so long. */
  readonly delayMs: number;
  /** What is begun right before the delay, or, of a snapshot, has ended then. */
  readonly beside: 'nothing' | 'snapshot' | 'snapshot-end' | 'stop';
}

/** The n-th call of one kind that a thread makes. */
export interface KillPoint {
  readonly call: string;
  readonly when: number;
}

/** A command under which the server is killed there, and stays the process that it began as. */
export function killedAt({ call, when }: KillPoint): readonly string[] {
  return ['strace', '-D', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${when}`];
}

/** Most starts take less, so that the kill finds every part of one; a kill that comes later finds an idle server. */
const START_MS = 1500;
/** A snapshot beside the load takes a second or more, since it gives way. */
const SNAPSHOT_MS = 1500;
const SOON_MS = 250;

/** Of so many rounds in a row each way of dying has its part, so that a short run meets all of them. */
const TURNS = 8;
const IN_SNAPSHOT = 1;
const AFTER_SNAPSHOT = 5;
const WHILE_STOPPING = 3;
const AFTER_STARTS_IN_VAIN = 6;

/** @param turn one more from round to round; where the first one stands is up to the seed. */
export function killPlan(random: Prng, turn: number): KillPlan {
  const at = turn % TURNS;
  const inVainMs = at === AFTER_STARTS_IN_VAIN ? Array.from({ length: 1 + random.below(2) }, () => random.below(START_MS)) : [];
  const acknowledged = random.below(400);
  if (at === IN_SNAPSHOT) return { inVainMs, acknowledged, delayMs: random.below(SNAPSHOT_MS), beside: 'snapshot' };
  if (at === AFTER_SNAPSHOT) return { inVainMs, acknowledged, delayMs: random.below(SOON_MS), beside: 'snapshot-end' };
  if (at === WHILE_STOPPING) return { inVainMs, acknowledged, delayMs: random.below(SOON_MS), beside: 'stop' };
  return { inVainMs, acknowledged, delayMs: random.next() * 12, beside: 'nothing' };
}

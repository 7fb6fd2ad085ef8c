import type { Prng } from '../../../bench/prng.ts';

/** How a round ends: everything that its dice decide about the kill. */

export interface KillPlan {
  /** Servers that are killed while they start, after so long, before the one that is used. */
  readonly inVainMs: readonly number[];
  /** So many acknowledged writes come first. */
  readonly acknowledged: number;
  /** And then so long. */
  readonly delayMs: number;
  /** What is begun right before the delay. */
  readonly beside: 'nothing' | 'snapshot' | 'stop';
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

export function killPlan(random: Prng): KillPlan {
  const inVainMs = random.next() < 0.12 ? Array.from({ length: 1 + random.below(2) }, () => random.below(START_MS)) : [];
  const acknowledged = random.below(400);
  const dice = random.next();
  if (dice < 0.2) return { inVainMs, acknowledged, delayMs: random.below(60), beside: 'snapshot' };
  if (dice < 0.3) return { inVainMs, acknowledged, delayMs: random.below(250), beside: 'stop' };
  return { inVainMs, acknowledged, delayMs: random.next() * 12, beside: 'nothing' };
}

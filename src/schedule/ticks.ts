/** Renewals come by ticks; whether one is due is looked at each second, because ticks may be weeks apart and clocks jump. */

const LOOK_MS = 1000;

/** @param look never throws. @returns what stops it. */
export function startTicks(look: () => void): () => void {
  const timer = setInterval(look, LOOK_MS);
  return () => clearInterval(timer);
}

import type { Worker } from 'node:worker_threads';

/** Counts the threads of this process that end before they have loaded their module and said so. @returns how many there are so far */
export function countEarlyEnds(context: { after(fn: () => void): void }): () => { readonly threads: number; readonly early: number } {
  let threads = 0;
  let early = 0;
  const watch = (worker: Worker): void => {
    threads += 1;
    let isLoaded = false;
    worker.once('message', () => {
      isLoaded = true;
    });
    worker.once('exit', () => {
      if (!isLoaded) early += 1;
    });
  };
  process.on('worker', watch);
  context.after(() => void process.off('worker', watch));
  return () => ({ threads, early });
}

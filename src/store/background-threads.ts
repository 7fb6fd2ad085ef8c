import { pbkdf2 } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { quietly } from './files.ts';

/**
 * DuckDB computes on threads of its own, and on those of Node's pool that wait for its queries. Where there is not a core for
 * each thread they give way to the threads that answer: a read must not wait for the end of a time slice of a snapshot. On
 * Linux each thread has a priority of its own, which cannot be raised again without privileges; elsewhere nothing happens.
 */

/** A tenth of the share of a usual thread where both want the same core, and all of it where nobody else does. */
const NICE = 10;
const ROUNDS = 4;
const QUESTIONS = 8;
/** Most of a millisecond. */
const HASH_ITERATIONS = 1000;
const ATTEMPTS_MAX = 5;

const hash = promisify(pbkdf2);

/** The threads of Node's pool, which tell themselves who they are: asynchronous calls are done by them. */
export async function slowPool(): Promise<void> {
  const threads = new Set<number>();
  const ask = async (): Promise<void> => {
    threads.add(Number(basename(await readlink('/proc/thread-self'))));
  };
  for (let round = 0; round < ROUNDS; round++) {
    // Something that takes a while between two questions, so that no thread can take all of them.
    const asked = Array.from({ length: QUESTIONS }, () => [hash('', '', HASH_ITERATIONS, 1, 'sha256'), ask()]);
    await Promise.allSettled(asked.flat());
  }
  for (const thread of threads) slow(thread);
}

/**
 * Threads that somebody else begins.
 * @param stop ends those that there are
 * @param start begins `count` of them
 */
export async function slowStarted(count: number, stop: () => Promise<void>, start: () => Promise<void>): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    await stop();
    const before = new Set(threadsNow());
    await start();
    const begun = threadsNow().filter((thread) => !before.has(thread));
    // Another part of the process may have begun one at the same moment, which is not to be slowed down.
    if (begun.length !== count) continue;
    for (const thread of begun) slow(thread);
    return;
  }
}

function threadsNow(): readonly number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [];
  }
}

function slow(thread: number): void {
  // It may have ended, or the system may not allow it: then it goes on as it is.
  quietly(() => setPriority(thread, NICE));
}

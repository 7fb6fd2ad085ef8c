import { done, fail, type Result } from '../faults.ts';
import type { Idempotency, Replay } from '../protocol/commands.ts';
import type { RememberedAnswer } from './frame.ts';

/**
 * Answers that a repeated request gets again: the same idempotency key and the same request, within a day, across restarts.
 * Oldest first, so that what has expired is always at the front.
 */

export const ANSWER_LIFETIME_MS: number = 24 * 3_600_000;
/** All remembered bodies together; beyond that a request with a key is refused rather than one forgotten too early. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024;

export class Answers {
  readonly #answers = new Map<string, RememberedAnswer>();
  #bytes = 0;

  /** The remembered answer; undefined when the key is new; a fault when it was used with another request. */
  recall({ key, requestHash }: Idempotency, nowMs: number): Result<Replay | undefined> {
    const answer = this.#answers.get(key);
    if (answer === undefined || answer.expiresMs <= nowMs) {
      this.#forgetExpired(nowMs);
      if (this.#bytes > ANSWER_BYTES_MAX) return fail('overloaded', 'too many answers to requests with an Idempotency-Key are being kept');
      return done(undefined);
    }
    if (answer.requestHash !== requestHash) return fail('idempotency-mismatch', 'this Idempotency-Key came with another request before; use a new key');
    return done({ replay: { status: answer.status, body: answer.body, key: answer.key, revision: answer.revision } });
  }

  remember(answer: RememberedAnswer): void {
    const before = this.#answers.get(answer.idempotencyKey);
    if (before !== undefined) {
      this.#bytes -= before.body.length;
      this.#answers.delete(answer.idempotencyKey);
    }
    this.#answers.set(answer.idempotencyKey, answer);
    this.#bytes += answer.body.length;
  }

  /** Those that have not expired. */
  all(nowMs: number): readonly RememberedAnswer[] {
    this.#forgetExpired(nowMs);
    return [...this.#answers.values()];
  }

  #forgetExpired(nowMs: number): void {
    for (const [key, answer] of this.#answers) {
      if (answer.expiresMs > nowMs) return;
      this.#answers.delete(key);
      this.#bytes -= answer.body.length;
    }
  }
}

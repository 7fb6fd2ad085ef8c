/** Waits for things to come true, each for a limited time. Whoever changes something says so. */
export class Conditions {
  readonly #waiting = new Set<{ readonly isTrue: () => boolean; readonly resolve: () => void }>();

  /** Resolves when the condition holds, or when the time has passed. @param timeLimitMs undefined: the condition itself has a limit. */
  until(isTrue: () => boolean, timeLimitMs?: number): Promise<void> {
    if (isTrue()) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = timeLimitMs === undefined ? undefined : setTimeout(() => finish(), timeLimitMs);
      const finish = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(entry);
        resolve();
      };
      const entry = { isTrue, resolve: finish };
      this.#waiting.add(entry);
    });
  }

  changed(): void {
    for (const { isTrue, resolve } of this.#waiting) {
      if (isTrue()) resolve();
    }
  }
}

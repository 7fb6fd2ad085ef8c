import type { Statements } from './database.ts';

/** Connections whose transactions see the same. Each has one user at a time; who comes when all have one waits for his turn. */
export class Copiers {
  readonly #free: Statements[];
  readonly #waiting: ((sql: Statements) => void)[] = [];

  constructor(connections: readonly Statements[]) {
    this.#free = [...connections];
  }

  async use<T>(work: (sql: Statements) => Promise<T>): Promise<T> {
    const sql = this.#free.pop() ?? (await new Promise<Statements>((resolve) => this.#waiting.push(resolve)));
    try {
      return await work(sql);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(sql);
      else next(sql);
    }
  }
}

import type { Prng } from '../../../bench/prng.ts';
import { type Fields, INVENTORY, type World } from './world.ts';

/** What the clients of one server know between them: records to write to, and the last change that anybody has heard of. */

export interface Target {
  readonly key: string;
  revision: number;
}

export interface Read {
  readonly kind: string;
  readonly record: Fields;
}

export class Known {
  /** Whatever is sent now comes after it. */
  sequence: number;
  readonly reads: Read[] = [];
  readonly #targets = new Map<string, Map<string, Target>>();
  /** Keys in the order in which they were met: some are gone, and are asked for all the same. */
  readonly #keys = new Map<string, string[]>();
  readonly #nextMark: () => string;

  constructor(world: World, nextMark: () => string) {
    this.sequence = world.sequence;
    this.#nextMark = nextMark;
    for (const kind of INVENTORY) for (const [key, record] of world.records(kind)) this.meet(kind, key, Number(record['revision']));
  }

  mark(): string {
    return this.#nextMark();
  }

  meet(kind: string, key: string, revision: number): void {
    this.sequence = Math.max(this.sequence, revision);
    const targets = this.#targets.get(kind) ?? new Map<string, Target>();
    this.#targets.set(kind, targets);
    const target = targets.get(key);
    if (target === undefined) {
      targets.set(key, { key, revision });
      this.#keys.set(kind, [...(this.#keys.get(kind) ?? []), key]);
    } else target.revision = Math.max(target.revision, revision);
  }

  forget(kind: string, key: string): void {
    this.#targets.get(kind)?.delete(key);
  }

  count(kind: string): number {
    return this.#targets.get(kind)?.size ?? 0;
  }

  /** One that is there; now and then one that is gone. */
  pick(kind: string, random: Prng): Target | undefined {
    const keys = this.#keys.get(kind) ?? [];
    for (let tries = 0; tries < 8 && keys.length > 0; tries++) {
      const key = keys[random.below(keys.length)] ?? '';
      const target = this.#targets.get(kind)?.get(key);
      if (target !== undefined) return target;
      if (random.next() < 0.05) return { key, revision: 1 };
    }
    return undefined;
  }

  haveRead(kind: string, record: Fields): void {
    this.sequence = Math.max(this.sequence, Number(record['revision']));
    this.reads.push({ kind, record });
  }
}

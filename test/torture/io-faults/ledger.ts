import { strict as assert } from 'node:assert';
import type { Result } from '../../../src/faults.ts';
import type { Fields, Rig } from '../../store/rig.ts';

/** The plain model: what each record may be, by what its writer was told. Undefined: it is not there. */

type Content = string | undefined;

/** Writes that happen together or not at all, of which nobody was told whether they did. */
interface Open {
  readonly names: readonly string[];
  readonly content: Content;
}

export class Ledger {
  readonly #allowed: Map<string, ReadonlySet<Content>>;
  readonly #open: Open[];
  /** An answer is remembered under this key without any change. */
  remembers: boolean;

  constructor(before?: Ledger) {
    this.#allowed = new Map(before === undefined ? [] : before.#allowed);
    this.#open = before === undefined ? [] : [...before.#open];
    this.remembers = before?.remembers === true;
  }

  /** Takes down what the owner said of a write that makes all of these records have this content. */
  note(rig: Rig, names: readonly string[], content: Content, result: Result<unknown>): void {
    if (result.ok) {
      for (const name of names) this.#allowed.set(name, new Set([content]));
      return;
    }
    const { code, detail } = result.fault;
    if (code === 'not-durable') return;
    assert.equal(code, 'outcome-unknown', detail);
    assert.notEqual(rig.status.fatal, undefined, `the store goes on after an unknown outcome: ${detail}`);
    this.#open.push({ names, content });
    for (const name of names) this.#allowed.set(name, new Set([...this.allowed(name), content]));
  }

  allowed(name: string): ReadonlySet<Content> {
    return this.#allowed.get(name) ?? new Set([undefined]);
  }

  /** Compares with what is there, by key and in the list. */
  async compare(rig: Rig): Promise<void> {
    const listed = new Map((await rig.found('Component')).map((record) => [String(record['ID']), contentOf(record)]));
    for (const name of listed.keys()) assert(this.#allowed.has(name), `${name} was refused and is there`);
    for (const [name, allowed] of this.#allowed) {
      const image = await rig.image('Component', name);
      const content = image === undefined ? undefined : contentOf(JSON.parse(image.text) as Fields);
      assert(allowed.has(content), `${name} is ${content ?? 'gone'}, and may be ${[...allowed].map((each) => each ?? 'gone').join(' or ')}`);
      assert.equal(listed.get(name), content, `${name} in the list and by key`);
    }
    for (const { names, content } of this.#open) {
      // Later writes to some of them would make this say nothing; the sequences have none.
      const done = names.filter((name) => listed.get(name) === content);
      assert(done.length === 0 || done.length === names.length, `only ${done.join()} of ${names.join()}`);
    }
  }
}

function contentOf(record: Fields): string {
  return String(record['Subtype']);
}

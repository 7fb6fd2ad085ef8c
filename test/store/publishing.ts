import { strict as assert } from 'node:assert';
import { RecordReader, UNSURE } from '../../src/protocol/record-reader.ts';
import type { Shown } from '../../src/protocol/shared-memory.ts';
import { NOWHERE } from '../../src/protocol/slab.ts';
import { KeyIndex } from '../../src/store/key-index.ts';
import { RecordLog } from '../../src/store/record-log.ts';
import { SharedMemory } from '../../src/store/shared-memory.ts';
import { NODE, onlyKinds, Rig, temporaryFolder } from './rig.ts';

/**
 * What readers beside the owner may rely on, looked at where it could go wrong: between the answer to a write and the next
 * step of the program, in the middle of a batch, and when a batch comes in the middle of a look. Each fails when it is not so.
 */

const KIND = 'Component';
const KEYS = ['first', 'second', 'third'];

/** Whoever has an answer to a write reads that write. */
export async function everyAnswerIsPublished(): Promise<void> {
  const rig = await Rig.open(temporaryFolder(), { kinds: onlyKinds('ComputeNode') });
  const reader = new RecordReader();
  rig.store.show({ postMessage: (shown) => reader.take(shown) });
  const { key } = await rig.created('ComputeNode', { ...NODE });
  assert.ok(reader.locate('ComputeNode', key) >= 0, 'a record whose creation was answered is there');
  for (let revision = 0; revision < 20; revision++) {
    const before = reader.locate('ComputeNode', key);
    assert.ok((await rig.patch('ComputeNode', key, { description: `changed ${revision}` })).ok);
    assert.notEqual(reader.locate('ComputeNode', key), before, 'a change that was answered is read');
  }
  await rig.close();
}

/** An owner's memory with a few records, and a reader of it. */
class Memory {
  readonly #memory = new SharedMemory(1);
  readonly #log = new RecordLog(this.#memory);
  readonly #index = new KeyIndex(onlyKinds(KIND).all, [], this.#memory, this.#log);
  #revision = 0;

  show(reader: RecordReader): void {
    this.#memory.show({ postMessage: (shown: Shown) => reader.take(shown) });
  }

  /** Changes every record in one batch. @param between called after each of them. */
  change(between: () => void = () => undefined): void {
    this.#revision += 1;
    const changes = KEYS.map((key) => ({ kind: KIND, key, location: this.#log.put(`{"UID":"${key}"}`, this.#revision, key) }));
    this.#index.publish(changes, () => between());
  }
}

/** In the middle of a batch nothing is said. */
export function nothingIsSaidInTheMiddle(): void {
  const memory = new Memory();
  const reader = new RecordReader();
  memory.show(reader);
  memory.change();
  let looks = 0;
  memory.change(() => {
    looks += 1;
    for (const key of KEYS) assert.equal(reader.locate(KIND, key), UNSURE, key);
    assert.equal(reader.listed(KIND), undefined);
  });
  assert.equal(looks, KEYS.length);
  for (const key of KEYS) assert.ok(reader.locate(KIND, key) >= 0, key);
  assert.equal(reader.listed(KIND)?.length, KEYS.length);
}

/** Has a batch come when a look has found what it looked for, and not told it yet. */
class InterruptedReader extends RecordReader {
  interrupt: (() => void) | undefined;

  override find(kind: string, key: string): number {
    const location = super.find(kind, key);
    this.#interrupted();
    return location;
  }

  override addressesOf(kind: string): Int32Array | undefined {
    const locations = super.addressesOf(kind);
    this.#interrupted();
    return locations;
  }

  #interrupted(): void {
    const interrupt = this.interrupt;
    this.interrupt = undefined;
    interrupt?.();
  }
}

/** What was found while a batch came is looked for again. */
export function whatWasFoundMeanwhileIsLookedForAgain(): void {
  const memory = new Memory();
  const reader = new InterruptedReader();
  memory.show(reader);
  memory.change();
  for (const key of KEYS) {
    reader.interrupt = () => memory.change();
    const location = reader.locate(KIND, key);
    assert.ok(location !== NOWHERE && location === reader.locate(KIND, key), key);
  }
  reader.interrupt = () => memory.change();
  const listed = reader.listed(KIND);
  assert.deepEqual(listed, reader.listed(KIND));
}

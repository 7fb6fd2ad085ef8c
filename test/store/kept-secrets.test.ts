import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { systemRandom } from '../../src/random.ts';
import type { SealedSecrets } from '../../src/store/frame.ts';
import { KeptSecrets } from '../../src/store/kept-secrets.ts';
import { openPrivatePart, sealedPrivatePart, sealedSecretsIn } from '../../src/store/private-part.ts';
import { Vault } from '../../src/store/vault.ts';
import { fc } from '../support/properties.ts';

/** Secrets stand in memory as they stand in a snapshot's private part: what a plain map would say of them is what they say. */

const vault = new Vault(Buffer.alloc(32, 7), systemRandom());

const text = fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.string({ unit: 'grapheme', maxLength: 40 }), fc.string({ minLength: 200, maxLength: 300 }));
const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 250, maxLength: 300 }), fc.constant(new Uint8Array(70_000)));
const sealed = fc.dictionary(text, bytes, { maxKeys: 20 });
const change = fc.record({ kind: fc.constantFrom('BMC', 'Größe'), key: text, isGone: fc.boolean(), secrets: fc.option(sealed, { nil: undefined }) });

function partOf(kept: KeptSecrets): Buffer {
  return Buffer.concat(Array.from(sealedPrivatePart({ secrets: kept.all(), answers: [] }, 1, vault), (piece) => Buffer.from(piece)));
}

function restored(part: Buffer): KeptSecrets {
  const kept = new KeptSecrets(2);
  const { secrets } = openPrivatePart(part, 2, 1, vault);
  kept.restore(secrets);
  return kept;
}

/** By `kind/key`, in the order of the file. */
function plain(secrets: Iterable<readonly [string, SealedSecrets]>): unknown {
  return Array.from(secrets, ([place, each]) => [place, Object.entries(each).map(([path, secret]) => [path, Buffer.from(secret).toString('hex')])]);
}

test('secrets are those of the last change of each record, in the order in which they came, also after a restart', () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 60 }), { maxLength: 4 }), (eras) => {
      let kept = new KeptSecrets(1);
      const model = new Map<string, SealedSecrets>();
      for (const changes of eras) {
        for (const { kind, key, isGone, secrets } of changes) {
          kept.changed(kind, key, isGone, secrets);
          const place = `${kind}/${key}`;
          if (isGone || (secrets !== undefined && Object.keys(secrets).length === 0)) model.delete(place);
          else if (secrets !== undefined) model.set(place, secrets);
          const found = kept.of(kind, key);
          const expected = model.get(place);
          assert.deepEqual(found === undefined ? [] : plain([[place, found]]), expected === undefined ? [] : plain([[place, expected]]));
        }
        const part = partOf(kept);
        assert.deepEqual(plain(sealedSecretsIn(part, 2)), plain(model), 'any reader of msgpack finds them');
        kept = restored(part);
        assert.ok(partOf(kept).subarray(0, -100).equals(part.subarray(0, -100)), 'what has not changed has the same bytes');
      }
    }),
    { numRuns: 60 },
  );
});

test('a snapshot under way has the secrets of its moment, however much is replaced meanwhile', () => {
  const kept = new KeptSecrets(3);
  const put = (round: number): void => {
    for (let record = 0; record < 4000; record++) kept.changed('BMC', `x${record}`, false, { password: Buffer.from(`${round} ${record}`.padEnd(500)) });
  };
  put(0);
  const then = kept.all().entries(64 * 1024);
  const iterator = then[Symbol.iterator]();
  const pieces = [Buffer.from(iterator.next().value as Uint8Array)];
  for (let round = 1; round <= 20; round++) put(round);
  for (let next = iterator.next(); next.done !== true; next = iterator.next()) pieces.push(Buffer.from(next.value));
  const old = new KeptSecrets(4);
  old.restore({ bytes: Buffer.concat(pieces), count: 4000 });
  for (let record = 0; record < 4000; record++) {
    assert.equal(
      Buffer.from(old.of('BMC', `x${record}`)?.['password'] ?? [])
        .toString()
        .trimEnd(),
      `0 ${record}`,
    );
    assert.equal(
      Buffer.from(kept.of('BMC', `x${record}`)?.['password'] ?? [])
        .toString()
        .trimEnd(),
      `20 ${record}`,
    );
  }
});

test('a private part that ends in the middle of a secret, or has something else, is not taken', () => {
  const kept = new KeptSecrets(1);
  for (let record = 0; record < 100; record++) kept.changed('BMC', `x${record}`, false, { password: Buffer.alloc(300) });
  const part = partOf(kept);
  for (let length = 0; length < part.length; length += 97) assert.throws(() => openPrivatePart(part.subarray(0, length), 2, 1, vault), `${length} bytes`);
  for (const index of [0, 1, 9, 14, 15]) {
    const damaged = Buffer.from(part);
    damaged[index] = 0xc1;
    assert.throws(() => openPrivatePart(damaged, 2, 1, vault), `byte ${index}`);
  }
});

test('what replaces large secrets again and again finds room as long as what is current has it', () => {
  const MIB = 1024 * 1024;
  // In pieces of 1 MiB each of them takes the room of nearly twice itself.
  for (const bytes of [0.51 * MIB, 1.01 * MIB]) {
    const kept = new KeptSecrets(1, 64 * MIB);
    const secrets = { token: new Uint8Array(bytes) };
    for (let round = 0; round < 200; round++) {
      assert.equal(kept.refusalOf(secrets), undefined, `${bytes} bytes, round ${round}`);
      kept.changed('BMC', `x${round % 4}`, false, secrets);
    }
  }
});

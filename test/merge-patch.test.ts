import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergePatchOf } from '../src/merge-patch.ts';
import { patched } from '../src/store/patch.ts';
import { freeForm, recordsOf } from './store/arbitrary-records.ts';
import { BUILT_IN, type Fields, value } from './store/rig.ts';
import { seedOfTests } from './torture/torture.ts';

const SEED = seedOfTests();

const anyKind = fc.constantFrom(...BUILT_IN.all);
/** Two records of one kind, mostly with something in common. */
const pairs: fc.Arbitrary<readonly [Fields, Fields]> = anyKind.chain((kind) =>
  fc.tuple(recordsOf(kind), recordsOf(kind), fc.array(fc.boolean(), { minLength: 1, maxLength: 8 })).map(([before, other, choices]) => {
    const after = { ...before };
    for (const [index, name] of [...new Set([...Object.keys(before), ...Object.keys(other)])].entries()) {
      if (choices[index % choices.length] !== true) continue;
      if (other[name] === undefined) delete after[name];
      else after[name] = other[name];
    }
    return [json(before), json(after)] as const;
  }),
);
const objects = freeForm.map((made) => json({ made }));

function json(record: Fields): Fields {
  return JSON.parse(JSON.stringify(record)) as Fields;
}

function merged(before: Fields, patch: Fields): Fields {
  return value(patched(structuredClone(before), { type: 'merge', document: structuredClone(patch) }));
}

/** Whether any part of a patch could be left out: every leaf changes something. */
function isMinimal(before: Fields, patch: Fields): boolean {
  return Object.entries(patch).every(([name, change]) => {
    const old = before[name];
    if (change === null) return Object.hasOwn(before, name);
    if (isObject(old) && isObject(change)) return Object.keys(change).length > 0 && isMinimal(old, change);
    return JSON.stringify(old) !== JSON.stringify(change);
  });
}

function isObject(candidate: unknown): candidate is Fields {
  return typeof candidate === 'object' && candidate !== null && !Array.isArray(candidate);
}

test(`the patch between two records makes the second of the first, and says nothing else (seed ${SEED})`, () => {
  let unsayable = 0;
  const check = ([before, after]: readonly [Fields, Fields]): void => {
    const patch = mergePatchOf(before, after);
    if (patch === undefined) {
      unsayable += 1;
      assert.ok(JSON.stringify(after).includes('null'), 'only a null cannot be said');
      return;
    }
    assert.deepEqual(merged(before, json(patch)), after);
    assert.ok(isMinimal(before, patch), JSON.stringify({ before, after, patch }));
  };
  fc.assert(fc.property(pairs, check), { seed: SEED, numRuns: 300 });
  fc.assert(fc.property(fc.tuple(objects, objects), check), { seed: SEED, numRuns: 1000 });
  assert.ok(unsayable < 900, 'most changes can be said');
});

test(`between a record and itself there is nothing to say (seed ${SEED})`, () => {
  fc.assert(
    fc.property(objects, (record) => assert.deepEqual(mergePatchOf(record, structuredClone(record)), {})),
    { seed: SEED },
  );
});

test('what free-form objects take away, empty, or hide in lists is said as RFC 7396 has it', () => {
  const cases: readonly (readonly [Fields, Fields, Fields | undefined])[] = [
    [{ a: 1, b: 2 }, { a: 1 }, { b: null }],
    [{ a: { b: 1, c: 2 } }, { a: { b: 1 } }, { a: { c: null } }],
    [{ a: { b: 1 } }, { a: {} }, { a: { b: null } }],
    [{ a: 1 }, { a: {} }, { a: {} }],
    [{ a: { b: 1 } }, { a: [1] }, { a: [1] }],
    [{ a: [1, 2] }, { a: [1, null] }, { a: [1, null] }],
    [{ a: null }, { a: null }, {}],
    [{ a: 1 }, { a: null }, undefined],
    [{}, { a: { b: null } }, undefined],
    [{ a: { b: { c: 1 } } }, { a: { b: { c: 1, d: null } } }, undefined],
    [{ toString: 1 }, { toString: 2, constructor: 3 }, { toString: 2, constructor: 3 }],
  ];
  for (const [before, after, patch] of cases) assert.deepEqual(mergePatchOf(before, after), patch, JSON.stringify([before, after]));
});

import { strict as assert } from 'node:assert';
import { register } from 'node:module';
import { test } from 'node:test';
import type { Mutation } from '../torture/mutation.ts';
import * as publishing from './publishing.ts';

type Checks = typeof publishing;

interface PublishingMutation extends Mutation {
  readonly check: keyof Checks;
}

/** Defects in the compiled program that the checks have to notice. */
const MUTATIONS: readonly PublishingMutation[] = [
  {
    name: 'the owner answers before it publishes',
    file: 'src/store/store.js',
    text: 'this.#publish(batch);\n        return journaled;',
    replacement: 'setTimeout(() => this.#publish(batch), 5); return journaled;',
    check: 'everyAnswerIsPublished',
  },
  {
    name: 'a reader does not mind a version that is odd',
    file: 'src/protocol/record-reader.js',
    text: 'if ((version & 1) === 0)',
    replacement: 'if (true)',
    check: 'nothingIsSaidInTheMiddle',
  },
  {
    name: 'a reader does not look whether the version of a record is the same',
    file: 'src/protocol/record-reader.js',
    text: 'if (this.#control.version === version)\n                return location;',
    replacement: 'return location;',
    check: 'whatWasFoundMeanwhileIsLookedForAgain',
  },
  {
    name: 'a reader does not look whether the version of a list is the same',
    file: 'src/protocol/record-reader.js',
    text: 'if (this.#control.version === version && locations !== undefined)',
    replacement: 'if (locations !== undefined)',
    check: 'whatWasFoundMeanwhileIsLookedForAgain',
  },
];

register('../torture/mutation-loader.js', import.meta.url, { data: MUTATIONS.map(({ name, file, text, replacement }) => ({ name, file, text, replacement })) });

test('a write that was answered is published', publishing.everyAnswerIsPublished);
test('in the middle of a batch a reader says nothing', publishing.nothingIsSaidInTheMiddle);
test('what a reader found while a batch came it looks for again', publishing.whatWasFoundMeanwhileIsLookedForAgain);

for (const [index, { name, check }] of MUTATIONS.entries()) {
  test(`it is noticed when ${name}`, async () => {
    const mutant = (await import(`./publishing.js?mutation=${index}`)) as Checks;
    await assert.rejects(async () => mutant[check](), { code: 'ERR_ASSERTION' });
  });
}

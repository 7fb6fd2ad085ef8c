import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOutcome, readSaid, readStartAnswer } from '../../src/agent/plugin-host/read-outcome.ts';
import type { PluginCall } from '../../src/protocol/plugin-calls.ts';
import { eventually, ISOLATIONS, messageIn, propertiesIn, withHost } from './plugin-host-rig.ts';

/** Behaviour of the plugin, and what must be said about its return. */
const JUNK: readonly (readonly [string, RegExp])[] = [
  ['undefined', /it is undefined/],
  ['number', /it is 42/],
  ['function', /it is a function/],
  ['array', /it is an array/],
  ['no-status', /its status is undefined/],
  ['odd-status', /its status is 1\.5/],
  ['huge-status', /its status is 1099511627776/],
  ['text-status', /its status is "0"/],
  ['number-value', /its property "vlan" is 5; it must be text/],
  ['null-value', /its property "vlan" is null/],
  ['function-value', /its property "call" is a function/],
  ['deep-value', /its property "deep" is an object/],
  ['cycle', /its property "self" is an object/],
  ['ill-formed-value', /its property "name" has half of a surrogate pair/],
  ['array-properties', /its properties are an array/],
  ['map-properties', /its properties are a Map/],
  ['proto-property', /__proto__/],
  ['many-properties', /2000 properties/],
  ['large-properties', /more than 262144 bytes/],
  ['huge-properties', /more than 262144 bytes/],
  ['long-name', /name has 300 characters/],
  ['throwing-getter', /no, you do not/],
  ['no-id', /no reservationId/],
  ['empty-id', /its reservationId is empty/],
  ['long-id', /its reservationId has 256 characters/],
  ['control-id', /its reservationId has a control character/],
  ['nul-id', /its reservationId has a control character/],
  ['ill-formed-id', /its reservationId has half of a surrogate pair/],
  ['number-id', /its reservationId is 7/],
  ['number-error', /its errorMessage is 7/],
];

for (const isolation of ISOLATIONS) {
  test(`whatever a plugin in a ${isolation} returns, the server hears what is wrong with it`, () =>
    withHost({ isolation, concurrentCalls: 8 }, async ({ join }) => {
      for (const [behaviour, expected] of JUNK) {
        const outcome = await join(behaviour);
        assert.equal(outcome.type, 'junk', `${behaviour}: ${messageIn(outcome)}`);
        assert.match(messageIn(outcome), expected, behaviour);
        assert.match(messageIn(outcome), /^join returned something that is no PluginReturn: /);
      }
      assert.equal((await join('fine')).type, 'returned', 'the same thread or process still serves');
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    }));

  test(`a plugin in a ${isolation} may refuse with a status of its own, and choose odd ids`, () =>
    withHost({ isolation }, async ({ join }) => {
      assert.deepEqual(await join('refuse'), {
        type: 'returned',
        answer: { status: 17, reservationId: null, properties: null, errorMessage: 'no capacity' },
      });
      const long = await join('long-error');
      assert.equal(long.type === 'returned' ? long.answer.errorMessage?.length : 0, 4096);
      const odd = await join('odd-id');
      assert.equal(odd.type === 'returned' ? odd.answer.reservationId : '', 'a/b c.d%20é');
    }));
}

test('what a plugin posts to the server behind the back of its host does no harm', () =>
  withHost({ isolation: 'thread' }, async ({ join, log }) => {
    assert.deepEqual(propertiesIn(await join('meddle')), {});
    assert.equal((await join('fine')).type, 'returned');
    // Log lines come on another way than answers, and may come later.
    await eventually(() => log.lines.length > 0);
    assert.deepEqual(
      log.lines.map(({ level, message }) => [level, message]),
      [['error', 'no message']],
    );
  }));

const STATUS: PluginCall = { operation: 'status', operationId: 'op', input: { reservationId: 'r', schedProperties: {} } };
const FIND: PluginCall = { operation: 'find', operationId: 'op', input: { joinOperationId: 'j' } };
const LIST: PluginCall = { operation: 'list', operationId: 'op', input: {} };

test('nothing that a room sends is believed before it has been looked at', () => {
  for (const raw of [undefined, null, 7, 'returned', [], {}, { type: 7 }, { type: 'died', message: 'I did not' }, { type: 'late' }]) {
    assert.equal(readOutcome(raw, STATUS).type, 'junk', JSON.stringify(raw));
  }
  assert.equal(readOutcome({ type: 'nothing' }, STATUS).type, 'junk');
  assert.equal(readOutcome({ type: 'nothing' }, FIND).type, 'nothing');
  assert.equal(readOutcome({ type: 'listed', reservationIds: ['a'] }, STATUS).type, 'junk');
  assert.equal(readOutcome({ type: 'listed', reservationIds: { length: 2 ** 31 } }, LIST).type, 'junk');
  assert.equal(readOutcome({ type: 'listed', reservationIds: Array(200_000).fill('a') }, LIST).type, 'junk');
  assert.equal(readOutcome({ type: 'returned', answer: { status: 0 } }, LIST).type, 'junk');
  assert.equal(readOutcome({ type: 'returned', answer: { status: 0, properties: { a: 1 } } }, STATUS).type, 'junk');
  assert.deepEqual(readOutcome({ type: 'threw', message: { not: 'text' } }, STATUS), { type: 'threw', message: 'no message' });
  assert.equal(messageIn(readOutcome({ type: 'threw', message: 'x'.repeat(10_000) }, STATUS)).length, 4096);
  assert.deepEqual(readStartAnswer(null), { type: 'not-started', message: 'its room sent no answer to the start' });
  assert.deepEqual(readStartAnswer({ type: 'started', features: { find: 1, list: true } }), { type: 'started', features: { find: false, list: true } });
  assert.equal(readSaid({ type: 'said', level: 'constructor', message: 'x', operationId: null }), undefined);
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { secretValuesIn, secretValuesOf, withoutValues } from '../../src/agent/plugin-host/hidden-values.ts';

test('the secrets of a call and of its endpoint are taken out of what a plugin says, however they are spelt', () => {
  const endpoint = secretValuesIn({ 'switch.password': 'pa"ss/word', name: 'plain text', 'short.token': 'abc' });
  const call = secretValuesOf({
    operation: 'renew',
    operationId: 'id',
    input: { reservationId: 'r', untilMs: 0, joinProperties: { apiKey: 'pa"ss/word and more' }, schedProperties: { 'x.secret': 'half\ud800pair' } },
  });
  const said = 'pa"ss/word pa\\"ss/word pa%22ss%2Fword pa"ss/word and more plain text abc half\ud800pair';
  assert.equal(withoutValues(said, [...endpoint, ...call]), '****** ****** ****** ****** plain text abc ******');
});

test('a value of replacement characters is taken out as it is, and a text without secrets is the same', () => {
  assert.equal(withoutValues('costs $& and $1', ['$& and']), 'costs ****** $1');
  assert.equal(withoutValues('nothing', ['secret']), 'nothing');
  assert.deepEqual(secretValuesOf({ operation: 'find', operationId: 'id', input: { joinOperationId: 'x' } }), []);
});

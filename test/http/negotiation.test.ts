import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { noneMatchFits, parseIfMatch } from '../../src/http/etag.ts';
import { acceptedListForm, mediaTypeOf } from '../../src/http/media-type.ts';

test('the form of a list is the one that the client prefers, JSON when it does not care', () => {
  const cases: readonly [string | undefined, string | undefined][] = [
    [undefined, 'json'],
    ['', 'json'],
    ['*/*', 'json'],
    ['application/*', 'json'],
    ['application/x-ndjson', 'ndjson'],
    ['application/x-ndjson, */*', 'ndjson'],
    ['application/x-ndjson;q=0.5, application/json', 'json'],
    ['application/json;q=0.5, application/x-ndjson', 'ndjson'],
    ['application/json, application/x-ndjson', 'json'],
    ['application/json;q=0, */*', 'ndjson'],
    ['text/html', undefined],
    ['*/*;q=0', undefined],
  ];
  for (const [accept, form] of cases) assert.equal(acceptedListForm(accept), form, accept);
});

test('a content type is compared without its parameters, but another charset is none of ours', () => {
  assert.equal(mediaTypeOf('Application/JSON ; charset=UTF-8'), 'application/json');
  assert.equal(mediaTypeOf('application/json; charset=latin1'), undefined);
  assert.equal(mediaTypeOf(undefined), undefined);
});

test('If-Match names revisions; weak and foreign tags fit none; what is no tag is refused', () => {
  const parsed = (header: string): unknown => {
    const result = parseIfMatch(header);
    return result.ok ? result.value : result.fault.code;
  };
  assert.deepEqual(parsed('"1", "22" ,"abc", W/"3"'), [1, 22]);
  assert.equal(parsed(' * '), '*');
  for (const header of ['1', '"1" "2"', '"1', '', '*, "1"', '"a"b"']) assert.equal(parsed(header), 'invalid-parameter', header);
});

test('If-None-Match compares weakly', () => {
  assert.ok(noneMatchFits('W/"1", "2"', '"2"'));
  assert.ok(noneMatchFits('W/"2"', '"2"'));
  assert.ok(!noneMatchFits('"22"', '"2"'));
});

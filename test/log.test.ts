import { strict as assert } from 'node:assert';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { createLog } from '../src/log.ts';

function linesOf(write: (log: ReturnType<typeof createLog>) => void, level: 'debug' | 'info' = 'info', format: 'json' | 'pretty' = 'json'): string {
  const stream = new PassThrough();
  write(createLog({ level, format }, stream));
  return String(stream.read() ?? '');
}

test('a line is JSON with its level as a word', () => {
  const line = JSON.parse(linesOf((log) => log.info({ port: 8080 }, 'listening'))) as Record<string, unknown>;
  assert.deepEqual([line['level'], line['msg'], line['port']], ['info', 'listening', 8080]);
});

test('lines below the level are not written', () => {
  assert.equal(
    linesOf((log) => log.debug({}, 'detail')),
    '',
  );
  assert.notEqual(
    linesOf((log) => log.debug({}, 'detail'), 'debug'),
    '',
  );
});

test('secrets are never written, however deep they stand', () => {
  const secret = 'canary-in-the-mine';
  for (const fields of [
    { password: secret },
    { bmc: { password: secret } },
    { request: { headers: { authorization: secret } } },
    { records: [{ spec: { bmc_password: secret } }] },
    { token: secret, nested: { secret } },
  ]) {
    assert.doesNotMatch(
      linesOf((log) => log.info(fields, 'x')),
      new RegExp(secret),
    );
  }
});

test('pretty lines are for people', () => {
  assert.match(
    linesOf((log) => log.info({ port: 1 }, 'listening'), 'info', 'pretty'),
    /INFO.*listening/,
  );
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { logText, plainText } from '../../src/plugin-host/plain-text.ts';

test('text for callers keeps its lines, text for the log becomes one', () => {
  const text = 'left out: a\r\n[12:00:00] INFO: all is well\tb\u2028c\u2029d\u0085e\u001b[31m\ud800';
  assert.equal(plainText(text), 'left out: a \n[12:00:00] INFO: all is well\tb\u2028c\u2029d e [31m\ufffd');
  assert.equal(logText(text), 'left out: a  [12:00:00] INFO: all is well b c d e [31m\ufffd');
  assert.equal(logText('x'.repeat(20), 10), `${'x'.repeat(9)}…`);
});

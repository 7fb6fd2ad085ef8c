import assert from 'node:assert/strict';
import { test } from 'node:test';
import { momentText } from '../../src/cli/at.ts';

const NOW = new Date(2026, 10, 22, 14, 30, 5);

test('moments may be written as people do: a while ago, today, without seconds or a zone', () => {
  const local = (...parts: [number, number, number, number?, number?]): string => new Date(...parts).toISOString();
  const written = {
    '90s': new Date(NOW.getTime() - 90_000).toISOString(),
    '2h': new Date(NOW.getTime() - 7_200_000).toISOString(),
    '3d': new Date(NOW.getTime() - 3 * 86_400_000).toISOString(),
    today: local(2026, 10, 22),
    yesterday: local(2026, 10, 21),
    '2026-11-20': local(2026, 10, 20),
    '2026-11-20 14:13': local(2026, 10, 20, 14, 13),
    '2026-11-20T14:13': local(2026, 10, 20, 14, 13),
    '2026-11-20T14:13Z': '2026-11-20T14:13:00.000Z',
    '2026-11-20T14:13+02:00': '2026-11-20T12:13:00.000Z',
  };
  for (const [text, moment] of Object.entries(written)) assert.equal(momentText(text, NOW), moment, text);
});

test('what the server knows, and what nobody does, is handed on as it was written', () => {
  for (const text of ['812', 'latest', 'earliest', 'now', 'all', '2026-11-22T04-50-47Z-000000000002', '2026-11-22T10:00:00.5Z', '2026-13-40', '5x', 'h', '']) {
    assert.equal(momentText(text, NOW), text);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionLines } from '../../src/cli/history.ts';

const TIME = '2026-11-22T10:00:00Z';

test('versions of a record are shown with what each update has changed, newest first', () => {
  const record = { id: 'k', hostname: 'a', status: { on: true, rack: 7 }, updated_at: TIME, revision: 1 };
  const lines = versionLines([
    { sequence: 9, time: TIME, type: 'updated', source: 'journal', record: { ...record, hostname: 'c', revision: 9 } },
    { sequence: 8, time: TIME, type: 'created', source: 'journal', record },
    { sequence: 5, time: TIME, type: 'deleted', source: 'journal', record },
    { sequence: 4, time: TIME, type: 'updated', source: 'snapshot', record: { ...record, status: { rack: 7, note: 'x\u001b[31m' }, revision: 4 } },
    { sequence: 1, time: TIME, type: 'created', source: 'snapshot', record },
  ]);
  assert.deepEqual(lines, [
    `9  ${TIME}  updated  c`,
    '    hostname: "a" → "c"',
    `8  ${TIME}  created  a`,
    `5  ${TIME}  deleted  a`,
    `4  ${TIME}  updated  (as a snapshot has it)  a`,
    '    status.on: true → (none)',
    '    status.note: (none) → "x\\u001b[31m"',
    `1  ${TIME}  created  (as a snapshot has it)  a`,
  ]);
});

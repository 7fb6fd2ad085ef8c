import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/package-root.ts';
import {
  decodeFrameHeader,
  decodeSegmentHeader,
  encodeFrameHeader,
  encodeSegmentHeader,
  FORMAT_VERSION,
  FRAME_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
} from '../../src/store/journal-format.ts';
import { serverFor } from '../support/server-process.ts';
import { codeIn, readPage, tableOf } from './markdown.ts';

const PAGE = readPage('docs/design.md');

/** Where a field of a header lies, as the page says. */
function fieldsOf(table: string, totalBytes: number): (words: string) => { at: number; bytes: number } {
  const rows = tableOf(PAGE, table).map((row) => ({ at: Number(row[table]), bytes: Number(row['Bytes']), what: row['What it is'] ?? '' }));
  let end = 0;
  for (const { at, bytes, what } of rows) {
    assert.equal(at, end, `"${what}" follows the field before it`);
    end = at + bytes;
  }
  assert.equal(end, totalBytes, `${table} is complete`);
  return (words) => {
    const row = rows.find(({ what }) => what.includes(words));
    assert.ok(row !== undefined, `${table}: ${words}`);
    return row;
  };
}

test('a segment header has its fields where the page says', () => {
  const field = fieldsOf('Segment header', SEGMENT_HEADER_BYTES);
  const header = {
    version: FORMAT_VERSION,
    epoch: 7,
    storeId: '0123456789abcdef0123456789abcdef',
    keyId: 'fedcba9876543210',
    schemaId: '0f1e2d3c4b5a6978',
    firstSequence: 123_456,
    chain: 99,
  };
  const bytes = encodeSegmentHeader(header);
  assert.deepEqual(decodeSegmentHeader(bytes), header);
  assert.equal(bytes.toString('latin1', 0, 8), 'HFJRNL\x00\xff');
  assert.equal(bytes.readUInt32LE(field('format version').at), FORMAT_VERSION);
  assert.equal(bytes.readUInt32LE(field('epoch').at), 7);
  assert.equal(hex(bytes, field('id of the data folder')), header.storeId);
  assert.equal(hex(bytes, field('id of the store key')), header.keyId);
  assert.equal(bytes.readDoubleLE(field('sequence').at), 123_456);
  assert.equal(hex(bytes, field('id of the schemas')), header.schemaId);
  assert.equal(bytes.readUInt32LE(field('chain').at), 99);
});

test('a frame header has its fields where the page says', () => {
  const field = fieldsOf('Frame header', FRAME_HEADER_BYTES);
  const payload = Buffer.from('payload');
  const bytes = encodeFrameHeader({ type: 2, unsyncedBytes: 1000, epoch: 7, firstSequence: 123_456, count: 5, chain: 99 }, payload);
  const decoded = decodeFrameHeader(bytes, 0);
  assert.equal(bytes.toString('latin1', 0, 4), '\xffHF\xfe');
  assert.equal(bytes.readUInt32LE(field('type').at), 1000 * 16 + 2);
  assert.equal(bytes.readUInt32LE(field('length of the payload').at), payload.length);
  assert.equal(bytes.readUInt32LE(field('epoch').at), 7);
  assert.equal(bytes.readDoubleLE(field('sequence').at), 123_456);
  assert.equal(bytes.readUInt32LE(field('number of changes').at), 5);
  assert.equal(bytes.readUInt32LE(field('chain: ').at), 99);
  assert.equal(bytes.readUInt32LE(field('CRC-32 of the payload').at), decoded?.payloadCrc);
});

test('a manifest has the members that the page lists', async (context) => {
  const server = await serverFor(context);
  const { json } = await server.request('POST', '/snapshots', { note: 'with a note' });
  const path = join(server.directory, 'snapshots', `snapshot=${json.name}`, '_manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { kinds: { BMC: object }; files: object[] };
  const rows = tableOf(PAGE, 'Manifest member');
  assert.deepEqual(Object.keys(manifest).sort(), rows.flatMap((row) => codeIn(row['Manifest member'])).sort());
  const inside = (member: string): readonly string[] => codeIn(rows.find((row) => codeIn(row['Manifest member'])[0] === member)?.['What it is']);
  assert.deepEqual(Object.keys(manifest.kinds.BMC).sort(), [...inside('kinds')].sort());
  assert.deepEqual(Object.keys(manifest.files[0] ?? {}).sort(), [...inside('files')].sort());
});

test('the layers of the page hold in the source', () => {
  const importsOf = (folder: string): readonly (readonly [string, string])[] =>
    readdirSync(join(packageRoot(), folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        [...readFileSync(join(packageRoot(), folder, file), 'utf8').matchAll(/from '([^']+)'|import\('([^']+)'\)/g)].map(
          ([, name, late]) => [file, name ?? late ?? ''] as const,
        ),
      );
  for (const [folder, forbidden] of [
    ['src/protocol', /\/(http|dispatch|schedule|store|config|cli)\//],
    ['src/store', /\/(http|dispatch|schedule|config|cli)\//],
    ['schemas', /\/(http|dispatch|schedule|store|config|cli)\//],
    ['src/dispatch', /\/(http|schedule|store|cli)\//],
    ['src/http', /\/(schedule|store|cli)\//],
    ['src/client', /\/(agent|cli|config|dispatch|http|plugin-host|plugin-kit|schedule|store|schemas)\//],
  ] as const) {
    for (const [file, name] of importsOf(folder)) assert.doesNotMatch(name, forbidden, `${folder}/${file}`);
  }
  assert.deepEqual(
    importsOf('src').filter(([file, name]) => name.includes('/client/') && !file.startsWith('cli/')),
    [],
    'the server runs without the client',
  );
  const importers = (name: string): readonly string[] => importsOf('src').flatMap(([file, imported]) => (imported === name ? [file] : []));
  assert.deepEqual(importers('uWebSockets.js'), ['http/server.ts']);
  assert.deepEqual(
    importers('@duckdb/node-api').filter((file) => file.startsWith('store')),
    ['store/database.ts'],
  );
  assert.deepEqual(
    [...importers('../main.ts'), ...importers('./main.ts')].filter((file) => !file.startsWith('cli')),
    [],
  );
});

function hex(bytes: Buffer, { at, bytes: length }: { at: number; bytes: number }): string {
  return bytes.toString('hex', at, at + length);
}

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/package-root.ts';
import { anchorOf, readPage } from './markdown.ts';

const PAGES = [
  'README.md',
  ...readdirSync(join(packageRoot(), 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];
const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;

test('every link in the README and the docs leads somewhere, anchors included', () => {
  for (const path of PAGES) {
    for (const [, target = ''] of readPage(path).prose.matchAll(LINK)) {
      if (/^https?:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const found = file === '' ? path : normalize(join(dirname(path), file));
      assert.ok(existsSync(join(packageRoot(), found)), `${path}: ${target}`);
      if (anchor === undefined) continue;
      const anchors = readPage(found).headings.map(({ text }) => anchorOf(text));
      assert.ok(anchors.includes(anchor), `${path}: ${target} (there are ${anchors.join(', ')})`);
    }
  }
});

test('no two headings of a page have the same anchor', () => {
  for (const path of PAGES) {
    const anchors = readPage(path).headings.map(({ text }) => anchorOf(text));
    assert.deepEqual(anchors, [...new Set(anchors)], path);
  }
});

test('every page of the docs can be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const path of reached) {
    for (const [, target = ''] of readPage(path).prose.matchAll(LINK)) {
      const found = normalize(join(dirname(path), target.split('#')[0] ?? ''));
      if (found.endsWith('.md') && PAGES.includes(found)) reached.add(found);
    }
  }
  assert.deepEqual([...reached].sort(), [...PAGES].sort());
});

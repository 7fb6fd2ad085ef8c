import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';
import type { Page } from './markdown.ts';

/** Lines of the docs that name the test which fails when they are not true: `([test](../test/file.test.ts "name of the test"))`. */

const TEST_LINK = /\[test\]\((\S+\.test\.ts) "((?:[^"\\]|\\.)+)"\)/g;

/**
 * Each line of a list names tests, and these are there.
 * @param without headings above lists that no test can show
 * @returns how many lines there were
 */
export function assertListsProved(page: Page, without: ReadonlySet<string>): number {
  let heading = '';
  let lines = 0;
  for (const line of page.prose.split('\n')) {
    heading = /^#+ (.+)$/.exec(line)?.[1] ?? heading;
    if (!line.startsWith('- ') || without.has(heading)) continue;
    const links = [...line.matchAll(TEST_LINK)];
    assert.ok(links.length > 0 && line.endsWith(')'), `no test is named by: ${line}`);
    for (const [, file = '', name = ''] of links) {
      const path = normalize(join(dirname(page.path), file));
      assert.ok(existsSync(join(packageRoot(), path)), `${path} does not exist`);
      assert.ok(namesIn(path).includes(name), `${path} has no test "${name}"`);
    }
    lines += 1;
  }
  return lines;
}

/** The names of the tests in a file, as they stand in the source. */
function namesIn(path: string): readonly string[] {
  const source = readFileSync(join(packageRoot(), path), 'utf8');
  return [...source.matchAll(/\b(?:test|it|rules|describe)\(\s*(?:'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`|"((?:[^"\\]|\\.)*)")/g)].map(
    ([, single, template, double]) => (single ?? template ?? double ?? '').replaceAll("\\'", "'"),
  );
}

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';

/** Claims in the docs name the tests that prove them: `` `store/retention.test.ts` "how its title begins" ``, files below test/. */

const PROOF = /`([\w/.-]+\.(?:test\.ts|yaml))`((?:\s+"[^"]+",?)*)/g;

/** @throws AssertionError when the text names no test, or one that is not there. */
export function assertProved(claim: string, proof: string): void {
  const proofs = [...proof.matchAll(PROOF)];
  assert.ok(proofs.length > 0, `no test is named for: ${claim}`);
  assert.equal(proof.replace(PROOF, '').replace(/[\s,;]/g, ''), '', `what is said beside the tests of: ${claim}`);
  for (const [, file = '', titles = ''] of proofs) {
    const path = join(packageRoot(), 'test', file);
    assert.ok(existsSync(path), `${file}, named for: ${claim}`);
    const source = readFileSync(path, 'utf8');
    for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g)) {
      assert.ok(
        ["'", '`', '"'].some((quote) => source.includes(`${quote}${title}`)),
        `${file} has no test "${title}…", named for: ${claim}`,
      );
    }
  }
}

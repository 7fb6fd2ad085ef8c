import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { generate } from '../../schemas/compile.ts';
import { packageRoot } from '../../src/package-root.ts';

test('src/generated is what the compiler makes of the schemas (else: npm run generate)', async () => {
  for (const [name, text] of await generate(join(packageRoot(), 'schemas'))) {
    assert.equal(text === readFileSync(join(packageRoot(), 'src', 'generated', name), 'utf8'), true, name);
  }
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { generate } from '../../schemas/compile.ts';
import { configValidatorFile } from '../../src/config/compile.ts';
import { packageRoot } from '../../src/package-root.ts';

test('src/generated is what the compiler makes of the schemas (else: npm run generate)', async () => {
  const kinds = await generate(join(packageRoot(), 'schemas'));
  for (const [name, text] of [...kinds, ['config-validator.ts', configValidatorFile()] as const]) {
    assert.equal(text === readFileSync(join(packageRoot(), 'src', 'generated', name), 'utf8'), true, name);
  }
});

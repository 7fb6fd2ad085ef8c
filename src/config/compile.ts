import { realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _, Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { packageRoot } from '../package-root.ts';
import { CONFIG_SCHEMA } from './config-schema.ts';
import { CONFIG_FORMATS } from './formats.ts';

/**
 * The compiler of the configuration's schema, run by `npm run generate`: to load Ajv and compile it took every start, and
 * every command, a fifth of a second. The same schema always gives the same file.
 */

/** The text of `src/generated/config-validator.ts`. */
export function configValidatorFile(): string {
  const ajv = new Ajv2020({
    strict: true,
    allErrors: true,
    ownProperties: true,
    // Mistakes are told with the value that is one.
    verbose: true,
    keywords: ['x-unit', 'x-path', 'x-shorthand'],
    formats: Object.fromEntries(Object.keys(CONFIG_FORMATS).map((name) => [name, () => true])),
    code: { source: true, lines: true, formats: _`FORMATS` },
  });
  ajv.addSchema(CONFIG_SCHEMA, 'config');
  return `// @ts-nocheck
/* Made from src/config/config-schema.ts by \`npm run generate\`; do not edit. */
import { createRequire } from 'node:module';
import type { ConfigValidator } from '../config/config-schema.ts';

// Ajv's run-time helpers are CommonJS.
const require = createRequire(import.meta.url);

/** @param FORMATS whether a text is of the format of that name */
export function configValidator(FORMATS: Readonly<Record<string, (text: string) => boolean>>): ConfigValidator {
const exports = {};
${standalone.default(ajv, { config: 'config' })}
return exports.config;
}
`;
}

const started = process.argv[1];
if (started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url)) {
  writeFileSync(join(packageRoot(), 'src', 'generated', 'config-validator.ts'), configValidatorFile());
}

import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { messageOf } from '../faults.ts';
import { packageRoot } from '../package-root.ts';
import type { ConnectionOptions } from './connection.ts';
import { CliFailure, EXIT } from './failure.ts';

export function addSchemas(program: Command): void {
  program
    .command('schemas')
    .description('write the JSON Schema of every kind into a folder')
    .option('--dir <dir>', 'the folder', 'schemas')
    .action(async (_options: unknown, self: Command) => {
      const options = self.optsWithGlobals<ConnectionOptions & { dir: string }>();
      const { loadKinds } = await import('../../schemas/registry.ts');
      const { published } = await loadKinds(options.schemaDir);
      const directory = resolve(options.dir);
      try {
        mkdirSync(directory, { recursive: true });
        if (realpathSync(directory) === realpathSync(join(packageRoot(), 'schemas')))
          throw new Error('this folder holds the sources of the schemas; name another one with --dir');
        for (const [name, schema] of published) {
          const path = join(directory, `${name}.json`);
          writeFileSync(path, `${JSON.stringify(schema, null, 2)}\n`);
          process.stdout.write(`${path}\n`);
        }
      } catch (error) {
        throw new CliFailure(EXIT.usage, `cannot write the schemas to ${directory}: ${messageOf(error)}`);
      }
    });
}

import { resolve } from 'node:path';
import type { Command } from 'commander';

/** What is wrong with a data folder, and the way out. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look at a data folder without a server: what is in it, what a start would do, and the way out when that is refused')
    .option('--data-dir <dir>', 'the data folder of the server')
    .option('--config <file>', 'the configuration of the server, when it has one')
    .option('--schema-dir <dir>', 'a folder of further kinds')
    .option('--json', 'print everything as JSON')
    .option('--repair', 'do what a start would do to the files: cut an unfinished end, set damaged snapshots aside, remove leftovers')
    .option('--drop-damaged', 'with --repair, where a start is refused: put aside what cannot be used, and all changes after it')
    .option('--salvage <file>', 'copy every change of the journal that can be read into a new file, one JSON object a line')
    .action(async (_options: unknown, self: Command) => {
      const options = self.optsWithGlobals<{ dataDir?: string; config?: string; schemaDir?: string; salvage?: string } & Record<string, unknown>>();
      const [{ loadConfigWithoutAgent }, { runDoctor }] = await Promise.all([import('../config/config.ts'), import('./run-doctor.ts')]);
      const flag = (name: string, path: readonly string[], value: string | undefined) => (value === undefined ? [] : [{ name, path, value: resolve(value) }]);
      const { storage } = loadConfigWithoutAgent({
        environment: process.env,
        flags: [...flag('--data-dir', ['storage', 'directory'], options.dataDir), ...flag('--schema-dir', ['storage', 'schemaDirectory'], options.schemaDir)],
        ...(options.config === undefined ? {} : { file: options.config }),
        workingDirectory: process.cwd(),
      });
      process.exitCode = await runDoctor({
        directory: storage.directory,
        schemaDirectory: storage.schemaDirectory,
        json: options['json'] === true,
        repair: options['repair'] === true,
        dropDamaged: options['dropDamaged'] === true,
        salvage: options.salvage === undefined ? undefined : resolve(options.salvage),
      });
    });
}

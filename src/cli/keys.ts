import { resolve } from 'node:path';
import { Argument, type Command } from 'commander';
import type { ConnectionOptions } from './connection.ts';
import { printJson, say } from './output.ts';

/** The keys of a data folder: which there are, a new one, and the end of an old one. */
export function addKeys(program: Command): void {
  const keys = program.command('keys').description('list, rotate and forget the keys of a data folder; needs no server');
  keys
    .command('list')
    .description('show the keys by names that do not tell them, and what each one is needed for')
    .option('--data-dir <dir>', 'the data folder (default ./holdfast-data)')
    .action(async (_options: unknown, self: Command) => {
      const { listKeys } = await import('./key-rotation.ts');
      printJson(listKeys(directoryOf(self)));
    });
  keys
    .command('rotate')
    .description('make a new key; what the old one sealed or signed is still accepted')
    .addArgument(whichKey())
    .option('--data-dir <dir>', 'the data folder (default ./holdfast-data)')
    .option('--leaked', 'for token-secret: tokens of the old one are refused from now on')
    .action(async (which: KeyName, _options: unknown, self: Command) => {
      const { rotateStoreKey, rotateTokenSecret } = await import('./key-rotation.ts');
      const directory = directoryOf(self);
      if (which === 'store-key') say(rotateStoreKey(directory));
      else say(rotateTokenSecret(directory, self.opts<{ leaked?: true }>().leaked === true));
    });
  keys
    .command('forget')
    .description('remove the keys of before; refused while something on disk needs them')
    .addArgument(whichKey())
    .option('--data-dir <dir>', 'the data folder (default ./holdfast-data)')
    .action(async (which: KeyName, _options: unknown, self: Command) => {
      const { forgetStoreKeys, forgetTokenSecret } = await import('./key-rotation.ts');
      say(which === 'store-key' ? forgetStoreKeys(directoryOf(self)) : forgetTokenSecret(directoryOf(self)));
    });
}

type KeyName = 'store-key' | 'token-secret';

function whichKey(): Argument {
  return new Argument('<key>', 'which one').choices(['store-key', 'token-secret'] satisfies KeyName[]);
}

function directoryOf(self: Command): string {
  const { dataDir } = self.optsWithGlobals<ConnectionOptions>();
  return resolve(dataDir ?? process.env['HOLDFAST_DATA_DIR'] ?? './holdfast-data');
}

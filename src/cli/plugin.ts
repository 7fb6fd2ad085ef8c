import type { Command } from 'commander';
import { CliFailure, EXIT } from './failure.ts';
import type { PluginTestOptions } from './plugin-test.ts';

export function addPlugin(program: Command): void {
  const plugin = program.command('plugin').description('write plugins for substrates');
  plugin
    .command('new <dir>')
    .description('write a plugin that works into a new folder, with a test, as a start for one of your own')
    .action(async (directory: string) => {
      const { newPlugin } = await import('./plugin-new.ts');
      newPlugin(directory);
    });
  plugin
    .command('test <plugin>')
    .description('run the conformance kit against a plugin: a folder, a file, a package, or null, exec, simulator; it makes real reservations')
    .option('--property <name=value>', 'a property of the endpoint, several times', pairs, {})
    .option('--caller <name=value>', 'a property that join and modify are given, several times', pairs, {})
    .option('--config <file>', 'the file for the plugin, as config of the endpoint names it')
    .option('--export <name>', "the module's export that makes the plugin", 'default')
    .option('--env <name>', 'a variable of this environment that the plugin may see, several times', names, [])
    .option('--isolation <kind>', 'thread or process', 'thread')
    .option('--time-limit <duration>', 'for each call', '30s')
    .option('--log', 'print what the plugin logs')
    .action(async (named: string, _options: unknown, self: Command) => {
      const { testPlugin } = await import('./plugin-test.ts');
      await testPlugin(named, self.opts<PluginTestOptions>());
    });
}

function pairs(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new CliFailure(EXIT.usage, `"${text}" is not NAME=VALUE`);
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
}

function names(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

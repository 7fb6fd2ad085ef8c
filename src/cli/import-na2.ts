import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { messageOf } from '../faults.ts';
import { withClient } from './api.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { CliFailure, EXIT } from './failure.ts';

interface ImportNa2Options extends ConnectionOptions {
  readonly schedule?: string;
  readonly passwordFile?: string;
}

const FILE_BYTES_MAX = 1024 * 1024;

export function addImportNa2(program: Command): void {
  const command = program
    .command('import-na2 [file]')
    .description("print NodeAgent2's XML file or Spring file as YAML; or take over the reservations of a running one")
    .option('--password-file <out>', 'write the password of the XML file to this new file, for its owner only')
    .option('--schedule <file>', 'what GET /schedule of the running NodeAgent2 answered (- is standard input); goes to the server, no plugin is called')
    .action(async (file: string | undefined, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<ImportNa2Options>();
      if ((file === undefined) === (options.schedule === undefined)) throw new CliFailure(EXIT.usage, 'import-na2 needs either FILE or --schedule');
      if (options.schedule !== undefined) {
        const { schedule } = options;
        const { importSchedule } = await import('./import-na2-schedule.ts');
        await withClient(connect(options), (client) => importSchedule(client, schedule));
        return;
      }
      await printAsYaml(file ?? '', options.passwordFile);
    });
  addConnectionOptions(command);
}

async function printAsYaml(file: string, passwordFile: string | undefined): Promise<void> {
  const text = readText(file);
  if (/^\uFEFF?\s*</.test(text)) {
    const { agentYaml } = await import('./import-na2-agent.ts');
    process.stdout.write(agentYaml(resolve(file), passwordFile === undefined ? undefined : resolve(passwordFile)));
    return;
  }
  if (passwordFile !== undefined) throw new CliFailure(EXIT.usage, '--password-file is for the XML file, which has the password');
  const { springYaml } = await import('./import-na2-spring.ts');
  process.stdout.write(springYaml(file, text));
}

function readText(file: string): string {
  try {
    if (statSync(file).size > FILE_BYTES_MAX) throw new Error(`it is larger than ${FILE_BYTES_MAX} bytes`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliFailure(EXIT.usage, `cannot read ${file}: ${messageOf(error)}`);
  }
}

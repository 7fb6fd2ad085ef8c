import { resolve } from 'node:path';
import type { Command } from 'commander';
import { withClient } from './api.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { CliFailure, EXIT } from './failure.ts';
import { isTerminal, printJson, printJsonText } from './output.ts';
import { printTable } from './table.ts';

const LIST_COLUMNS = ['name', 'time', 'sequence', 'reason', 'bytes', 'seconds', 'note'];

export function addSnapshot(program: Command): void {
  const snapshot = program.command('snapshot').description('take, list and verify snapshots');
  addConnectionOptions(
    snapshot
      .command('take')
      .description('take a snapshot now')
      .option('--note <text>', 'a remark to find it by')
      .action(async (_options: unknown, self: Command) => {
        const options = self.optsWithGlobals<ConnectionOptions & { note?: string }>();
        const body = JSON.stringify(options.note === undefined ? {} : { note: options.note });
        printJsonText((await withClient(connect(options), (client) => client.request({ method: 'POST', path: '/snapshots', body }))).text);
      }),
  );
  addConnectionOptions(
    snapshot
      .command('list')
      .description('list the snapshots that the server has')
      .action(async (_options: unknown, self: Command) => {
        const connection = connect(self.optsWithGlobals<ConnectionOptions>());
        const { text } = await withClient(connection, (client) => client.request({ method: 'GET', path: '/snapshots' }));
        const listed: unknown = isTerminal() ? JSON.parse(text) : undefined;
        if (Array.isArray(listed)) printTable(listed, LIST_COLUMNS);
        else printJsonText(text);
      }),
  );
  snapshot
    .command('verify')
    .description('check the counts and checksums of all snapshots in a data folder; needs no server')
    .option('--data-dir <dir>', 'the data folder (default ./holdfast-data)')
    .action(async (_options: unknown, self: Command) => {
      const { dataDir } = self.optsWithGlobals<ConnectionOptions>();
      const directory = resolve(dataDir ?? process.env['HOLDFAST_DATA_DIR'] ?? './holdfast-data');
      const { verifySnapshots } = await import('../store/verify.ts');
      const verdicts = await verifySnapshots(directory);
      if (isTerminal())
        printTable(
          verdicts.map(({ name, problem, rows }) => ({ name, verdict: problem ?? 'good', rows })),
          ['name', 'verdict', 'rows'],
        );
      else printJson(verdicts);
      const bad = verdicts.filter(({ problem }) => problem !== undefined);
      if (bad.length > 0) throw new CliFailure(EXIT.refused, bad.map(({ name, problem }) => `${name}: ${problem}`).join('\n'));
    });
}

import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { withClient } from './api.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { CliFailure, EXIT } from './failure.ts';
import { isTerminal, printJson, printJsonText, say } from './output.ts';
import { printTable } from './table.ts';

const LIST_COLUMNS = ['name', 'time', 'sequence', 'reason', 'bytes', 'seconds', 'note'];

export function addSnapshot(program: Command): void {
  const snapshot = program.command('snapshot').description('take, list, show, download, delete and verify snapshots');
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
  addConnectionOptions(
    snapshot
      .command('get <name>')
      .description('show one snapshot and its files; by name, latest, earliest, a time or a sequence')
      .action(async (name: string, _options: unknown, self: Command) => {
        const found = await withClient(connect(self.optsWithGlobals<ConnectionOptions>()), (client) => client.snapshots.get(name));
        if (found === undefined) throw new CliFailure(EXIT.refused, `there is no snapshot ${name}`);
        printJson(found);
      }),
  );
  addConnectionOptions(
    snapshot
      .command('download <name>')
      .description('fetch the Parquet files of a snapshot, its manifest, schema.sql and load.sql')
      .option('--into <dir>', 'the folder that gets a folder for the snapshot (default .)')
      .action(async (name: string, _options: unknown, self: Command) => {
        const options = self.optsWithGlobals<ConnectionOptions & { into?: string }>();
        const { downloadSnapshot } = await import('./snapshot-download.ts');
        const folder = await withClient(connect(options), async (client) => {
          const found = await client.snapshots.get(name);
          if (found === undefined) throw new CliFailure(EXIT.refused, `there is no snapshot ${name}`);
          return await downloadSnapshot(client, found, resolve(options.into ?? '.'), say);
        });
        printJson({ folder });
      }),
  );
  addConnectionOptions(
    snapshot
      .command('delete <name>')
      .description('delete one snapshot by its whole name; the last sound one, and what the journal needs, is kept')
      .action(async (name: string, _options: unknown, self: Command) => {
        const deleted = await withClient(connect(self.optsWithGlobals<ConnectionOptions>()), (client) => client.snapshots.delete(name));
        if (!deleted) throw new CliFailure(EXIT.refused, `there is no snapshot ${name}`);
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
      if (verdicts.length === 0) throw new CliFailure(EXIT.refused, `there is no snapshot in ${join(directory, 'snapshots')}; --data-dir says where to look`);
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

import { type Command, Option } from 'commander';
import type { ServeOptions } from './run-serve.ts';

export function addServe(program: Command, remarks: readonly string[]): void {
  program
    .command('serve')
    .description('run the server')
    .option('--config <file>', 'the configuration, YAML (HOLDFAST_CONFIG)')
    .option('--host <address>', 'the address to listen on (HOLDFAST_HOST; default 127.0.0.1)')
    .option('--port <port>', 'the port (HOLDFAST_PORT; default 8080)')
    .option('--http-threads <count>', 'threads that have the connections (HOLDFAST_HTTP_THREADS; default 1: the main thread)')
    .option('--data-dir <dir>', 'the data folder (HOLDFAST_DATA_DIR; default ./holdfast-data)')
    .option('--schema-dir <dir>', 'a folder of further kinds (HOLDFAST_SCHEMA_DIR)')
    .option('--snapshot-every <interval>', 'like 60s, 5m, 1h, or a cron expression (HOLDFAST_SNAPSHOT_EVERY; default 5m)')
    .option('--retain <count>', 'how many snapshots to keep (HOLDFAST_RETAIN; default 24)')
    .option('--agent-config <file>', "NodeAgent2's XML file with the endpoints of reservations (HOLDFAST_AGENT_CONFIG)")
    .option('--log-level <level>', 'debug, info, warn or error (HOLDFAST_LOG_LEVEL; default info)')
    .option('--restore [boolean]', 'start with what the data folder holds (HOLDFAST_RESTORE; default true)')
    .addOption(new Option('--no-restore', 'put what the data folder holds aside and start empty'))
    .action(async (_options: unknown, self: Command) => {
      // Everything that a server needs is loaded for this command only.
      const { serve } = await import('./run-serve.ts');
      await serve(self.optsWithGlobals<ServeOptions>(), remarks);
    });
}

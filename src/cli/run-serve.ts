import { existsSync } from 'node:fs';
import { type ConfigSources, loadConfigWithRemarks, reloadAgentConfig } from '../config/config.ts';
import type { Given } from '../config/sources.ts';
import { IO_ERROR, messageOf, StartFailure } from '../faults.ts';
import { tokenSecretPath } from '../keys.ts';
import { Lifecycle } from '../lifecycle.ts';
import { createLog, type Log } from '../log.ts';
import type { RunningServer } from '../main.ts';
import { say } from './output.ts';

export interface ServeOptions {
  readonly config?: string;
  readonly restore?: boolean | string;
  readonly [name: string]: unknown;
}

/** Option, as commander names its value → where it goes in the configuration. */
const FLAGS: Readonly<Record<string, { readonly name: string; readonly path: readonly string[] }>> = {
  host: { name: '--host', path: ['server', 'host'] },
  port: { name: '--port', path: ['server', 'port'] },
  httpThreads: { name: '--http-threads', path: ['server', 'httpThreads'] },
  dataDir: { name: '--data-dir', path: ['storage', 'directory'] },
  schemaDir: { name: '--schema-dir', path: ['storage', 'schemaDirectory'] },
  snapshotEvery: { name: '--snapshot-every', path: ['snapshots', 'every'] },
  retain: { name: '--retain', path: ['snapshots', 'retain'] },
  restore: { name: '--restore', path: ['snapshots', 'restore'] },
  agentConfig: { name: '--agent-config', path: ['agent', 'config'] },
  logLevel: { name: '--log-level', path: ['log', 'level'] },
};

/** The server takes its last snapshot while it stops, and that may be of many records. */
const STOP_LIMIT_MS = 300_000;

/** Runs the server until a signal ends it. `remarks` are about flags of the original that mean something else here. */
export async function serve(options: ServeOptions, remarks: readonly string[]): Promise<void> {
  const sources = {
    environment: process.env,
    flags: givenFlags(options),
    ...(options.config === undefined ? {} : { file: options.config }),
    workingDirectory: process.cwd(),
  };
  const { config, remarks: configRemarks } = loadConfigWithRemarks(sources);
  const log = createLog(config.log);
  for (const remark of remarks) log.info({}, remark);
  for (const remark of configRemarks) log.warn({}, remark);
  const lifecycle = new Lifecycle(log);
  lifecycle.handleSignals();
  const hadSecret = existsSync(tokenSecretPath(config.storage.directory));
  const { startServer } = await import('../main.ts');
  let running: RunningServer | undefined;
  const reloads = reloadOnHangup(() => running, sources, log);
  const server = startServer(config, log, (reason, exitCode = IO_ERROR) => lifecycle.crash(reason, exitCode));
  lifecycle.onStop('server', (reason) => (reason === 'stop' ? server.stop() : server.abandon()), STOP_LIMIT_MS);
  lifecycle.onStop('reload', reloads);
  try {
    running = await server.started;
  } catch (error) {
    // The process ends when everything has stopped.
    if (lifecycle.stopping) return;
    if (!(error instanceof StartFailure)) throw error;
    log.error({ exitCode: error.exitCode }, error.message);
    say(`holdfast: ${error.message}`);
    // Threads of a start that failed half-way would keep the process alive.
    process.exit(error.exitCode);
  }
  if (!hadSecret && existsSync(tokenSecretPath(config.storage.directory))) tellFirstStart(config.storage.directory, log);
}

/** SIGHUP reads certificate, token secrets and endpoints again, one time after the other. @returns what ends that. */
function reloadOnHangup(running: () => RunningServer | undefined, sources: ConfigSources, log: Log): () => Promise<void> {
  let last = Promise.resolve();
  const reload = (): void => {
    last = last.then(async () => {
      const server = running();
      if (server === undefined) return log.warn({}, 'still starting: send SIGHUP again in a moment');
      const read = reloadAgentConfig(sources);
      if (read.ok) for (const remark of read.remarks) log.warn({}, remark);
      else log.error({ mistakes: read.mistakes }, 'the endpoints stay as they are: the configuration has mistakes');
      await server.reload(read.ok ? read.agent : undefined);
    });
    last = last.catch((error: unknown) => log.error({ reason: messageOf(error) }, 'a reload met a defect'));
  };
  process.on('SIGHUP', reload);
  return async () => {
    process.off('SIGHUP', reload);
    await last;
  };
}

function givenFlags(options: ServeOptions): Given[] {
  const given: Given[] = [];
  for (const [option, { name, path }] of Object.entries(FLAGS)) {
    const value = options[option];
    if (value !== undefined) given.push({ name, path, value: String(value) });
  }
  return given;
}

/** Nobody can write without a token, and nobody knows the secret: say how to get one, once. */
function tellFirstStart(directory: string, log: Log): void {
  const command = `holdfast token --data-dir ${/^[\w./-]+$/.test(directory) ? directory : `'${directory.replaceAll("'", "'\\''")}'`}`;
  log.info({ command }, 'first start: a secret for tokens was made; this command prints a token');
  say(`first start: get a token with  ${command}`);
}

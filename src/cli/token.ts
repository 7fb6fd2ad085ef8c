import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parseDurationMs } from '../config/units.ts';
import { SCOPES } from '../http/scopes.ts';
import { CliFailure, EXIT } from './failure.ts';
import { say } from './output.ts';

interface TokenOptions {
  readonly dataDir?: string;
  readonly config?: string;
  readonly scope: readonly string[];
  readonly ttl: string;
  readonly subject?: string;
}

const TTL_MAX_SECONDS = 10 * 365 * 86_400;

export function addToken(program: Command): void {
  program
    .command('token')
    .description('sign a token with the secret of a data folder; works while the server runs')
    .option('--data-dir <dir>', 'the data folder of the server')
    .option('--config <file>', 'the configuration of the server, when it has one')
    .option('--scope <scope>', `what the token allows, several times or with commas: ${SCOPES.join(', ')} (all when none is named)`, collectScopes, [])
    .option('--ttl <duration>', 'how long it is valid, like 15m, 8h or 30d', '1h')
    .option('--subject <name>', 'whom it names (default: you)')
    .action(async (_options: unknown, self: Command) => {
      const options = self.optsWithGlobals<TokenOptions>();
      for (const scope of options.scope) {
        if (!SCOPES.some((known) => known === scope)) throw new CliFailure(EXIT.usage, `--scope: there is no scope "${scope}"; there are ${SCOPES.join(', ')}`);
      }
      const ttlMs = parseDurationMs(options.ttl);
      const ttlSeconds = Math.floor((ttlMs ?? 0) / 1000);
      if (ttlSeconds < 1 || ttlSeconds > TTL_MAX_SECONDS) throw new CliFailure(EXIT.usage, `--ttl: "${options.ttl}" is no duration between 1s and 3650d`);
      const [{ loadConfigWithoutAgent }, { signForDataFolder }] = await Promise.all([import('../config/config.ts'), import('./sign.ts')]);
      const { auth, storage } = loadConfigWithoutAgent({
        environment: process.env,
        flags: options.dataDir === undefined ? [] : [{ name: '--data-dir', path: ['storage', 'directory'], value: resolve(options.dataDir) }],
        ...(options.config === undefined ? {} : { file: options.config }),
        workingDirectory: process.cwd(),
      });
      if (auth.algorithm !== 'HS256')
        throw new CliFailure(EXIT.usage, `this server takes tokens signed elsewhere (auth.algorithm is ${auth.algorithm}); ask whoever runs that`);
      const token = await signForDataFolder(storage.directory, {
        ttlSeconds,
        ...(options.scope.length === 0 ? {} : { scopes: options.scope }),
        ...(options.subject === undefined ? {} : { subject: options.subject }),
        ...(auth.secretFile === undefined ? {} : { secretFile: auth.secretFile }),
        ...(auth.issuer === undefined ? {} : { issuer: auth.issuer }),
        ...(auth.audience === undefined ? {} : { audience: auth.audience }),
      });
      if (process.stderr.isTTY === true) say(`valid for ${options.ttl}; scopes: ${(options.scope.length === 0 ? SCOPES : options.scope).join(', ')}`);
      process.stdout.write(`${token}\n`);
    });
}

function collectScopes(value: string, before: readonly string[]): readonly string[] {
  return [...before, ...value.split(/[\s,]+/).filter((scope) => scope !== '')];
}

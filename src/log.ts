import { createRequire } from 'node:module';
import { type DestinationStream, destination, pino } from 'pino';

/** One line per event: what happened as fields that a machine can search, and as a sentence. Secrets never get in. */
export interface Log {
  isLevelEnabled(level: string): boolean;
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

export interface LogSettings {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'auto' | 'json' | 'pretty';
}

const SECRET_NAMES = [
  'password',
  'Password',
  'bmc_password',
  'passwd',
  'authorization',
  'Authorization',
  'cookie',
  'token',
  'jwt',
  'secret',
  'secrets',
  'tokenSecret',
  'storeKey',
  'privateKey',
  'credentials',
] as const;
/** How deep inside the fields a secret is still looked for. */
const SECRET_DEPTH = 4;

/** The logger of a process; to standard output unless tests give another stream. */
export function createLog(settings: LogSettings, stream?: DestinationStream): Log {
  const isTerminal = stream === undefined && process.stdout.isTTY === true;
  const isPretty = settings.format === 'pretty' || (settings.format === 'auto' && isTerminal);
  // Synchronous, so that the last line before an exit is not lost; and no worker thread, which would outlive a crash.
  const plain = stream ?? destination({ dest: 1, sync: true });
  const target = isPretty ? prettyStream(plain, isTerminal) : plain;
  return pino(
    {
      level: settings.level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretPaths(), censor: '[redacted]' },
    },
    target,
  );
}

function prettyStream(plain: DestinationStream, isTerminal: boolean): DestinationStream {
  // Only people look at it: most servers never load it.
  const pretty = createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty');
  return pretty({ destination: plain, sync: true, colorize: isTerminal, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' });
}

function secretPaths(): string[] {
  const paths: string[] = [];
  for (let depth = 0; depth < SECRET_DEPTH; depth++) {
    for (const name of SECRET_NAMES) paths.push(`${'*.'.repeat(depth)}${name}`);
  }
  return paths;
}

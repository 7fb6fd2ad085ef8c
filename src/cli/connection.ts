import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { systemClock } from '../clock.ts';
import { messageOf } from '../faults.ts';
import { CliFailure, EXIT } from './failure.ts';

/** Where the server is and how a command proves who it is: the options that every client command has. */
export interface ConnectionOptions {
  readonly url?: string;
  readonly jwt?: string;
  readonly schemaDir?: string;
  readonly dataDir?: string;
}

export interface Connection {
  /** Without a slash at the end and without `/inventory`. */
  readonly root: string;
  /** Undefined when there is none. */
  readonly token: () => Promise<string | undefined>;
}

const DEFAULT_URL = 'http://127.0.0.1:8080';
const DEFAULT_DATA_DIR = './holdfast-data';
const OWN_TOKEN_SECONDS = 300;
/** A long import asks for a fresh token well before the old one ends. */
const OWN_TOKEN_RENEW_MS = 120_000;

/** `hidden`: on the program itself, so that the options may also stand before the command, as in the original client. */
export function addConnectionOptions(command: Command, hidden = false): Command {
  for (const option of [
    new Option('--url <url>', `the server, with or without /inventory (HOLDFAST_URL; default ${DEFAULT_URL})`),
    new Option('--jwt <token>', 'the token to send (HOLDFAST_JWT)'),
    new Option('--schema-dir <dir>', 'a folder of JSON Schemas, one for each kind'),
    new Option('--data-dir <dir>', `the data folder; signs a short-lived token when there is no --jwt (default ${DEFAULT_DATA_DIR})`),
  ]) {
    command.addOption(hidden ? option.hideHelp() : option);
  }
  return command;
}

export function connect(options: ConnectionOptions, environment: NodeJS.ProcessEnv = process.env): Connection {
  const root = rootOf(options.url ?? nonEmpty(environment['HOLDFAST_URL']) ?? DEFAULT_URL);
  const jwt = options.jwt ?? nonEmpty(environment['HOLDFAST_JWT']);
  return { root, token: jwt === undefined ? ownTokens(root, options.dataDir, environment) : async () => jwt };
}

function rootOf(url: string): string {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) throw new CliFailure(EXIT.usage, `--url: "${url}" is no http:// or https:// URL`);
  const { username, password } = new URL(url);
  if (username !== '' || password !== '') throw new CliFailure(EXIT.usage, '--url: leave user and password out; a token goes into --jwt');
  return url.replace(/\/+$/, '').replace(/\/inventory$/, '');
}

/** Signs tokens with the secret of a data folder: whoever can read that may do everything anyhow. */
function ownTokens(root: string, dataDir: string | undefined, environment: NodeJS.ProcessEnv): () => Promise<string | undefined> {
  // Without being asked, a token goes to this machine only.
  if (dataDir === undefined && !isLoopback(root)) return async () => undefined;
  const directory = resolve(dataDir ?? nonEmpty(environment['HOLDFAST_DATA_DIR']) ?? DEFAULT_DATA_DIR);
  let current: { readonly token: string | undefined; readonly signedAtMs: number } | undefined;
  return async () => {
    const nowMs = systemClock.monotonicMs();
    if (current !== undefined && nowMs - current.signedAtMs < OWN_TOKEN_RENEW_MS) return current.token;
    current = { token: await signOwn(directory, dataDir !== undefined), signedAtMs: nowMs };
    return current.token;
  };
}

async function signOwn(directory: string, isAsked: boolean): Promise<string | undefined> {
  if (!existsSync(join(directory, 'keys'))) {
    if (isAsked) throw new CliFailure(EXIT.usage, `--data-dir: ${directory} is no data folder (it has no keys/)`);
    return undefined;
  }
  const { signForDataFolder } = await import('./sign.ts');
  try {
    return await signForDataFolder(directory, { ttlSeconds: OWN_TOKEN_SECONDS });
  } catch (error) {
    if (isAsked) throw new CliFailure(EXIT.usage, messageOf(error));
    // Nobody asked for it: the server will say whether a token was needed.
    return undefined;
  }
}

function isLoopback(root: string): boolean {
  const { hostname } = new URL(root);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

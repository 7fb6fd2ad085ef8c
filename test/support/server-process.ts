import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';
import { Description, type OpenApiDocument } from './described.ts';

/** A real server in a process of its own, on a free port, as a site would run it. */

const CLI = join(packageRoot(), 'dist', 'src', 'cli', 'holdfast.js');
const START_LIMIT_MS = 30_000;
const TURN_MS = 5;
const DESCRIPTION_LIMIT_MS = 2000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, parsed. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any;
}

export interface ServerOptions {
  readonly directory: string;
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Where the secret is not that of the data folder. */
  readonly token?: string;
  /** A command that runs the server: `['strace', '-D', …]`. It has to leave the server the process that it began as. */
  readonly under?: readonly string[];
}

export class ServerProcess {
  readonly directory: string;
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly output: () => string;
  #description: Promise<Description | undefined> | undefined;
  token: string;

  private constructor(directory: string, url: string, child: ChildProcess, exited: ServerProcess['exited'], output: () => string, token?: string) {
    this.directory = directory;
    this.url = url;
    this.#child = child;
    this.#exited = exited;
    this.output = output;
    this.token = token ?? tokenFor(directory, ['inventory:read', 'inventory:write', 'snapshots', 'secrets:read']);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  get exited(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    return this.#exited;
  }

  /** Starts a server and waits until it answers writes. */
  static async start({ directory, flags = [], environment = {}, token, under = [] }: ServerOptions): Promise<ServerProcess> {
    const run = launch(directory, flags, environment, under);
    const url = await urlOf(run);
    const server = new ServerProcess(directory, url, run.child, run.exited, run.output, token);
    const isReady = server.ready().then(() => undefined);
    const ended = await Promise.race([run.exited, isReady.catch(() => run.exited)]);
    if (ended !== undefined) throw new Error(`the server ended (${ended.signal ?? ended.code}) before it was ready:\n${run.output()}`);
    return server;
  }

  async ready(): Promise<void> {
    for (let turn = 0; turn < START_LIMIT_MS / TURN_MS; turn++) {
      const { status } = await this.request('GET', '/health');
      if (status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, TURN_MS));
    }
    throw new Error(`the server was not ready in time:\n${this.output()}`);
  }

  async request(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = { status: response.status, headers: response.headers, text, json: parsed(text) };
    if (!path.startsWith('/health')) (await this.#describedBy())?.knows(method, path, answer);
    return answer;
  }

  /** What the server says of its API: whatever a test asks for, no answer may be one that it does not have. */
  #describedBy(): Promise<Description | undefined> {
    this.#description ??= descriptionOf(this.url, this.token);
    return this.#description;
  }

  /** Waits until the log has it. */
  async said(pattern: RegExp): Promise<void> {
    for (const startedMs = Date.now(); Date.now() - startedMs < START_LIMIT_MS; ) {
      if (pattern.test(this.output())) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`the server did not say ${pattern}:\n${this.output()}`);
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    this.#child.kill(signal);
    return this.#exited;
  }
}

/** By its text: most servers of a test say the same. */
const descriptions = new Map<string, Description>();

/** Undefined where it cannot be had: the server is too busy, or gone, or the token too weak. */
async function descriptionOf(url: string, token: string): Promise<Description | undefined> {
  try {
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`${url}/openapi.json`, { headers, signal: AbortSignal.timeout(DESCRIPTION_LIMIT_MS) });
    if (!response.ok) return undefined;
    const text = await response.text();
    const description = descriptions.get(text) ?? new Description(JSON.parse(text) as OpenApiDocument);
    descriptions.set(text, description);
    return description;
  } catch {
    return undefined;
  }
}

/** Runs `serve` to its end, for starts that fail. */
export async function failingStart(
  directory: string,
  flags: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; output: string }> {
  const run = launch(directory, flags, environment);
  const timer = setTimeout(() => run.child.kill('SIGKILL'), START_LIMIT_MS);
  const { code } = await run.exited;
  clearTimeout(timer);
  return { code, output: run.output() };
}

/** Runs another command of the command line. */
export async function holdfast(
  args: readonly string[],
  options: { input?: string; environment?: Readonly<Record<string, string>>; cwd?: string } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...process.env, NO_COLOR: '1', ...options.environment },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.end(options.input ?? '');
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

/** A temporary folder that goes with the test. */
export function temporaryFolder(context: { after(fn: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A server for one test (or one group): killed and removed when that ends. */
export async function serverFor(context: { after(fn: () => void | Promise<void>): void }, flags: readonly string[] = []): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
  let server: ServerProcess | undefined;
  // One hook for both, because hooks run in the order in which they are made: a server that lives writes on in its folder.
  context.after(async () => {
    await server?.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  server = await ServerProcess.start({ directory: join(folder, 'data'), flags });
  return server;
}

/** A token as any issuer with the secret could make it. */
export function tokenFor(directory: string, scopes: readonly string[] | undefined, claims: Readonly<Record<string, unknown>> = {}): string {
  const secret = Buffer.from(readFileSync(join(directory, 'keys', 'token-secret'), 'utf8').trim());
  return signed(secret, { ...(scopes === undefined ? {} : { scope: scopes.join(' ') }), ...claims });
}

export function signed(
  secret: Uint8Array,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = { alg: 'HS256', typ: 'JWT' },
): string {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const payload = { sub: 'tester@example.org', iss: 'tests', aud: 'holdfast', iat: nowSeconds, exp: nowSeconds + 600, ...claims };
  const head = `${base64url(header)}.${base64url(payload)}`;
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

export interface Launched {
  readonly child: ChildProcess;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly output: () => string;
}

/** Starts `serve` and waits for nothing. */
export function launch(directory: string, flags: readonly string[], environment: Readonly<Record<string, string>>, under: readonly string[] = []): Launched {
  const [command = process.execPath, ...args] = [...under, process.execPath, CLI, 'serve', '--port', '0', '--data-dir', directory, ...flags];
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal })),
  );
  return { child, exited, output: () => output };
}

async function urlOf(run: Launched): Promise<string> {
  let ended = false;
  void run.exited.then(() => {
    ended = true;
  });
  // By turns and not by the clock: where both were stopped for a while, the server has not had that time.
  for (let turn = 0; turn < START_LIMIT_MS / TURN_MS && !ended; turn++) {
    const url = /"url":"(http[^"]+)"/.exec(run.output())?.[1];
    if (url !== undefined) return url;
    await new Promise((resolve) => setTimeout(resolve, TURN_MS));
  }
  // Of one that is killed here nobody may think that it was killed there.
  const isLate = !ended;
  if (isLate) run.child.kill('SIGKILL');
  const { code, signal } = await run.exited;
  throw new Error(`the server did not start (${isLate ? 'in time' : (signal ?? code)}):\n${run.output()}`);
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Not every answer is JSON; `text` has it.
    return undefined;
  }
}

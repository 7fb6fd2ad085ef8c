import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'undici';

/** Debian's Chromium without a window, driven by the DevTools protocol. */

const CHROMIUM = '/usr/bin/chromium';
const START_LIMIT_MS = 20_000;
const ANSWER_LIMIT_MS = 10_000;

type Fields = Readonly<Record<string, unknown>>;

export interface BrowserEvent {
  readonly method: string;
  readonly params: Fields;
}

export function hasBrowser(): boolean {
  return existsSync(CHROMIUM);
}

/** One page of a browser that knows no host but this machine. */
export class BrowserPage {
  /** Everything that the page told: its requests, its console, its errors. */
  readonly events: BrowserEvent[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { settle(result: Fields): void; refuse(error: Error): void }>();
  #session: string | undefined;
  #id = 0;
  #promptText: string | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#take(JSON.parse(String(data)) as Fields));
  }

  /** Closed when the test ends. */
  static async open(context: { after(fn: () => void | Promise<void>): void }): Promise<BrowserPage> {
    const profile = await mkdtemp(join(tmpdir(), 'holdfast-browser-'));
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update'];
    const rules = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1';
    const child = spawn(CHROMIUM, [...flags, rules, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
    context.after(async () => {
      child.kill('SIGKILL');
      await exited;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    });
    const socket = new WebSocket(await addressOf(child));
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', () => reject(new Error('the browser takes no connection')));
    });
    const page = new BrowserPage(socket);
    const { targetId } = await page.#send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await page.#send('Target.attachToTarget', { targetId, flatten: true });
    page.#session = String(sessionId);
    for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await page.#send(`${domain}.enable`, {});
    return page;
  }

  async navigate(url: string): Promise<void> {
    await this.#send('Page.navigate', { url });
  }

  /** Whatever the page asks its reader from now on gets this answer. */
  answerPrompts(text: string): void {
    this.#promptText = text;
  }

  /** What an expression comes to in the page, as JSON. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails).slice(0, 500)}`);
    return (result as Fields)['value'];
  }

  /** Until the expression is true in the page. */
  async until(expression: string, limitMs = 30_000): Promise<void> {
    for (const startedMs = performance.now(); (await this.evaluate(`Boolean(${expression})`)) !== true; ) {
      if (performance.now() - startedMs > limitMs) throw new Error(`never true in the page: ${expression}\n${JSON.stringify(this.complaints())}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Errors in the console, refusals of the content security policy, exceptions. */
  complaints(): readonly string[] {
    return this.events
      .filter(({ method, params }) => {
        if (method === 'Runtime.exceptionThrown') return true;
        if (method === 'Log.entryAdded') return (params['entry'] as Fields)['level'] === 'error';
        return method === 'Runtime.consoleAPICalled' && params['type'] === 'error';
      })
      .map(({ params }) => JSON.stringify(params));
  }

  /** The addresses that were asked for; pictures that stand in their address are not asked for. */
  requests(): readonly string[] {
    const urls = this.events.filter(({ method }) => method === 'Network.requestWillBeSent').map(({ params }) => String((params['request'] as Fields)['url']));
    return urls.filter((url) => !url.startsWith('data:'));
  }

  #send(method: string, params: Fields): Promise<Fields> {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the browser does not answer to ${method}`)), ANSWER_LIMIT_MS);
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(id);
      };
      this.#waiting.set(id, {
        settle(result) {
          end();
          resolve(result);
        },
        refuse(error) {
          end();
          reject(error);
        },
      });
      this.#socket.send(JSON.stringify({ id, method, params, ...(this.#session === undefined ? {} : { sessionId: this.#session }) }));
    });
  }

  #take({ id, result, error, method, params }: Fields): void {
    if (typeof id !== 'number') {
      this.events.push({ method: String(method), params: (params ?? {}) as Fields });
      if (method === 'Page.javascriptDialogOpening') {
        void this.#send('Page.handleJavaScriptDialog', { accept: this.#promptText !== undefined, promptText: this.#promptText ?? '' });
      }
      return;
    }
    if (error === undefined) this.#waiting.get(id)?.settle((result ?? {}) as Fields);
    else this.#waiting.get(id)?.refuse(new Error(JSON.stringify(error)));
  }
}

/** Where the browser listens, which it says when it is ready. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => reject(new Error(`the browser does not start:\n${output}`)), START_LIMIT_MS);
    child.once('close', () => reject(new Error(`the browser ended:\n${output}`)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const address = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
  });
}

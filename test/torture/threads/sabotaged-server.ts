import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../../src/package-root.ts';
import { type Answer, ServerProcess } from '../../support/server-process.ts';
import { Acknowledged, PATH } from '../acknowledged.ts';

/** A real server in which threads do to themselves what they are told, and what its clients were told. */

const LIMIT_MS = 20_000;

export type Sabotaged = 'owner' | 'history' | 'journal';

/** For `environment`: the orders lie beside the data folder. */
function environmentOf(directory: string, heapMib: number): Readonly<Record<string, string>> {
  const saboteur = pathToFileURL(join(packageRoot(), 'dist', 'test', 'torture', 'threads', 'saboteur.js')).href;
  return { NODE_OPTIONS: `--import=${saboteur} --max-old-space-size=${heapMib}`, SABOTAGE: ordersOf(directory) };
}

function ordersOf(directory: string): string {
  return join(dirname(directory), 'orders');
}

export function startSabotaged(directory: string, flags: readonly string[] = []): Promise<ServerProcess> {
  mkdirSync(ordersOf(directory), { recursive: true });
  return ServerProcess.start({ directory, flags, environment: environmentOf(directory, 160) });
}

/** Returns when the thread has begun to do it. */
export async function sabotage(directory: string, thread: Sabotaged, act: string): Promise<void> {
  const order = join(ordersOf(directory), thread);
  rmSync(`${order}.done`, { force: true });
  writeFileSync(`${order}.new`, act);
  renameSync(`${order}.new`, order);
  await until(() => existsSync(`${order}.done`), `the thread ${thread} does: ${act}`);
}

export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const startedMs = performance.now(); !(await isSo()); ) {
    assert.ok(performance.now() - startedMs < LIMIT_MS, what);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Clients that write until they are told to stop, or nobody answers, and what they were told. */
export class Writers extends Acknowledged {
  #isStopped = false;
  readonly #running: Promise<unknown>;
  #number = 0;

  constructor(server: ServerProcess, count: number) {
    super();
    this.#running = Promise.all(Array.from({ length: count }, () => this.#write(server)));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async more(count: number): Promise<void> {
    const enough = this.texts.size + count;
    await until(() => this.texts.size >= enough, 'writes are acknowledged');
  }

  async #write(server: ServerProcess): Promise<void> {
    while (!this.#isStopped) {
      this.#number += 1;
      const body = { hostname: `n${this.#number}`, architecture: 'x86_64' };
      let answer: Answer;
      try {
        answer = await server.request('POST', PATH, body);
      } catch {
        this.unknown += 1;
        return;
      }
      this.add(answer);
      if (answer.status === 201) continue;
      assert.equal(answer.status, 503, answer.text);
      assert.match(answer.json.code, /^(outcome-unknown|recovering|stopping)$/);
      if (answer.json.code !== 'outcome-unknown') await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

import { createHash, type Hash } from 'node:crypto';
import type { Prng } from '../../../bench/prng.ts';
import type { Result } from '../../../src/faults.ts';
import { RESERVATIONS } from '../../../src/protocol/reservations.ts';
import { packMessage } from '../../../src/protocol/wire.ts';
import type { Random } from '../../../src/random.ts';
import type { Files } from '../../../src/store/files.ts';
import { SimulatedDisk } from '../disk/simulated-disk.ts';
import { numbersFor, randomFrom } from '../torture.ts';
import { Clients, checkReservations } from './clients.ts';
import { CommandSource } from './commands.ts';
import { Model } from './model.ts';
import { Mismatch } from './model-state.ts';
import { DIRECTORY, Server, type ServerParts } from './server.ts';
import { CONFIG, KINDS } from './site.ts';
import { Substrate, type Weather } from './substrate.ts';
import { VirtualTime } from './virtual-time.ts';

/**
 * One life of a server, from a seed: some hundred steps of clients, plugins, disks and clocks, with processes that are
 * killed and come back, and a calm at its end in which everything must come to rest. The same seed is the same life.
 */

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Turns of the event loop in which nothing has happened: nothing will before time passes. */
const QUIET_TURNS = 3;
const TURNS_MAX = 100_000;
const RECOVERIES_MAX = 50;

export interface Lived {
  /** Of everything that happened, in order: the same for the same seed. */
  readonly trace: string;
  readonly counts: ReadonlyMap<string, number>;
}

export class Life {
  readonly #counts = new Map<string, number>();
  readonly #trace: Hash = createHash('sha256');
  readonly #numbers: Prng;
  readonly #time = new VirtualTime();
  /** Safe is what is written: the power stays. */
  readonly #disk: Files = new SimulatedDisk().files();
  readonly #random: Random;
  readonly #model = new Model();
  readonly #weather: Weather = { isCalm: false };
  readonly #substrate: Substrate;
  readonly #source: CommandSource;
  readonly #clients: Clients;
  readonly #parts: ServerParts;
  readonly #log: string[] = [];
  #server: Server | undefined;
  #error: unknown;
  #bulks = 0;
  #hasDamage = false;

  private constructor(seed: number) {
    this.#numbers = numbersFor(seed, 'life');
    this.#random = randomFrom(numbersFor(seed, 'random'));
    const count = (name: string, by = 1): void => void this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
    const note = (line: string): void => this.#note(line);
    const failed = (error: unknown): void => {
      this.#error ??= error;
    };
    const recordedUntilMs = (key: string): number | undefined => {
      const until = this.#model.state.get(RESERVATIONS, key)?.fields['until'];
      return until === undefined ? undefined : Date.parse(String(until));
    };
    this.#substrate = new Substrate(this.#time, numbersFor(seed, 'substrate'), this.#weather, note, count, failed, recordedUntilMs);
    this.#source = new CommandSource(numbersFor(seed, 'commands'), this.#model.state, this.#time);
    this.#clients = new Clients(numbersFor(seed, 'clients'), this.#substrate, this.#model, count, note);
    this.#parts = {
      time: this.#time,
      disk: this.#disk,
      random: this.#random,
      numbers: numbersFor(seed, 'faults'),
      kinds: KINDS,
      config: CONFIG,
      journalSync: this.#numbers.next() < 0.8 ? 'always' : 'interval',
      model: this.#model,
      substrate: this.#substrate,
      findsJoins: new Set(this.#numbers.next() < 0.5 ? ['alpha', 'gamma'] : ['beta']),
      note,
      count,
      failed,
    };
  }

  /** @throws Mismatch with what broke its promise, and the last that happened before. */
  static async live(seed: number, steps: number): Promise<Lived> {
    const life = new Life(seed);
    try {
      await life.#start();
      for (let step = 0; step < steps; step++) await life.#step();
      await life.#rest();
    } catch (error) {
      const { message, stack = '' } = error as Error;
      throw new Mismatch(`${message}\n  ${error instanceof Mismatch ? '' : stack}\n  before that:\n    ${life.#log.slice(-12).join('\n    ')}`);
    }
    return { trace: life.#trace.digest('hex'), counts: life.#counts };
  }

  #count(name: string): void {
    this.#parts.count(name);
  }

  #note(line: string): void {
    const timed = `${this.#time.monotonicMs()} ${line}`;
    this.#trace.update(timed);
    this.#log.push(timed.slice(0, 600));
    if (this.#log.length > 200) this.#log.splice(0, 100);
  }

  get #alive(): Server {
    if (this.#server === undefined) throw new Error('a server is there between steps');
    return this.#server;
  }

  async #step(): Promise<void> {
    const dice = this.#numbers.next();
    if (dice < 0.6) await this.#batch();
    else if (dice < 0.65) await this.#bulk();
    else if (dice < 0.7) await this.#read();
    else if (dice < 0.82) this.#clients.act(this.#alive.agent);
    else if (dice < 0.92) await this.#pass(this.#numbers.below(15_000));
    else if (dice < 0.94) await this.#pass(this.#numbers.below(8 * MINUTE_MS));
    else if (dice < 0.96) await this.#snapshot();
    else await this.#trouble();
    await this.#settle();
    await this.#afterwards();
  }

  async #trouble(): Promise<void> {
    const dice = this.#numbers.next();
    const { files } = this.#alive;
    if (dice < 0.2) {
      files.isFull = true;
      this.#note('the disk is full');
      this.#time.after(this.#numbers.below(2 * MINUTE_MS), () => {
        files.isFull = false;
      });
    } else if (dice < 0.45) await this.#crash('killed');
    else if (dice < 0.6) files.dieWithin(1 + this.#numbers.below(6));
    else if (dice < 0.7) {
      files.syncFails = true;
      this.#note('syncs fail');
    } else if (dice < 0.85) this.#alive.loseOwner(this.#numbers.next() < 0.5 ? 'before' : 'after');
    else if (dice < 0.93) this.#jump();
    else await this.#sleepLong();
  }

  #jump(): void {
    const byMs = Math.round((this.#numbers.next() - 0.5) * 2 * this.#numbers.pick([MINUTE_MS, 60 * MINUTE_MS, 3 * DAY_MS]));
    this.#note(`the clock jumps by ${byMs}`);
    this.#count(byMs < 0 ? 'clock jumps back' : 'clock jumps forward');
    this.#clients.clockJumped();
    this.#time.jump(byMs);
  }

  /** The machine is suspended, or the process is stopped: nobody looks at anything meanwhile. */
  async #sleepLong(): Promise<void> {
    const ms = this.#numbers.below(this.#numbers.pick([5 * MINUTE_MS, 40 * MINUTE_MS, 2 * DAY_MS]));
    this.#note(`nothing happens for ${ms} ms`);
    this.#count('long sleeps');
    this.#clients.clockJumped();
    this.#time.jump(ms);
  }

  /** Some commands at once: they share a batch. */
  async #batch(): Promise<void> {
    const { owner } = this.#alive;
    const length = 1 + this.#numbers.below(this.#numbers.next() < 0.1 ? 20 : 6);
    const answers = Array.from({ length }, () => {
      const { kind, input } = this.#source.next();
      return owner.send(kind, input);
    });
    this.#clients.expectAnswers(answers);
  }

  async #bulk(): Promise<void> {
    const { owner } = this.#alive;
    const { kind, options, origin, idempotency } = this.#source.bulk();
    const more = idempotency === undefined ? {} : { idempotency };
    const parts = Array.from({ length: 1 + this.#numbers.below(3) }, () => this.#source.drafts(kind, 1 + this.#numbers.below(6), options));
    this.#bulks += 1;
    const bulkId = `bulk-${this.#bulks}`;
    const fate = this.#numbers.next();
    const done = owner.exclusive(async (lane): Promise<Result<unknown>> => {
      let firstIndex = 0;
      for (const records of parts) {
        const staged = await lane.send('bulk.stage', { kind, bulkId, firstIndex, packedRecords: packMessage(records), options, origin, ...more });
        if (!staged.ok || 'replay' in staged.value) return staged;
        firstIndex += records.length;
      }
      if (fate < 0.1) return lane.send('bulk.abort', { bulkId });
      return lane.send('bulk.commit', { kind, bulkId, options, ...more });
    });
    this.#clients.expectAnswers([done]);
  }

  async #read(): Promise<void> {
    const server = this.#alive;
    const { kind, name } = this.#source.someName();
    this.#clients.expectAnswers([this.#clients.read(server, kind, name, this.#numbers.next()).catch((error: unknown) => this.#parts.failed(error))]);
  }

  async #snapshot(): Promise<void> {
    const { owner } = this.#alive;
    const retention = { newest: 1 + this.#numbers.below(3), hourly: 0, daily: 0, weekly: 0 };
    const taken = this.#clients
      .snapshot(this.#alive, owner, retention, this.#numbers.next() < 0.5, this.#numbers.next())
      .catch((error: unknown) => this.#parts.failed(error));
    this.#clients.expectAnswers([taken]);
  }

  /** Lets time pass, and does what falls into it: plugin calls that end, ticks, whatever waits. */
  async #pass(ms: number): Promise<void> {
    const endMs = this.#time.monotonicMs() + ms;
    const lookMs = ms > 2 * MINUTE_MS ? 5000 : 1000;
    while (this.#time.monotonicMs() < endMs) {
      const lookAt = Math.min(endMs, this.#time.monotonicMs() + lookMs);
      for (;;) {
        const run = this.#time.next(lookAt);
        if (run === undefined) break;
        run();
        await this.#settle();
      }
      this.#server?.agent.look();
      await this.#settle();
      await this.#afterwards();
    }
  }

  /** Until nothing moves without time. */
  async #settle(): Promise<void> {
    for (let quiet = 0, turns = 0, seen = -1; quiet < QUIET_TURNS; quiet++, turns++) {
      if (turns > TURNS_MAX) throw new Mismatch('something goes on and on without time passing');
      await new Promise((resolve) => setImmediate(resolve));
      const server = this.#server;
      const now = (server?.tasks ?? 0) + this.#substrate.calls + this.#clients.answered;
      if (now !== seen || server?.isQuiet === false) quiet = 0;
      seen = now;
      if (server?.files.isDead === true) break;
    }
    if (this.#error !== undefined) throw this.#error;
  }

  /** A process that has died, or has ended by itself, is followed by another one. */
  async #afterwards(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    if (server.files.isDead && server.owner.status !== undefined) await this.#crash('killed in the middle of a call');
    else if (server.fatal !== undefined) await this.#crash(`ended: ${server.fatal}`);
    else if (server.owner.status?.filled === false && this.#numbers.next() < 0.3) {
      await server.fill();
      await this.#compareWhenFilled(server);
    }
  }

  async #crash(how: string): Promise<void> {
    const server = this.#alive;
    this.#note(how);
    this.#count('crashes');
    server.kill();
    this.#substrate.serverDied();
    this.#clients.serverDied();
    const { pending } = server;
    this.#server = undefined;
    if (!this.#hasDamage && this.#numbers.next() < 0.15) this.#damage();
    if (this.#numbers.next() < 0.4) await this.#pass(this.#numbers.below(this.#numbers.next() < 0.8 ? 10_000 : 15 * MINUTE_MS));
    await this.#start(pending);
  }

  /** A snapshot, mostly the newest, loses a byte. Once in a life: nobody promises to survive the loss of two. */
  #damage(): void {
    const folder = `${DIRECTORY}/snapshots`;
    const newestFirst = this.#disk
      .list(folder)
      .filter((name) => name.startsWith('snapshot='))
      .sort((a, b) => Number(b.slice(-12)) - Number(a.slice(-12)) || (a < b ? 1 : -1));
    const snapshot = newestFirst[this.#numbers.next() < 0.8 ? 0 : this.#numbers.below(newestFirst.length)];
    if (snapshot === undefined) return;
    const names = this.#disk.list(`${folder}/${snapshot}`).filter((name) => this.#disk.size(`${folder}/${snapshot}/${name}`) > 0);
    const path = `${folder}/${snapshot}/${names[this.#numbers.below(names.length)]}`;
    const at = this.#numbers.below(this.#disk.size(path));
    const byte = this.#disk.readAll(path)[at] ?? 0;
    const file = this.#disk.openToAppend(path);
    this.#disk.write(file, Uint8Array.of(byte ^ (1 << this.#numbers.below(8))), at);
    this.#disk.close(file);
    this.#hasDamage = true;
    this.#note(`${path} is damaged at ${at}`);
    this.#count('damaged snapshots');
  }

  async #start(pending?: Server['pending']): Promise<void> {
    for (let attempt = 0; this.#server === undefined; attempt++) {
      if (attempt > RECOVERIES_MAX) throw new Mismatch('the server does not come back');
      const dieWithin = attempt === 0 && this.#numbers.next() < 0.15 ? 1 + this.#numbers.below(12) : undefined;
      this.#server = await Server.start(this.#parts, attempt === 0 || this.#server === undefined ? pending : undefined, dieWithin);
      if (this.#server === undefined) this.#count('crashes while recovering');
      else if (dieWithin !== undefined) this.#server.files.dieWithin(Number.POSITIVE_INFINITY);
    }
    const server = this.#alive;
    this.#substrate.serverRecovered();
    this.#clients.serverStarted(server.agent);
    // The key index comes first; half of the servers take commands while the rest is still coming.
    await server.fill();
    if (this.#numbers.next() < 0.5) {
      while (await server.fill());
    }
    await this.#compareWhenFilled(server);
    await this.#settle();
  }

  async #compareWhenFilled(server: Server): Promise<void> {
    if (server.owner.status?.filled !== true || server.isGone) return;
    await server.compare(2);
  }

  /** The weather clears, everything comes to rest, and what is left is what was promised. */
  async #rest(): Promise<void> {
    this.#note('calm');
    this.#weather.isCalm = true;
    const { files } = this.#alive;
    files.isFull = false;
    files.dieWithin(Number.POSITIVE_INFINITY);
    if (files.syncFails) await this.#crash('before the calm');
    await this.#pass(2 * MINUTE_MS);
    while (await this.#alive.fill());
    await this.#pass(12 * MINUTE_MS);
    while (this.#substrate.isBusy) await this.#pass(1000);
    this.#clients.checkAllAnswered();
    await this.#alive.compare(20);
    checkReservations(this.#substrate, this.#model, this.#time, this.#parts.findsJoins, this.#clients);
    // What a start finds is what was there; another one finds the same.
    await this.#crash('at the end');
    while (await this.#alive.fill());
    await this.#alive.compare(20);
  }
}

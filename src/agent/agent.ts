import type { Clock } from '../clock.ts';
import type { OwnerClient } from '../dispatch/owner-client.ts';
import type { RecordView } from '../dispatch/record-view.ts';
import { done, type Fault, fail, messageOf, type Result, StartFailure } from '../faults.ts';
import { newUuid } from '../ids.ts';
import type { Idempotency } from '../protocol/commands.ts';
import type { Properties } from '../protocol/plugin-calls.ts';
import type { BookEntry, ReservationImage } from '../protocol/reservations.ts';
import type { Random } from '../random.ts';
import type { AgentApi, CallAnswer, ScheduleEntry, TakenOver } from './agent-api.ts';
import { AgentCounts } from './agent-counts.ts';
import { Book } from './book.ts';
import { noEndpoint, noReservation } from './call-answers.ts';
import { type CallLog, Calls } from './calls.ts';
import { type Endpoint, type OpenHost, untilOfDeadline } from './endpoint.ts';
import { type AgentConfig, type EndpointConfig, periodMs } from './endpoint-config.ts';
import { EndpointSet } from './endpoint-set.ts';
import type { AgentFigures, EndpointFigures } from './figures.ts';
import { Recorder } from './recorder.ts';
import { askAfterJoin, askAfterJoins, IN_TRANSIT, settleInterrupted } from './recovery.ts';
import { ExpiryWatch, type WarningEar } from './renewal-warnings.ts';
import { Renewals } from './renewals.ts';
import { SteadyClock } from './steady-clock.ts';
import { Turns } from './turns.ts';

/**
 * The reservation half on the main thread: takes operations and ticks, and sees that each reservation has one operation at
 * a time. What it knows it has from the owner; what it decides the owner journals.
 */

export interface AgentParts {
  readonly owner: Pick<OwnerClient, 'send' | 'query'>;
  readonly view: RecordView;
  readonly clock: Clock;
  readonly random: Random;
  readonly openHost: OpenHost;
  readonly sleep?: (ms: number) => Promise<void>;
  /** Hears of renewals that are due, fail, or will not come. */
  readonly ear?: WarningEar;
  /** Where calls and renewals are counted, if anybody wants to know. */
  readonly counts?: AgentCounts;
  readonly log: CallLog;
}

const NOBODY: WarningEar = { isHeard: false, warn: () => undefined };

/** Calls that are under way when the server stops have this long. */
export const CALL_DRAIN_LIMIT_MS = 5000;
const SETTLE_LIMIT_MS = 2000;
/** Closed reservations that go at once. */
const PURGED_AT_ONCE = 500;
/** How often closed reservations are purged, and plugins asked what became of joins that are still unknown. */
const HOUSEKEEPING_MS = 60_000;

export class Agent implements AgentApi {
  readonly #parts: AgentParts;
  readonly #clock: SteadyClock;
  readonly #book: Book;
  readonly #turns = new Turns();
  readonly #recorder: Recorder;
  readonly #calls: Calls;
  readonly #renewals: Renewals;
  readonly #endpoints: EndpointSet;
  readonly #expiry: ExpiryWatch;
  #config: AgentConfig;
  #isStarted = false;
  #isIndexed = false;
  #isLoaded = false;
  #isClosing = false;
  #starting: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;
  #nextTickMs = 0;
  #nextHousekeepingMs = 0;

  constructor(parts: AgentParts, config: AgentConfig) {
    this.#parts = parts;
    this.#config = config;
    const { log, owner, view, random, ear = NOBODY } = parts;
    this.#clock = new SteadyClock(parts.clock, (byMs) => log.warn({ byMs }, "the machine's clock jumped; renewals keep their rhythm"));
    this.#book = new Book(view);
    this.#expiry = new ExpiryWatch(this.#book, ear, (name) => this.#endpoints.get(name)?.config.schedulePeriod.length === 0);
    this.#endpoints = new EndpointSet(parts.openHost, this.#book, log);
    const shared = {
      book: this.#book,
      turns: this.#turns,
      clock: this.#clock,
      tickMs: () => periodMs(this.#config.tick),
      endpoint: (name: string) => this.#endpoints.get(name),
      log,
    };
    this.#recorder = new Recorder(owner, this.#book, this.#turns, log, parts.sleep ?? sleep);
    this.#calls = new Calls({
      ...shared,
      owner,
      recorder: this.#recorder,
      random,
      isClosing: () => this.#isClosing,
      fellDue: () => this.#renewals.tick(),
      joinLost: (key) => this.#behind('asking after a join', askAfterJoin(this.#recoveryParts, key)),
    });
    this.#renewals = new Renewals({
      ...shared,
      calls: this.#calls,
      recorder: this.#recorder,
      random: () => fraction(random),
      ear,
      counts: parts.counts ?? new AgentCounts(),
    });
  }

  /** Starts all plugins; until then every operation is answered with `recovering`. @throws StartFailure that names every endpoint whose plugin does not start. */
  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    const faults = await this.#endpoints.replace(this.#config.endpoints);
    if (faults.length > 0) throw new StartFailure(faults.join('\n'));
    this.#isStarted = true;
    if (this.#isIndexed) this.#load();
  }

  /** The owner has all reservations: after its start, and after each recovery of its thread. */
  load(): void {
    this.#isIndexed = true;
    if (this.#isStarted) this.#load();
  }

  #load(): void {
    if (this.#isClosing) return;
    this.#book.load();
    this.#isLoaded = true;
    for (const name of this.#book.endpoints) {
      const reservations = this.#book.openCount(name);
      if (reservations > 0 && this.#endpoints.get(name) === undefined) {
        this.#parts.log.error(
          { endpoint: name, reservations },
          `${reservations} reservations belong to the endpoint ${name}, which is not configured: nothing renews them`,
        );
      }
    }
    this.#behind('settling interrupted operations', settleInterrupted(this.#recoveryParts));
    this.#renewals.tick(true);
    this.#nextTickMs = this.#clock.nowMs() + periodMs(this.#config.tick);
  }

  /** Operations are taken. */
  get isReady(): boolean {
    return this.#isLoaded && !this.#isClosing;
  }

  /** The owner's thread is gone, and comes back. */
  unload(): void {
    this.#isIndexed = false;
    this.#isLoaded = false;
  }

  /** Called about once a second: does what is due, and never throws, because nothing else would call it again. */
  look(): void {
    if (!this.#isLoaded || this.#isClosing) return;
    try {
      const nowMs = this.#clock.nowMs();
      const tickMs = periodMs(this.#config.tick);
      if (nowMs >= this.#nextTickMs) {
        this.#renewals.tick();
        // Ticks that were missed are one tick.
        this.#nextTickMs += tickMs * Math.max(1, Math.ceil((nowMs + 1 - this.#nextTickMs) / tickMs));
      } else {
        this.#renewals.pump();
      }
      if (nowMs >= this.#nextHousekeepingMs) {
        this.#nextHousekeepingMs = nowMs + HOUSEKEEPING_MS;
        this.#expiry.look(nowMs, tickMs);
        this.#behind('purging closed reservations', this.#purge(nowMs - this.#config.closedRetentionMs));
        this.#behind('asking after unknown joins', askAfterJoins(this.#recoveryParts));
        if (this.#book.hasAny(IN_TRANSIT)) this.#behind('settling interrupted operations', settleInterrupted(this.#recoveryParts, false));
      }
    } catch (error) {
      this.#parts.log.error({ reason: messageOf(error) }, 'a tick met a defect; the next one comes');
    }
  }

  /** Takes a changed configuration: calls under way are left alone. @returns what could not be taken, and stayed as it was. */
  async reload(config: AgentConfig): Promise<readonly string[]> {
    const faults = await this.#endpoints.replace(config.endpoints);
    const before = periodMs(this.#config.tick);
    this.#config = config;
    if (periodMs(config.tick) !== before) this.#nextTickMs = Math.min(this.#nextTickMs, this.#clock.nowMs() + periodMs(config.tick));
    // What was interrupted at an endpoint that was not configured when the server started.
    if (this.#isLoaded) this.#behind('settling interrupted operations', settleInterrupted(this.#recoveryParts));
    return faults;
  }

  /** Lets calls under way end, cuts off those that do not, and journals what they leave. May be called again. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#isClosing = true;
    // Plugins that are being started end as the others do.
    await this.#starting.catch(() => undefined);
    await Promise.all([this.#endpoints.close(CALL_DRAIN_LIMIT_MS), this.#renewals.stop()]);
    // What the calls came to goes into the journal; only a disk that takes nothing keeps it from there.
    await Promise.race([this.#turns.idle(), (this.#parts.sleep ?? sleep)(SETTLE_LIMIT_MS)]);
    this.#recorder.close();
  }

  join(endpoint: string, properties: Properties, caller: string, idempotency?: Idempotency): Promise<Result<CallAnswer>> {
    return this.#unlessAway(() => this.#calls.join(endpoint, properties, caller, idempotency));
  }

  leave(endpoint: string, id: string, properties: Properties, caller: string): Promise<Result<CallAnswer>> {
    return this.#unlessAway(() => this.#calls.leave(endpoint, id, properties, caller));
  }

  modify(endpoint: string, id: string, properties: Properties, caller: string): Promise<Result<CallAnswer>> {
    return this.#unlessAway(() => this.#calls.modify(endpoint, id, properties, caller));
  }

  status(endpoint: string, id: string): Promise<Result<CallAnswer>> {
    return this.#unlessAway(() => this.#calls.status(endpoint, id));
  }

  renew(name: string, id: string, caller: string): Promise<Result<CallAnswer>> {
    return this.#unlessAway(async () => {
      const endpoint = this.#endpoints.get(name);
      return endpoint === undefined ? noEndpoint(name) : this.#renewals.renewNow(endpoint, name, id, caller);
    });
  }

  release(endpoint: string, id: string, reason: string, caller: string): Promise<Result<ReservationImage>> {
    return this.#unlessAway(async () => {
      const found = this.#book.held(endpoint, id);
      if (found === undefined) return noReservation(endpoint, id);
      const turn = await this.#turns.take(found.key);
      if (!turn.ok) return turn;
      const stepped = await this.#recorder.intend({ key: found.key, step: 'release', caller, reason: `released by ${caller}: ${reason}` });
      turn.value.end();
      if (!stepped.ok) return stepped;
      this.#parts.log.warn(
        { endpoint, reservation: id, operationId: found.key, caller, why: reason },
        'a reservation was released without asking its substrate',
      );
      const image = this.#book.image(found.key);
      return image === undefined ? noReservation(endpoint, id) : done(image);
    });
  }

  async takeOver(entries: readonly TakenOver[], caller: string): Promise<readonly Result<{ readonly operationId: string }>[]> {
    return Promise.all(entries.map((entry) => this.#unlessAway(() => this.#takeOver(entry, caller))));
  }

  get endpoints(): readonly EndpointConfig[] {
    return this.#endpoints.configured;
  }

  endpoint(name: string): EndpointConfig | undefined {
    return this.#endpoints.get(name)?.config;
  }

  /** For metrics. What is not loaded yet is not there. */
  get figures(): AgentFigures {
    const names = new Set([...this.#endpoints.configured.map(({ name }) => name), ...this.#book.endpoints]);
    return { endpoints: [...names].map((name) => this.#figuresOf(name)), unwritten: this.#recorder.unwrittenCount };
  }

  #figuresOf(name: string): EndpointFigures {
    const endpoint = this.#endpoints.get(name);
    return {
      name,
      isConfigured: endpoint?.isRetired === false,
      reservations: this.#book.countsOf(name),
      renewals: this.#renewals.figuresOf(name),
      plugin: endpoint === undefined ? undefined : { ...endpoint.host.state, queueLengthMax: endpoint.config.queueLengthMax, threads: endpoint.config.threads },
    };
  }

  schedule(endpoint?: string, id?: string): Result<Iterable<ScheduleEntry>> {
    if (!this.#isLoaded) return AWAY;
    if (id === undefined) return done(this.#entries(this.#book.scheduled(endpoint)));
    const entry = endpoint === undefined ? undefined : this.#book.held(endpoint, id);
    return done(this.#entries(entry === undefined ? [] : [entry]));
  }

  expired(): Result<Iterable<ScheduleEntry>> {
    if (!this.#isLoaded) return AWAY;
    const nowMs = this.#clock.nowMs();
    return done(this.#entries(this.#book.scheduled().filter(({ renewDeadlineMs }) => (renewDeadlineMs ?? 0) <= nowMs)));
  }

  find(endpoint: string, id: string): Result<ReservationImage> {
    if (!this.#isLoaded) return AWAY;
    const entry = this.#book.held(endpoint, id) ?? this.#book.former(endpoint, id);
    const image = entry === undefined ? undefined : this.#book.image(entry.key);
    return image === undefined ? noReservation(endpoint, id) : done(image);
  }

  *#entries(entries: readonly BookEntry[]): Iterable<ScheduleEntry> {
    for (const { key, endpoint, reservationId, renewDeadlineMs } of entries) {
      const image = this.#book.image(key);
      if (image === undefined || reservationId === undefined || renewDeadlineMs === undefined) continue;
      yield { endpoint, reservationId, renewDeadlineMs, joinProperties: image.join_properties ?? {}, schedProperties: image.sched_properties ?? {} };
    }
  }

  async #takeOver(
    { endpoint: name, reservationId, renewDeadlineMs, joinProperties, schedProperties }: TakenOver,
    caller: string,
  ): Promise<Result<{ operationId: string }>> {
    const endpoint = this.#endpoints.get(name);
    if (endpoint === undefined || endpoint.isRetired) return noEndpoint(name);
    const key = newUuid(this.#parts.clock, this.#parts.random);
    const untilMs = untilOfDeadline(endpoint.config, periodMs(this.#config.tick), renewDeadlineMs);
    // With period 0 nothing is ever renewed, whoever made it.
    const isRenewed = endpoint.config.schedulePeriod.length > 0;
    const step = {
      key,
      step: 'take-over',
      caller,
      endpoint: name,
      reservationId,
      joinProperties,
      properties: schedProperties,
      untilMs,
      renewDeadlineMs: isRenewed ? renewDeadlineMs : null,
    } as const;
    const stepped = await this.#recorder.intend(step);
    if (stepped.ok) return done({ operationId: key });
    if (stepped.fault.code === 'reservation-id-taken') return fail('conflict', `the reservation ${reservationId} of endpoint ${name} is held here already`);
    return stepped;
  }

  async #purge(beforeMs: number): Promise<void> {
    for (let keys = this.#book.closedBefore(beforeMs, PURGED_AT_ONCE); keys.length > 0; keys = this.#book.closedBefore(beforeMs, PURGED_AT_ONCE)) {
      const purged = await Promise.all(keys.map((key) => this.#recorder.intend({ key, step: 'purge' })));
      if (this.#isClosing || !purged.every(({ ok }) => ok)) return;
    }
  }

  #unlessAway<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
    if (this.#isClosing) return Promise.resolve(fail('stopping', 'the server is stopping'));
    return this.#isLoaded ? work() : Promise.resolve(AWAY);
  }

  get #recoveryParts(): Parameters<typeof settleInterrupted>[0] {
    return {
      book: this.#book,
      turns: this.#turns,
      calls: this.#calls,
      recorder: this.#recorder,
      renewals: this.#renewals,
      clock: this.#clock,
      random: this.#parts.random,
      endpoint: (name: string): Endpoint | undefined => this.#endpoints.get(name),
      log: this.#parts.log,
    };
  }

  #behind(what: string, work: Promise<void>): void {
    work.catch((error: unknown) => this.#parts.log.error({ reason: error instanceof Error ? error.stack : messageOf(error) }, `${what} met a defect`));
  }
}

const AWAY: { ok: false; fault: Fault } = fail('recovering', 'the reservations are being recovered; they come back in a moment');

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function fraction(random: Random): number {
  const [high = 0, low = 0] = random.bytes(2);
  return (high * 256 + low) / 65_536;
}

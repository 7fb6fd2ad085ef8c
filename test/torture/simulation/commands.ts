import type { Prng } from '../../../bench/prng.ts';
import type { BulkOptions, Command, Commands, Draft, Idempotency, Origin, PatchDocument } from '../../../src/protocol/commands.ts';
import { RESERVATIONS, type ReservationStep, type StepName } from '../../../src/protocol/reservations.ts';
import { SECRET_NAME } from './model-reservations.ts';
import { type Fields, type ModelState, timeText } from './model-state.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Commands of every sort from a world so small that they keep meeting: the same few places, addresses and names. */

export const INVENTORY = ['ComputeNode', 'BMC', 'NodeCollection', 'Component'] as const;
type InventoryKind = (typeof INVENTORY)[number];

/** Reservations whose steps come without an agent, in any order. */
export const DIRECT_ENDPOINT = 'direct';

const STEPS: readonly StepName[] = [
  'join.begin',
  'join.done',
  'join.failed',
  'join.lost',
  'join.orphaned',
  'renew.begin',
  'renew.done',
  'renew.retry',
  'renew.failed',
  'modify.begin',
  'modify.done',
  'modify.failed',
  'modify.lost',
  'leave.begin',
  'leave.done',
  'leave.failed',
  'leave.lost',
  'take-over',
  'release',
  'purge',
];

interface UsedKey {
  readonly key: string;
  readonly requestHash: string;
  readonly command: Command;
  readonly usedMs: number;
}

const DAY_MS = 24 * 3_600_000;
const ANSWERS_LAST_MS = DAY_MS;
const USED_KEYS_MAX = 20;

export class CommandSource {
  readonly #numbers: Prng;
  readonly #state: ModelState;
  readonly #time: VirtualTime;
  #used: UsedKey[] = [];
  #names = 0;

  constructor(numbers: Prng, state: ModelState, time: VirtualTime) {
    this.#numbers = numbers;
    this.#state = state;
    this.#time = time;
  }

  /** What can share a batch with others. */
  next(): Command {
    const dice = this.#numbers.next();
    if (dice < 0.12) return this.#reservationStep();
    if (dice < 0.17) return this.#again() ?? this.#inventory();
    if (dice < 0.2) return this.#partial();
    return this.#inventory();
  }

  #inventory(): Command {
    const kind = this.#kind();
    const name = this.#name(kind);
    const dice = this.#numbers.next();
    if (dice < 0.38 || this.#state.of(kind).size === 0) return this.#create(kind);
    if (dice < 0.58) return this.#replace(kind, name);
    if (dice < 0.86)
      return { kind: 'record.patch', input: { kind, name, patch: this.#patch(kind, name), origin: this.#origin(), ...this.#ifMatch(kind, name) } };
    return { kind: 'record.delete', input: { kind, name, force: this.#chance(0.4), ...this.#ifMatch(kind, name) } };
  }

  #create(kind: InventoryKind): Command {
    const asArray = this.#chance(0.15);
    const records = Array.from({ length: asArray ? 1 + this.#numbers.below(4) : 1 }, () => this.#draft(kind));
    return this.#withKey({ kind: 'record.create', input: { kind, records, asArray, origin: this.#origin() } });
  }

  #replace(kind: InventoryKind, name: string): Command {
    const record = this.#chance(0.5) ? this.#asRead(kind, name) : this.#draft(kind);
    return this.#withKey({
      kind: 'record.replace',
      input: { kind, name, record, origin: this.#origin(), upsert: this.#chance(0.5), ...this.#ifMatch(kind, name) },
    });
  }

  #partial(): Command {
    const kind = this.#kind();
    const options: BulkOptions = { upsert: this.#chance(0.6), dryRun: this.#chance(0.2) };
    return { kind: 'bulk.partial', input: { kind, records: this.drafts(kind, 1 + this.#numbers.below(6), options), options, origin: this.#origin() } };
  }

  /** Items of an import. */
  drafts(kind: InventoryKind, count: number, { upsert }: BulkOptions): readonly Draft[] {
    return Array.from({ length: count }, () => {
      const draft = this.#draft(kind);
      if (!upsert || !this.#chance(0.3)) return draft;
      const key = kind === 'Component' ? 'UID' : 'id';
      const keys = [...this.#state.of(kind).keys()];
      return { ...draft, [key]: this.#chance(0.6) && keys.length > 0 ? this.#cased(this.#of(keys)) : this.#uuid() };
    });
  }

  bulk(): { readonly kind: InventoryKind; readonly options: BulkOptions; readonly origin: Origin; readonly idempotency?: Idempotency } {
    const options = { upsert: this.#chance(0.6), dryRun: this.#chance(0.15) };
    const idempotency = this.#chance(0.2) ? { idempotency: { key: `bulk-${this.#newName()}`, requestHash: 'bulk' } } : {};
    return { kind: this.#kind(), options, origin: this.#origin(), ...idempotency };
  }

  /** A name by which a reader may ask, of a record that may be there. */
  someName(): { readonly kind: InventoryKind; readonly name: string } {
    const kind = this.#kind();
    return { kind, name: this.#name(kind) };
  }

  #kind(): InventoryKind {
    const dice = this.#numbers.next();
    return dice < 0.45 ? 'ComputeNode' : dice < 0.7 ? 'BMC' : dice < 0.9 ? 'NodeCollection' : 'Component';
  }

  /** Its key, or a natural key in any spelling, or a name that nobody has. */
  #name(kind: InventoryKind): string {
    const records = [...this.#state.of(kind)];
    const dice = this.#numbers.next();
    if (records.length === 0 || dice < 0.1) return this.#chance(0.3) ? this.#uuid() : this.#natural(kind);
    const [key, { fields }] = this.#of(records);
    if (dice < 0.55) return this.#cased(key);
    const names = naturalOf(kind).flatMap((property) => (fields[property] === undefined ? [] : [fields[property] as string]));
    return names.length === 0 ? key : this.#spelled(this.#of(names));
  }

  #natural(kind: InventoryKind): string {
    switch (kind) {
      case 'ComputeNode':
        return this.#chance(0.7) ? this.#nodeXname() : this.#mac();
      case 'BMC':
        return this.#chance(0.6) ? this.#bmcXname() : this.#mac();
      case 'NodeCollection':
        return this.#collectionName();
      case 'Component':
        return this.#bmcXname();
    }
  }

  #draft(kind: InventoryKind): Draft {
    switch (kind) {
      case 'ComputeNode':
        return this.#nodeDraft();
      case 'BMC':
        return {
          username: this.#of(['root', 'admin']),
          mac_address: this.#mac(),
          ...this.#maybe(0.8, () => ({ password: this.#password() })),
          ...this.#maybe(0.5, () => ({ xname: this.#bmcXname() })),
          ...this.#maybe(0.2, () => ({ location_string: this.#chance(0.6) ? this.#bmcXname() : 'row 3' })),
          ...this.#maybe(0.3, () => ({ description: `b${this.#numbers.below(3)}` })),
        };
      case 'NodeCollection':
        return {
          name: this.#collectionName(),
          type: this.#of(['ad-hoc', 'job', 'tenant', 'partition', 'partition']),
          nodes: Array.from({ length: this.#numbers.below(4) }, () => this.#nodeXname()),
          ...this.#maybe(0.3, () => ({ description: `c${this.#numbers.below(3)}` })),
        };
      case 'Component':
        return {
          ID: this.#bmcXname(),
          Type: this.#of(['Node', 'NodeBMC', 'Cabinet']),
          ...this.#maybe(0.5, () => ({ NID: this.#numbers.below(1000) })),
          ...this.#maybe(0.5, () => ({ Enabled: this.#chance(0.5) })),
        };
    }
  }

  #nodeDraft(): Draft {
    return {
      hostname: `nid${this.#numbers.below(9)}`,
      architecture: this.#of(['x86_64', 'aarch64']),
      ...this.#maybe(0.8, () => ({ xname: this.#nodeXname() })),
      ...this.#maybe(0.4, () => ({ boot_mac: this.#mac() })),
      ...this.#maybe(0.15, () => ({ location_string: this.#chance(0.7) ? this.#nodeXname() : 'row 3' })),
      ...this.#maybe(0.3, () => ({ bmc: this.#givenBmc() })),
      ...this.#maybe(0.3, () => ({ spec: { bmc_username: 'operator', ...this.#maybe(0.6, () => ({ bmc_password: this.#password() })) } })),
      ...this.#maybe(0.1, () => ({ spec: {} })),
    };
  }

  /** A BMC as a node's client names it. */
  #givenBmc(): Fields {
    const keys = [...this.#state.of('BMC').keys()];
    const dice = this.#numbers.next();
    if (dice < 0.2 && keys.length > 0) return { id: this.#cased(this.#of(keys)), ...this.#maybe(0.4, () => ({ username: 'changed' })) };
    if (dice < 0.25) return { id: this.#uuid() };
    if (dice < 0.5) return { xname: this.#bmcXname(), ...this.#maybe(0.3, () => ({ password: this.#password() })) };
    return {
      mac_address: this.#mac(),
      ...this.#maybe(0.7, () => ({ username: 'root', password: this.#password() })),
      ...this.#maybe(0.4, () => ({ xname: this.#bmcXname() })),
    };
  }

  /** What a client read, changed a little and sends back. */
  #asRead(kind: InventoryKind, name: string): Draft {
    const records = [...this.#state.of(kind).values()];
    const found = records.find(({ fields }) => Object.values(fields).includes(name)) ?? (records.length > 0 ? this.#of(records) : undefined);
    if (found === undefined) return this.#draft(kind);
    const {
      id: _id,
      UID: _uid,
      created_at: _created,
      updated_at: _updated,
      revision: _revision,
      password_set: _set,
      creator_subject: _creator,
      ...read
    } = structuredClone(found.fields) as Fields;
    const changes = this.#draft(kind);
    const property = this.#of(Object.keys(changes));
    return { ...read, [property]: changes[property] };
  }

  #patch(kind: InventoryKind, name: string): PatchDocument {
    if (this.#chance(0.35)) return { type: 'json', document: this.#operations(kind) };
    const draft = this.#chance(0.7) ? this.#draft(kind) : this.#asRead(kind, name);
    const document: Fields = {};
    for (const property of Object.keys(draft)) {
      if (this.#chance(0.35)) document[property] = this.#chance(0.15) ? null : draft[property];
    }
    if (this.#chance(0.05)) document[this.#of(['hostname', 'username', 'name', 'surprise'])] = this.#of([5, '', {}]);
    if (kind === 'BMC' && this.#chance(0.1)) document['password'] = this.#chance(0.5) ? null : this.#password();
    if (kind === 'ComputeNode' && this.#chance(0.1)) document['spec'] = { bmc_password: this.#chance(0.5) ? null : this.#password() };
    return { type: 'merge', document };
  }

  #operations(kind: InventoryKind): readonly object[] {
    const draft = this.#draft(kind);
    return Array.from({ length: 1 + this.#numbers.below(3) }, () => {
      const property = this.#of(Object.keys(draft).filter((each) => each !== 'password' && each !== 'spec' && each !== 'bmc'));
      const op = this.#of(['add', 'replace', 'remove', 'test']);
      return op === 'remove' ? { op, path: `/${property}` } : { op, path: `/${property}`, value: draft[property] };
    });
  }

  /** Of this record's revisions the one it has, or one that it had, or none. */
  #ifMatch(kind: InventoryKind, name: string): { readonly ifMatch?: readonly number[] | '*' } {
    if (!this.#chance(0.3)) return {};
    if (this.#chance(0.15)) return { ifMatch: '*' };
    const record = this.#state.get(kind, name) ?? [...this.#state.of(kind).values()].find(({ fields }) => Object.values(fields).includes(name));
    const revision = record?.revision ?? 1;
    return { ifMatch: this.#chance(0.7) ? [3, revision] : [Math.max(0, revision - 1 - this.#numbers.below(9))] };
  }

  #withKey<C extends Command>(command: C): C {
    if (!this.#chance(0.2)) return command;
    const idempotency: Idempotency = { key: `key-${this.#newName()}`, requestHash: `hash-${this.#names}` };
    const input = { ...command.input, idempotency };
    const keyed = { ...command, input } as C;
    this.#used.push({ ...idempotency, command: structuredClone(keyed) as Command, usedMs: this.#time.nowMs() });
    if (this.#used.length > USED_KEYS_MAX) this.#used.shift();
    return keyed;
  }

  /** A request that was made before: the same, or another one under its key. */
  #again(): Command | undefined {
    // When the clock was set back an answer may have been let go that would not have expired yet: both would be right.
    const { maxWallMs } = this.#time;
    const usable = this.#used.filter(({ usedMs }) => maxWallMs < usedMs + ANSWERS_LAST_MS || this.#time.nowMs() >= usedMs + ANSWERS_LAST_MS);
    if (usable.length === 0) return undefined;
    const used = this.#of(usable);
    const command = structuredClone(used.command) as Command;
    if (this.#chance(0.7)) return command;
    return { ...command, input: { ...command.input, idempotency: { key: used.key, requestHash: 'another' } } } as Command;
  }

  /** Any step of any reservation without an agent, mostly one that its state allows. */
  #reservationStep(): Command {
    const records = [...this.#state.of(RESERVATIONS)].filter(([, { fields }]) => fields['endpoint'] === DIRECT_ENDPOINT);
    const isNew = records.length === 0 || (records.length < 12 && this.#chance(0.25));
    if (isNew) return this.#newReservation();
    const [key, { fields }] = this.#of(records);
    const last = (fields['calls'] as readonly { readonly operation: string; readonly operation_id: string; readonly outcome?: string }[] | undefined)?.at(-1);
    const isOpen = last !== undefined && last.outcome === undefined;
    const step =
      isOpen && this.#chance(0.7) ? this.#of(STEPS.filter((each) => each.startsWith(`${last.operation}.`) && !each.endsWith('.begin'))) : this.#of(STEPS);
    const operationId = step.endsWith('.begin') || !this.#chance(0.9) ? this.#uuid() : (last?.operation_id ?? key);
    const input: ReservationStep = {
      key,
      step,
      operationId,
      endpoint: DIRECT_ENDPOINT,
      durationMs: this.#numbers.below(1000),
      ...(step === 'join.done' || step === 'join.orphaned' ? { reservationId: `d${this.#numbers.below(6)}` } : {}),
      ...this.#maybe(0.5, () => ({ untilMs: this.#time.nowMs() + this.#numbers.below(600_000) })),
      ...this.#maybe(0.5, () => ({ renewDeadlineMs: this.#chance(0.2) ? null : this.#time.nowMs() + this.#numbers.below(500_000) })),
      ...this.#maybe(0.4, () => ({ properties: { seen: String(this.#numbers.below(5)), ...this.#maybe(0.3, () => ({ [SECRET_NAME]: this.#password() })) } })),
      ...this.#maybe(0.5, () => ({ error: `trouble ${this.#numbers.below(3)}` })),
      ...this.#maybe(0.3, () => ({ caller: 'somebody' })),
      ...this.#maybe(0.3, () => ({ reason: `reason at ${timeText(this.#time.nowMs())}` })),
    };
    return { kind: 'reservation.step', input };
  }

  #newReservation(): Command {
    const key = this.#uuid();
    const shared = {
      key,
      operationId: key,
      endpoint: DIRECT_ENDPOINT,
      untilMs: this.#time.nowMs() + 300_000,
      joinProperties: { color: 'red', ...this.#maybe(0.4, () => ({ [SECRET_NAME]: this.#password() })) },
    };
    if (this.#chance(0.15)) return { kind: 'reservation.step', input: { ...shared, step: 'take-over', reservationId: `d${this.#numbers.below(6)}` } };
    const idempotency = this.#maybe(0.3, () => ({ idempotency: { key: `j${this.#numbers.below(5)}`, requestHash: this.#of(['a', 'a', 'b']) } }));
    return { kind: 'reservation.step', input: { ...shared, step: 'join.begin', ...idempotency } };
  }

  #newName(): number {
    this.#names += 1;
    return this.#names;
  }

  #origin(): Origin {
    return this.#chance(0.5) ? { subject: this.#of(['ada', 'grace']) } : {};
  }

  #nodeXname(): string {
    return this.#spelled(`x1000c0s${this.#numbers.below(4)}b${this.#numbers.below(2)}n${this.#numbers.below(2)}`);
  }

  #bmcXname(): string {
    return this.#spelled(`x1000c0s${this.#numbers.below(4)}b${this.#numbers.below(2)}`);
  }

  #mac(): string {
    return this.#spelled(`00:00:5e:00:53:a${this.#numbers.below(8)}`);
  }

  #collectionName(): string {
    return `set ${this.#numbers.below(7)}`;
  }

  #password(): string {
    return `secret ${this.#numbers.below(50)}`;
  }

  #uuid(): string {
    const digits = Array.from({ length: 8 }, () => this.#numbers.below(65_536).toString(16).padStart(4, '0')).join('');
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-7${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
  }

  /** The same name in another spelling that means the same. */
  #spelled(text: string): string {
    if (this.#chance(0.75)) return text;
    if (/^([0-9a-f]{2}:){5}/i.test(text)) return this.#chance(0.5) ? text.toUpperCase() : text.replaceAll(':', '-');
    return /^x\d/.test(text) ? text.replace(/s(\d)b/, 's0$1b') : text;
  }

  #cased(key: string): string {
    return this.#chance(0.8) ? key : key.toUpperCase();
  }

  #maybe<T extends object>(share: number, make: () => T): T | Record<string, never> {
    return this.#chance(share) ? make() : {};
  }

  #chance(share: number): boolean {
    return this.#numbers.next() < share;
  }

  #of<T>(values: readonly T[]): T {
    return values[this.#numbers.below(values.length)] as T;
  }
}

function naturalOf(kind: InventoryKind): readonly string[] {
  return { ComputeNode: ['xname', 'boot_mac'], BMC: ['xname', 'mac_address'], NodeCollection: ['name'], Component: ['ID'] }[kind];
}

export type StageInput = Commands['bulk.stage']['in'];

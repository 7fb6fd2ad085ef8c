import { randomUUID } from 'node:crypto';
import { canonical } from '../../schemas/canonical.ts';
import { type Kind, NORMAL_FORMS } from '../../schemas/kind.ts';
import { type PartedDrafts, partingOf, settledOf } from '../../schemas/parted.ts';
import type { Kinds } from '../../schemas/registry.ts';
import { done, fail, type Result } from '../../src/faults.ts';
import type { BulkItem, Command, Condition, Draft, Find, Found, OwnerReply, OwnerTask, Query, Stored } from '../../src/protocol/commands.ts';
import { PHASE, type Viewer } from '../../src/protocol/shared-memory.ts';
import { packMessage, unpackMessage } from '../../src/protocol/wire.ts';
import { KeyIndex } from '../../src/store/key-index.ts';
import { RecordLog } from '../../src/store/record-log.ts';
import { SharedMemory } from '../../src/store/shared-memory.ts';

/**
 * An owner in memory, with just enough of the rules to answer as the real one does: no journal, no fan-out.
 */
export class FakeOwner {
  readonly #kinds: Kinds;
  readonly #records = new Map<string, Map<string, { record: Draft; revision: number; location: number }>>();
  readonly #names = new Map<string, string>();
  readonly #memory = new SharedMemory();
  readonly #log = new RecordLog(this.#memory);
  readonly #index: KeyIndex;
  readonly #idempotent = new Map<string, { hash: string; status: number; body: Uint8Array; revision: number; key: string }>();
  #sequence = 0;
  #staged: { kind: string; records: Draft[]; upsert: boolean } | undefined;
  indexed = true;
  filled = true;
  /** Every command as it came, by kind. */
  readonly commands: Command[] = [];
  readonly queries: Query[] = [];
  /** Awaited before each task is worked on. */
  gate: Promise<void> = Promise.resolve();

  constructor(kinds: Kinds) {
    this.#kinds = kinds;
    this.#index = new KeyIndex(kinds.all, [], this.#memory, this.#log);
  }

  show(viewer: Viewer): void {
    this.#memory.show(viewer);
  }

  readonly transport = async (task: OwnerTask): Promise<OwnerReply> => {
    await this.gate;
    if (task.lane === 'read') {
      this.queries.push(task.query);
      return this.#reply({ result: this.#query(task.query) });
    }
    const commands = unpackMessage(task.commands) as readonly Command[];
    this.commands.push(...commands);
    return this.#reply({ answers: packMessage(commands.map((command) => this.#command(command))) });
  };

  #reply(answer: { result?: Result<unknown>; answers?: Uint8Array }): OwnerReply {
    const status = {
      sequence: this.#sequence,
      durableSequence: 0,
      epoch: 1,
      storeId: '',
      unappliedChanges: 0,
      appliedSequence: 0,
      journal: { frames: 0, bytes: 0, refusals: 0, syncs: [], syncSeconds: 0 },
      journalBytesSinceSnapshot: 0,
      recordLogLiveBytes: 0,
      recordLogGarbageBytes: 0,
      records: {},
      indexed: this.indexed,
      filled: this.filled,
    };
    this.#memory.control.phase = this.filled ? PHASE.filled : this.indexed ? PHASE.indexed : PHASE.begun;
    return { ...answer, changes: [], releasedSlabs: [], log: [], status };
  }

  #command(command: Command): Result<unknown> {
    switch (command.kind) {
      case 'record.create': {
        const { input } = command;
        const known = input.idempotency === undefined ? undefined : this.#idempotent.get(input.idempotency.key);
        if (known !== undefined && input.idempotency !== undefined) {
          if (known.hash !== input.idempotency.requestHash) return fail('idempotency-mismatch', 'another request had this key');
          return done({ replay: known });
        }
        const kind = this.#kind(input.kind);
        const taken = input.records.map((record) => this.#taken(kind, record)).find((name) => name !== undefined);
        if (taken !== undefined) return fail('conflict', `"${taken}" is taken`);
        const stored = input.records.map((record) => this.#put(kind, undefined, { ...record, ...subjectOf(input.origin) }));
        const [first] = stored;
        if (input.idempotency !== undefined && first !== undefined) {
          const body = this.#image(kind, first.key);
          this.#idempotent.set(input.idempotency.key, { hash: input.idempotency.requestHash, status: 201, body, revision: first.revision, key: first.key });
        }
        return done({ stored });
      }
      case 'record.replace': {
        const kind = this.#kind(command.input.kind);
        const key = this.#resolve(kind, command.input.name);
        if (key === undefined) {
          if (!command.input.upsert) return fail('not-found', `no ${command.input.name}`);
          return done({ stored: [this.#put(kind, undefined, command.input.record)] });
        }
        return this.#fits(kind, key, command.input.ifMatch)
          ? done({ stored: [this.#put(kind, key, command.input.record)] })
          : fail('precondition-failed', 'changed');
      }
      case 'record.patch': {
        const kind = this.#kind(command.input.kind);
        const key = this.#resolve(kind, command.input.name);
        if (key === undefined) return fail('not-found', `no ${command.input.name}`);
        if (!this.#fits(kind, key, command.input.ifMatch)) return fail('precondition-failed', 'changed');
        const before = this.#of(kind.name).get(key)?.record ?? {};
        return done({ stored: [this.#put(kind, key, { ...before, ...(command.input.patch.document as Draft) })] });
      }
      case 'record.delete': {
        const kind = this.#kind(command.input.kind);
        const key = this.#resolve(kind, command.input.name);
        if (key === undefined) return fail('not-found', `no ${command.input.name}`);
        if (!this.#fits(kind, key, command.input.ifMatch)) return fail('precondition-failed', 'changed');
        this.#of(kind.name).delete(key);
        this.#index.of(kind.name).addresses.delete(key);
        this.#sequence += 1;
        return done({ stored: [{ key, revision: this.#sequence, created: false }] });
      }
      case 'reservation.step':
        return fail('internal', 'this owner keeps no reservations');
      case 'bulk.partial': {
        const kind = this.#kind(command.input.kind);
        const items = command.input.records.map((record): BulkItem => {
          const taken = this.#taken(kind, record);
          if (taken !== undefined && !command.input.options.upsert) return { fault: { code: 'conflict', detail: `"${taken}" is taken` } };
          return this.#put(kind, taken === undefined ? undefined : this.#resolve(kind, taken), record);
        });
        return done({ items });
      }
      case 'bulk.stage': {
        const { kind, packedRecords, options, firstIndex } = command.input;
        const records = wholeDrafts(this.#kind(kind), unpackMessage(packedRecords) as readonly Draft[] | PartedDrafts);
        this.#staged ??= { kind, records: [], upsert: options.upsert };
        if (firstIndex !== this.#staged.records.length) return fail('internal', 'a chunk is missing');
        for (const [index, record] of records.entries()) {
          const taken = this.#taken(this.#kind(kind), record);
          if (taken !== undefined && !options.upsert) return fail('conflict', 'taken', [{ pointer: `/${firstIndex + index}`, detail: `"${taken}" is taken` }]);
        }
        this.#staged.records.push(...records);
        return done({ staged: records.length });
      }
      case 'bulk.commit': {
        const staged = this.#staged ?? { kind: command.input.kind, records: [], upsert: false };
        this.#staged = undefined;
        const kind = this.#kind(staged.kind);
        const counts = { created: 0, updated: 0 };
        for (const record of staged.records) {
          const taken = this.#taken(kind, record);
          if (taken === undefined) counts.created += 1;
          else counts.updated += 1;
          if (!command.input.options.dryRun) this.#put(kind, taken === undefined ? undefined : this.#resolve(kind, taken), record);
        }
        return done({ ...counts, sequence: this.#sequence });
      }
      case 'restore.stage':
      case 'restore.judge':
      case 'restore.commit':
        throw new Error('restores are judged by the real owner only');
      case 'bulk.abort':
        this.#staged = undefined;
        return done({ aborted: true });
    }
  }

  #query(query: Query): Result<unknown> {
    switch (query.kind) {
      case 'record.read': {
        const kind = this.#kind(query.input.kind);
        const key = this.#resolve(kind, query.input.name);
        const found = key === undefined ? undefined : this.#of(kind.name).get(key);
        return done(found === undefined || key === undefined ? undefined : { key, revision: found.revision, image: this.#image(kind, key) });
      }
      case 'record.find':
        return done(this.#find(query.input));
      case 'secrets.read':
        return done(this.#resolve(this.#kind(query.input.kind), query.input.name) === undefined ? undefined : { password: 'hunter2' });
      default:
        return fail('internal', `the fake has no ${query.kind}`);
    }
  }

  #find(find: Find): Found {
    let rows = [...this.#of(find.kind)].filter(([, { record }]) => find.conditions.every((condition) => holds(condition, record)));
    const cursor = (key: string, record: Draft): (string | number | boolean | null)[] => [
      ...find.sort.map(({ path }) => (at(record, path) ?? null) as string | number | boolean | null),
      key,
    ];
    const compare = (a: readonly unknown[], b: readonly unknown[]): number => {
      for (const [index, value] of a.entries()) {
        const other = b[index] as string;
        if (value !== other) return ((value as string) < other ? -1 : 1) * (find.sort[index]?.descending === true ? -1 : 1);
      }
      return 0;
    };
    rows.sort((a, b) => compare(cursor(a[0], a[1].record), cursor(b[0], b[1].record)));
    const count = rows.length;
    const { after } = find;
    if (after !== undefined) rows = rows.filter(([key, { record }]) => compare(cursor(key, record), after) > 0);
    const page = find.limit === undefined ? rows : rows.slice(0, find.limit);
    const last = page.at(-1);
    return {
      locations: Int32Array.from(page.map(([, { location }]) => location)),
      ...(page.length < rows.length && last !== undefined ? { next: cursor(last[0], last[1].record) } : {}),
      ...(find.count ? { count } : {}),
    };
  }

  #put(kind: Kind, existing: string | undefined, draft: Draft): Stored {
    const key = existing ?? (kind.keyIsServerSet ? randomUUID() : String(draft[kind.key]));
    this.#sequence += 1;
    const record = canonical(kind, { ...draft, [kind.key]: key, revision: this.#sequence });
    const location = this.#log.put(JSON.stringify(record), this.#sequence, key);
    this.#of(kind.name).set(key, { record, revision: this.#sequence, location });
    for (const { property, normalForm } of kind.uniques) {
      const value = record[property];
      if (typeof value === 'string') this.#names.set(nameOf(kind, property, NORMAL_FORMS[normalForm](value)), key);
    }
    const index = this.#index.of(kind.name);
    index.addresses.set(key, location, index.valuesOf(record));
    return { key, revision: this.#sequence, created: existing === undefined };
  }

  #image(kind: Kind, key: string): Uint8Array {
    return Buffer.from(JSON.stringify(this.#of(kind.name).get(key)?.record));
  }

  /** The value of a unique property that another record has already. */
  #taken(kind: Kind, record: Draft): string | undefined {
    for (const { property } of kind.uniques) {
      const value = record[property];
      if (typeof value === 'string' && this.#resolve(kind, value) !== undefined) return value;
    }
    return undefined;
  }

  #resolve(kind: Kind, name: string): string | undefined {
    if (this.#of(kind.name).has(name)) return name;
    for (const { property, normalForm } of kind.uniques) {
      const key = this.#names.get(nameOf(kind, property, NORMAL_FORMS[normalForm](name)));
      const value = key === undefined ? undefined : this.#of(kind.name).get(key)?.record[property];
      // Names are never taken out, so the record has to have it still.
      if (typeof value === 'string' && NORMAL_FORMS[normalForm](value) === NORMAL_FORMS[normalForm](name)) return key;
    }
    return undefined;
  }

  #fits(kind: Kind, key: string, ifMatch: readonly number[] | '*' | undefined): boolean {
    return ifMatch === undefined || ifMatch === '*' || ifMatch.includes(this.#of(kind.name).get(key)?.revision ?? -1);
  }

  #of(kind: string): Map<string, { record: Draft; revision: number; location: number }> {
    let records = this.#records.get(kind);
    if (records === undefined) {
      records = new Map();
      this.#records.set(kind, records);
    }
    return records;
  }

  #kind(name: string): Kind {
    const kind = this.#kinds.find(name);
    if (kind === undefined) throw new Error(`no kind ${name}`);
    return kind;
  }
}

function nameOf(kind: Kind, property: string, value: string): string {
  return `${kind.name} ${property} ${value}`;
}

function subjectOf(origin: { readonly subject?: string }): Draft {
  return origin.subject === undefined ? {} : { creator_subject: origin.subject };
}

function at(record: unknown, path: readonly string[]): unknown {
  let value = record;
  for (const name of path) value = (value as Draft | undefined)?.[name];
  return value;
}

function holds({ path, operator, values }: Condition, record: Draft): boolean {
  const value = at(record, path) as string | undefined;
  const [first] = values as readonly string[];
  switch (operator) {
    case 'equal':
      return values.includes(value as string);
    case 'not-equal':
      return !values.includes(value as string);
    case 'missing':
      return value === undefined;
    case 'present':
      return value !== undefined;
    default:
      if (value === undefined || first === undefined) return false;
      if (operator === 'gt') return value > first;
      if (operator === 'gte') return value >= first;
      return operator === 'lt' ? value < first : value <= first;
  }
}

/** Drafts with their settled members in them again. */
function wholeDrafts(kind: Kind, records: readonly Draft[] | PartedDrafts): readonly Draft[] {
  const parting = partingOf(kind);
  if (!('open' in records) || parting === undefined) return records as readonly Draft[];
  return records.open.map(
    (open, index) => Object.assign({}, open, ...settledOf(parting, records, index).map((text) => JSON.parse(`{${text}}`) as Draft)) as Draft,
  );
}

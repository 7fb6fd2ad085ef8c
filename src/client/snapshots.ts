import type { SnapshotDescription, SnapshotDetail } from '../protocol/commands.ts';
import type { RestoredRecord, RestoreReport } from '../protocol/restore.ts';
import { arrayIn, jsonIn, orUndefined } from './answers.ts';
import { type At, atText } from './as-of.ts';
import type { SiteRecord } from './kinds.ts';
import { segment } from './paths.ts';
import { type CallOptions, callOptions, LONG_ANSWER_TIMEOUT_MS, type StreamAnswer, type Transport } from './transport.ts';
import { addConditions, type Where } from './where.ts';

export type { RestoredRecord, RestoreReport };
export type Snapshot = SnapshotDescription;
/** With its files. */
export type SnapshotWithFiles = SnapshotDetail;

export interface TakeOptions extends CallOptions {
  /** A remark to find it by. */
  readonly note?: string;
}

export interface RestoreOptions extends CallOptions {
  /** Without it nothing is changed, and the answer says what would be. */
  readonly confirm?: boolean;
  /** That of a dry run: refused with `conflict` when the inventory has changed since. */
  readonly sequence?: number;
  /** Only records of these kinds. */
  readonly kinds?: readonly string[];
  /** Only records that fit, then or now; with one kind. */
  readonly where?: Where<SiteRecord>;
  /** Only these properties, of records that are there; with one kind. */
  readonly properties?: readonly string[];
  /** A remark on the snapshot that is taken right before. */
  readonly note?: string;
  /** So many changes are told one by one: 100 when it is not given, 1000 at most. */
  readonly limit?: number;
}

const PATH = '/snapshots';

export class Snapshots {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Takes one now. */
  async take({ note, ...options }: TakeOptions = {}): Promise<Snapshot> {
    const body = JSON.stringify(note === undefined ? {} : { note });
    const ask = { answerTimeoutMs: LONG_ANSWER_TIMEOUT_MS, ...callOptions(options), method: 'POST', path: PATH, body } as const;
    return jsonIn((await this.#transport.send(ask)).text, PATH) as Snapshot;
  }

  /** Newest first. */
  async list(options: CallOptions = {}): Promise<readonly Snapshot[]> {
    return arrayIn<Snapshot>((await this.#transport.send({ ...callOptions(options), method: 'GET', path: PATH })).text, PATH);
  }

  /** @param name its name, `latest`, `earliest`, a time or a sequence: the newest at or before it. @returns undefined when there is none */
  async get(name: string, options: CallOptions = {}): Promise<SnapshotWithFiles | undefined> {
    const path = `${PATH}/${segment(name)}`;
    const answer = await orUndefined(this.#transport.send({ ...callOptions(options), method: 'GET', path }));
    return answer === undefined ? undefined : (jsonIn(answer.text, path) as SnapshotWithFiles);
  }

  /** One of its files, piece by piece. To be sure of the same snapshot for all files, give the name that `get` tells. */
  fetch(name: string, file: string, options: CallOptions = {}): Promise<StreamAnswer> {
    const path = `${PATH}/${segment(name)}/files/${segment(file)}`;
    return this.#transport.stream({ ...callOptions(options), method: 'GET', path, accept: '*/*' });
  }

  /**
   * Takes the inventory back to a moment, or says what that would do; reservations stay as they are, and so do secrets of records
   * that are there.
   * @param moment the name of a snapshot, `latest`, `earliest`, a time or a sequence; it has to be kept exactly
   */
  async restore(moment: At, { confirm, sequence, kinds, where, properties, note, limit, ...options }: RestoreOptions = {}): Promise<RestoreReport> {
    const path = `${PATH}/${segment(atText(moment))}/restore`;
    const filter = where === undefined ? undefined : new URLSearchParams();
    if (where !== undefined && filter !== undefined) addConditions(filter, where);
    // What is undefined is left out.
    const body = JSON.stringify({ confirm, sequence, kinds, filter: filter?.toString(), properties, note, limit });
    const ask = { answerTimeoutMs: LONG_ANSWER_TIMEOUT_MS, ...callOptions(options), method: 'POST', path, body } as const;
    return jsonIn((await this.#transport.send(ask)).text, path) as RestoreReport;
  }

  /** @param name its whole name. @returns false when there was none */
  async delete(name: string, options: CallOptions = {}): Promise<boolean> {
    const path = `${PATH}/${segment(name)}`;
    return (await orUndefined(this.#transport.send({ ...callOptions(options), method: 'DELETE', path }))) !== undefined;
  }
}

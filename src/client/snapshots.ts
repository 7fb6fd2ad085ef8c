import type { SnapshotDescription, SnapshotDetail } from '../protocol/commands.ts';
import { arrayIn, jsonIn, orUndefined } from './answers.ts';
import { segment } from './paths.ts';
import { type CallOptions, callOptions, LONG_ANSWER_TIMEOUT_MS, type StreamAnswer, type Transport } from './transport.ts';

export type Snapshot = SnapshotDescription;
/** With its files. */
export type SnapshotWithFiles = SnapshotDetail;

export interface TakeOptions extends CallOptions {
  /** A remark to find it by. */
  readonly note?: string;
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

  /** @param name its whole name. @returns false when there was none */
  async delete(name: string, options: CallOptions = {}): Promise<boolean> {
    const path = `${PATH}/${segment(name)}`;
    return (await orUndefined(this.#transport.send({ ...callOptions(options), method: 'DELETE', path }))) !== undefined;
  }
}

import type { SnapshotDescription } from '../protocol/commands.ts';
import { arrayIn, jsonIn } from './answers.ts';
import { type CallOptions, callOptions, LONG_ANSWER_TIMEOUT_MS, type Transport } from './transport.ts';

export type Snapshot = SnapshotDescription;

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
}

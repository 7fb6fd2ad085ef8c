import type { Prng } from '../../../bench/prng.ts';
import { type Asked, type Asking, MARK_OF, type Part } from './asked.ts';
import { type Form, forms, type Given } from './forms.ts';
import type { Known } from './known.ts';
import type { Wire, WireAnswer } from './wire.ts';

/** A client that writes to the inventory in every form that there is, one request after another, on its own dice. */

/** Codes that say that nothing has happened; with all others of 5xx it may have. */
const OPEN_CODES: ReadonlySet<string> = new Set(['outcome-unknown', 'timeout']);

/** Each form as often as its weight says. */
const CHOICES: readonly Form[] = forms.flatMap((form) => Array.from({ length: form.weight }, () => form));

export class InventoryClient {
  readonly #wire: Wire;
  readonly #asking: Asking;
  readonly #known: Known;
  readonly #random: Prng;
  readonly #heard: (count: number) => void;

  constructor(wire: Wire, asking: Asking, known: Known, random: Prng, heard: (count: number) => void) {
    this.#wire = wire;
    this.#asking = asking;
    this.#known = known;
    this.#random = random;
    this.#heard = heard;
  }

  /** Until the connections are closed, or so many requests are through. */
  async run(requests: number = Number.POSITIVE_INFINITY): Promise<void> {
    for (let count = 0; count < requests && !this.#wire.isClosed; count++) {
      if (this.#random.next() < 0.06) await this.#read();
      else await this.ask(this.#next());
    }
  }

  /** Sends a request, the first time or again, and notes what is heard of it. */
  async ask(asked: Asked): Promise<void> {
    const { method, path, body, headers } = asked.request;
    asked.sentAfter = Math.max(asked.sentAfter, 0);
    note(asked, await this.#wire.send(method, path, body, headers), this.#known);
    if (asked.outcome === 'acknowledged') this.#heard(1);
  }

  #next(): Asked {
    const given: Given = { random: this.#random, known: this.#known };
    const form = CHOICES[this.#random.below(CHOICES.length)] as Form;
    const asked: Asked = { ...form.make(given), form: form.name, outcome: 'open', sentAfter: this.#known.sequence };
    this.#asking.add(asked);
    return asked;
  }

  /** What is read must be there after the kill. */
  async #read(): Promise<void> {
    const kind = this.#random.pick(['ComputeNode', 'BMC', 'NodeCollection', 'RedfishEndpoint'] as const);
    const target = this.#known.pick(kind, this.#random);
    if (target === undefined) return;
    const answer = await this.#wire.send('GET', `/inventory/${kind}/${target.key}`);
    if (answer?.status === 200) this.#known.haveRead(kind, answer.json);
    else if (answer !== undefined && answer.status !== 404 && answer.status !== 503)
      throw new Error(`GET ${kind} ${target.key}: ${answer.status} ${answer.text}`);
  }
}

export function note(asked: Asked, answer: WireAnswer | undefined, known: Known): void {
  if (answer === undefined) {
    asked.outcome = 'unknown';
    return;
  }
  const { status, text, json } = answer;
  asked.answer = `${status} ${text.slice(0, 300)}`;
  const code = String(json?.code ?? '');
  if (status >= 200 && status < 300) {
    asked.outcome = 'acknowledged';
    acknowledge(asked, answer, known);
  } else if (OPEN_CODES.has(code)) asked.outcome = 'unknown';
  else if (status >= 400 && status < 500) asked.outcome = 'refused';
  else if (status === 503) asked.outcome = 'refused';
  else throw new Error(`${asked.form}: ${asked.request.method} ${asked.request.path}: ${asked.answer}`);
}

function acknowledge(asked: Asked, { text, json, status }: WireAnswer, known: Known): void {
  const { kind, parts, removes, form } = asked;
  if (removes !== undefined) {
    known.forget(kind, removes);
    return;
  }
  if (form === 'bulk partial') {
    for (const [index, line] of text.trim().split('\n').entries()) {
      const part = parts[index] as Part;
      const told = JSON.parse(line) as { readonly status: number; readonly revision?: number; readonly id?: string };
      if (told.revision === undefined) part.isRefused = told.status < 500;
      else {
        part.acknowledged = { revision: told.revision };
        known.meet(kind, String(told.id), told.revision);
      }
    }
    return;
  }
  if (form === 'bulk atomic') {
    asked.lastSequence = json.sequence;
    known.sequence = Math.max(known.sequence, json.sequence);
    return;
  }
  const records: readonly Record<string, unknown>[] = Array.isArray(json) ? json : [json];
  if (records.length !== parts.length) throw new Error(`${form}: ${status} with ${records.length} records for ${parts.length}`);
  for (const [index, record] of records.entries()) {
    const part = parts[index] as Part;
    const revision = Number(record['revision']);
    if (record[MARK_OF[kind] ?? ''] !== part.mark) throw new Error(`${form}: ${part.mark} was answered with ${JSON.stringify(record)}`);
    part.acknowledged = { revision, record };
    known.meet(kind, keyOf(record), revision);
  }
}

export function keyOf(record: Readonly<Record<string, unknown>>): string {
  return String(record['id'] ?? record['UID'] ?? record['ID']);
}

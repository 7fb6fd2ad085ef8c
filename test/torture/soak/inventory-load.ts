import type { NodeDraft } from '../../../bench/data.ts';
import type { Prng } from '../../../bench/prng.ts';
import type { Calls } from './calls.ts';

/** Reads, writes of all forms, bulks and lists of an inventory whose size stays the same: what comes beyond it goes again. */

export interface StandingNode {
  readonly id: string;
  readonly draft: NodeDraft;
}

const BULK_LENGTH = 500;
/** Nodes and collections that come and go. */
const PASSING_MAX = 200;
const IDEMPOTENT_SHARE = 0.02;
const GONE = [404, 409, 412];

export class InventoryLoad {
  readonly #calls: Calls;
  readonly #prng: Prng;
  readonly #nodes: readonly [StandingNode, ...StandingNode[]];
  readonly #passing: string[] = [];
  readonly #collections: string[] = [];
  #made = 0;

  constructor(calls: Calls, prng: Prng, nodes: readonly [StandingNode, ...StandingNode[]]) {
    this.#calls = calls;
    this.#prng = prng;
    this.#nodes = nodes;
  }

  async read(): Promise<void> {
    const { id, draft } = this.#node();
    await this.#calls.send('read', { method: 'GET', path: `/inventory/ComputeNode/${this.#prng.next() < 0.5 ? id : draft.xname}` });
  }

  async list(): Promise<void> {
    const number = this.#prng.below(1000);
    const query = this.#prng.pick([
      `hostname=nid${String(number).padStart(6, '0')}`,
      'architecture=arm64&limit=100&sort=hostname',
      'fields=hostname,xname&limit=1000&count=true',
      `network_interfaces.ipv4_address=10.1.2.${number % 250}`,
    ]);
    await this.#calls.send('list', { method: 'GET', path: `/inventory/ComputeNode?${query}` });
  }

  async listAll(): Promise<void> {
    await this.#calls.send('list of all', { method: 'GET', path: '/inventory/ComputeNode' });
  }

  async put(): Promise<void> {
    const { id, draft } = this.#node();
    await this.#calls.send('put', { method: 'PUT', path: `/inventory/ComputeNode/${id}`, body: this.#changed(draft), headers: this.#maybeIdempotent() });
  }

  async patch(): Promise<void> {
    const { id } = this.#node();
    const path = `/inventory/ComputeNode/${id}`;
    if (this.#prng.next() < 0.5) {
      await this.#calls.send('merge patch', {
        method: 'PATCH',
        path,
        body: { description: this.#words() },
        headers: { 'content-type': 'application/merge-patch+json' },
      });
    } else {
      const body = [{ op: 'replace', path: '/description', value: this.#words() }];
      await this.#calls.send('JSON patch', { method: 'PATCH', path, body, headers: { 'content-type': 'application/json-patch+json' } });
    }
  }

  async comeAndGo(): Promise<void> {
    if (this.#passing.length >= PASSING_MAX) {
      const [id = ''] = this.#passing.splice(this.#prng.below(this.#passing.length), 1);
      await this.#calls.send('delete', { method: 'DELETE', path: `/inventory/ComputeNode/${id}`, also: GONE });
      return;
    }
    const body = { hostname: `passing${this.#made++}`, architecture: 'x86_64', description: this.#words() };
    const { status, text } = await this.#calls.send('create', { method: 'POST', path: '/inventory/ComputeNode', body, headers: this.#maybeIdempotent() });
    if (status === 201) this.#passing.push((JSON.parse(text) as { id: string }).id);
  }

  async collect(): Promise<void> {
    if (this.#collections.length >= PASSING_MAX) {
      const [id = ''] = this.#collections.splice(0, 1);
      await this.#calls.send('delete of a collection', { method: 'DELETE', path: `/inventory/NodeCollection/${id}`, also: GONE });
      return;
    }
    const nodes = Array.from({ length: 20 }, () => this.#node().draft.xname);
    const body = { name: `passing${this.#made++}`, type: 'ad-hoc', nodes: [...new Set(nodes)] };
    const { status, text } = await this.#calls.send('create of a collection', { method: 'POST', path: '/inventory/NodeCollection', body, also: [409] });
    if (status === 201) this.#collections.push((JSON.parse(text) as { id: string }).id);
  }

  async bulk(): Promise<void> {
    const mode = this.#prng.pick(['atomic', 'partial']);
    const first = this.#prng.below(this.#nodes.length);
    const lines = Array.from({ length: Math.min(BULK_LENGTH, this.#nodes.length) }, (_, index) => {
      const node = this.#nodes[(first + index) % this.#nodes.length] ?? this.#nodes[0];
      return JSON.stringify(this.#changed(node.draft));
    });
    const query = `mode=${mode}&upsert=true${this.#prng.next() < 0.1 ? '&dry_run=true' : ''}`;
    await this.#calls.send(`${mode} bulk`, { method: 'POST', path: `/inventory/ComputeNode/bulk?${query}`, body: lines.join('\n') });
  }

  #node(): StandingNode {
    return this.#nodes[this.#prng.below(this.#nodes.length)] ?? this.#nodes[0];
  }

  #changed(draft: NodeDraft): NodeDraft {
    return { ...draft, description: this.#words() };
  }

  #words(): string {
    return `${'soaked '.repeat(1 + this.#prng.below(20))}${this.#prng.below(1_000_000)}`;
  }

  /** Few: their answers are kept for a day. */
  #maybeIdempotent(): Record<string, string> {
    return this.#prng.next() < IDEMPOTENT_SHARE ? { 'idempotency-key': `soak-${this.#made++}-${this.#prng.below(2 ** 31)}` } : {};
  }
}

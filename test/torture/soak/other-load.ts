import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Prng } from '../../../bench/prng.ts';
import { openSocket, openStream, SleepySocket, type Subscriber } from '../../support/feed-client.ts';
import type { Calls } from './calls.ts';

/** Reservations, subscribers, questions about the past, SQL, restores, and callers who do it wrong. */

const RESERVATIONS_MAX = 60;
/** What a plugin that is made to fail now and then answers with, and what races for one reservation end with. */
const PLUGIN_ANSWERS = [404, 409, 412, 500, 502, 504];
const SUBSCRIBED_MS = 1500;

export interface OtherLoadParts {
  readonly calls: Calls;
  readonly prng: Prng;
  readonly url: string;
  readonly token: string;
  readonly endpoints: readonly [string, ...string[]];
}

export class OtherLoad {
  readonly #calls: Calls;
  readonly #prng: Prng;
  readonly #url: string;
  readonly #token: string;
  readonly #endpoints: readonly [string, ...string[]];
  readonly #reservations: { readonly endpoint: string; readonly id: string }[] = [];

  constructor({ calls, prng, url, token, endpoints }: OtherLoadParts) {
    this.#calls = calls;
    this.#prng = prng;
    this.#url = url;
    this.#token = token;
    this.#endpoints = endpoints;
  }

  async reserve(): Promise<void> {
    const held = this.#reservations[this.#prng.below(Math.max(1, this.#reservations.length))];
    const chance = this.#prng.next();
    if (held === undefined || (this.#reservations.length < RESERVATIONS_MAX && chance < 0.4)) return await this.#join();
    const path = `${held.endpoint}/${held.id}`;
    if (chance < 0.55) {
      await this.#calls.send('modify', { method: 'POST', path: `/modify/${path}`, body: { vlan: String(this.#prng.below(4096)) }, also: PLUGIN_ANSWERS });
    } else if (chance < 0.7) {
      await this.#calls.send('status', { method: 'GET', path: `/status/${path}`, also: PLUGIN_ANSWERS });
    } else {
      this.#reservations.splice(this.#reservations.indexOf(held), 1);
      await this.#calls.send('leave', { method: 'POST', path: `/leave/${path}`, body: {}, also: PLUGIN_ANSWERS });
    }
  }

  async #join(): Promise<void> {
    const endpoint = this.#prng.pick(this.#endpoints);
    const body = { vlan: String(this.#prng.below(4096)), 'some.password': 'canary' };
    const { status, text } = await this.#calls.send('join', { method: 'POST', path: `/join/${endpoint}`, body, also: PLUGIN_ANSWERS });
    const id = status === 200 ? (JSON.parse(text) as { resId?: { id: string } }).resId?.id : undefined;
    if (id !== undefined) this.#reservations.push({ endpoint, id });
  }

  async listReservations(): Promise<void> {
    await this.#calls.send('list of reservations', { method: 'GET', path: '/reservations?state=!closed&limit=100' });
  }

  /** Comes, listens for a while, and goes without a word; some do not listen. */
  async subscribe(): Promise<void> {
    const form = this.#prng.below(3);
    const query = this.#prng.pick(['', 'kinds=ComputeNode&patch=true', 'since=1', form === 2 ? '' : 'kinds=reservations']);
    try {
      if (form === 2) {
        const sleepy = await SleepySocket.open(Number(new URL(this.#url).port), query);
        await sleep(SUBSCRIBED_MS);
        sleepy.close();
      } else {
        const subscriber = await this.#open(form === 0, query);
        await sleep(this.#prng.below(SUBSCRIBED_MS));
        subscriber.kill();
        await subscriber.ended;
      }
      this.#calls.count('subscription');
    } catch (error) {
      this.#calls.count('subscription refused');
      if (!/^(400|503)/.test(error instanceof Error ? error.message : '')) this.#calls.wonder(`feed: ${String(error)}`);
    }
  }

  #open(isStream: boolean, query: string): Promise<Subscriber> {
    const token = this.#token;
    return isStream ? openStream(this.#url, query, { authorization: `Bearer ${token}` }) : openSocket(this.#url, query, { token });
  }

  async sql(): Promise<void> {
    const at = this.#prng.next() < 0.5 ? {} : { at: 'latest' };
    const sql = this.#prng.pick([
      'SELECT architecture, count(*) AS nodes FROM ComputeNode GROUP BY ALL',
      'SELECT hostname, xname FROM ComputeNode ORDER BY hostname LIMIT 2000',
      'SELECT state, count(*) AS reservations FROM reservations GROUP BY ALL',
    ]);
    await this.#calls.send('SQL', { method: 'POST', path: '/query', body: { sql, ...at }, also: [404] });
  }

  async past(): Promise<void> {
    const path = this.#prng.pick([
      '/diff?from=latest&to=now&kind=ComputeNode&limit=100',
      '/inventory/NodeCollection?at=latest',
      '/inventory/ComputeNode?at=earliest&limit=10',
      '/snapshots',
    ]);
    // A snapshot may be pruned while it is asked about.
    await this.#calls.send('past', { method: 'GET', path, also: [404] });
  }

  async restore(): Promise<void> {
    const body = { kinds: ['ComputeNode'], properties: ['description'], confirm: this.#prng.next() < 0.5 };
    await this.#calls.send('restore', { method: 'POST', path: '/snapshots/latest/restore', body, also: [404, 409] });
  }

  /** What clients do that are wrong, or die. */
  async wrong(): Promise<void> {
    const node = '/inventory/ComputeNode';
    await this.#prng.pick<() => Promise<unknown>>([
      () => this.#calls.send('no JSON', { method: 'POST', path: node, body: '{', headers: { 'content-type': 'application/json' }, also: [400] }),
      () => this.#calls.send('no record', { method: 'POST', path: node, body: { hostname: 7 }, also: [400] }),
      () => this.#calls.send('no path', { method: 'GET', path: '/nothing', also: [404] }),
      () => this.#calls.send('no node', { method: 'DELETE', path: `${node}/00000000-0000-4000-8000-000000000000`, also: [404] }),
      () => this.#calls.send('no SQL', { method: 'POST', path: '/query', body: { sql: 'DROP TABLE ComputeNode' }, also: [400, 403] }),
      () => this.#calls.send('no endpoint', { method: 'POST', path: '/join/nowhere', body: {}, also: [404] }),
      () => this.#calls.send('half a bulk', { method: 'POST', path: `${node}/bulk`, body: '{"hostname":"a","architecture":"x86_64"}\n{', also: [400] }),
      () => this.#cutOff(`GET ${node} HTTP/1.1\r\nHost: x\r\n\r\n`),
      () => this.#cutOff(`POST ${node}/bulk?mode=partial HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: 100000\r\n\r\n{}`),
      () => this.#cutOff('POST /query HTTP/1.1\r\nHo'),
    ])();
  }

  /** Sends that much, waits a little, and is gone. */
  async #cutOff(text: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(this.#url).port), '127.0.0.1', () => {
        socket.write(text);
        setTimeout(() => socket.destroy(), this.#prng.below(20));
      });
      socket.pause();
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
    });
    this.#calls.count('cut off');
  }
}

import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { OWNER_CLIENT_LIMITS, OwnerClient } from '../../src/dispatch/owner-client.ts';
import { Feed } from '../../src/feed/feed.ts';
import type { FeedLimits } from '../../src/feed/limits.ts';
import type { Outlet } from '../../src/feed/outlet.ts';
import { Replay } from '../../src/feed/replay.ts';
import { feedRoutes } from '../../src/http/feed-routes.ts';
import type { Front } from '../../src/http/front.ts';
import { FrontCounts } from '../../src/http/front-counts.ts';
import { realFiles } from '../../src/store/files.ts';
import { JournalReader } from '../../src/store/journal-reader.ts';
import { RESERVATION_KIND } from '../../src/store/reservations/kind.ts';
import { onlyKinds, Rig as StoreRig, temporaryFolder, value } from '../store/rig.ts';
import { type HandClock, handClock } from '../support/hand-clock.ts';
import { type Rig, startRig } from './front-rig.ts';

/** The feed on a real port, over a real store in this thread, with a clock that a test moves. */
export interface FeedFront {
  readonly rig: Rig;
  readonly front: Front;
  readonly feed: Feed;
  readonly clock: HandClock;
  /** Of every subscriber that there was. */
  readonly outlets: readonly Outlet[];
  /** Makes one change, of about so many bytes. */
  change(bytes: number): Promise<void>;
}

export async function startFeedFront(context: TestContext, limits: Partial<FeedLimits> = {}): Promise<FeedFront> {
  const clock = handClock(Date.now());
  const kinds = onlyKinds('NodeCollection');
  const store = await StoreRig.open(temporaryFolder(), { kinds }, clock);
  let front: Front | undefined;
  const replay = new Replay(new JournalReader(realFiles, store.journalDirectory));
  const feed = new Feed({
    view: store.view,
    clock,
    publish: (channel, message) => front?.publish(channel, message),
    // As in a thread: the answer comes in another turn.
    replay: (request) => new Promise((resolve) => setImmediate(() => resolve(replay.part(request)))),
    newId: () => randomBytes(8).toString('hex'),
    log: { error: (fields, message) => console.error(message, fields) },
    limits,
  });
  const outlets: Outlet[] = [];
  const subscribe = feed.subscribe.bind(feed);
  feed.subscribe = (outlet, options) => {
    outlets.push(outlet);
    return subscribe(outlet, options);
  };
  const ignore = (): void => undefined;
  const events = { log: ignore, died: ignore, fatal: ignore, changed: feed.changed.bind(feed) };
  const owner = new OwnerClient((task) => store.store.run(task), store.view, events, OWNER_CLIENT_LIMITS);
  owner.revive(store.store.report());
  const routes = feedRoutes({
    feed,
    kinds,
    reservations: RESERVATION_KIND,
    publicReads: true,
    allowedOrigins: [],
    perAddressMax: 100,
    counts: new FrontCounts(),
  });
  const rig = await startRig(context, { kinds, owner, view: store.view, moreRoutes: routes });
  front = rig.front;
  context.after(async () => {
    feed.close();
    await store.close();
  });
  const { key } = await store.created('NodeCollection', { name: 'watched', type: 'ad-hoc', nodes: [] });
  // The creation went past the feed.
  await owner.query('store.apply', {});
  let count = 0;
  return {
    rig,
    front: rig.front,
    feed,
    clock,
    outlets,
    async change(bytes) {
      count += 1;
      // A value has a megabyte at most.
      const parts = Array.from({ length: Math.ceil(bytes / 1e6) }, (_, part) => [`filling${part}`, String(count).padEnd(Math.min(bytes, 1e6), 'x')]);
      const document = { cloud_init_data: Object.fromEntries(parts) };
      value(await owner.send('record.patch', { kind: 'NodeCollection', name: key, patch: { type: 'merge', document }, origin: {} }));
    },
  };
}

const SOCKET_HEADERS: Readonly<Record<string, string>> = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13' };

/** A request head byte by byte as given; headers of an upgrade are added and may be overwritten, '' leaves one out. */
export function upgradeHead(path: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = { Host: 'test', ...SOCKET_HEADERS, 'Sec-WebSocket-Key': randomBytes(16).toString('base64'), ...headers };
  const lines = Object.entries(all).flatMap(([name, text]) => (text === '' ? [] : [`${name}: ${text}`]));
  return `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

/** A connection that a test reads by hand. */
export async function rawConnection(front: Front, head: string): Promise<Socket> {
  const socket = connect(front.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  socket.write(head);
  return socket;
}

/** A frame as a client sends it (RFC 6455, section 5.2). */
export function clientFrame(opcode: number, payload: Buffer, { masked = true, first = 0x80 }: { masked?: boolean; first?: number } = {}): Buffer {
  const { length } = payload;
  const mask = masked ? randomBytes(4) : Buffer.alloc(0);
  const head =
    length < 126
      ? Buffer.from([first | opcode, (masked ? 0x80 : 0) | length])
      : Buffer.from([first | opcode, (masked ? 0x80 : 0) | 126, length >> 8, length & 255]);
  const body = Buffer.from(payload);
  if (masked) for (let at = 0; at < body.length; at++) body[at] = (body[at] as number) ^ (mask[at % 4] as number);
  return Buffer.concat([head, mask, body]);
}

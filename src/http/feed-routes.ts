import type { Kind } from '../../schemas/kind.ts';
import type { Fault } from '../faults.ts';
import type { Feed, SubscribeOptions } from '../feed/feed.ts';
import type { Subscription } from '../feed/subscription.ts';
import { type Caller, permits } from './auth.ts';
import type { Exchange } from './exchange.ts';
import { SocketOutlet, StreamOutlet } from './feed-outlets.ts';
import { asksForReservations, type FeedQuery, parseFeedQuery, type Sight } from './feed-query.ts';
import type { FrontCounts } from './front-counts.ts';
import { FRONT_LIMITS } from './limits.ts';
import { FEED_ABOUT } from './openapi/about-feed.ts';
import { parseQuery } from './query.ts';
import { shownKind } from './reservation-view.ts';
import type { Call, Route, RouteAccess } from './route.ts';
import type { KindNames } from './router.ts';
import { Shares } from './shares.ts';
import type { WebSocket } from './transport.ts';
import { chosenProtocol, FEED_PROTOCOL, SOCKET_VERSION } from './web-socket-protocol.ts';

/** The feed over HTTP: the same events as a WebSocket and as Server-Sent Events, at one path. */

export interface FeedContext {
  readonly feed: Feed;
  readonly kinds: KindNames;
  /** The kind that reservations are stored as. */
  readonly reservations: Kind;
  readonly publicReads: boolean;
  /** Origins of other sites whose pages may open a WebSocket here. */
  readonly allowedOrigins: readonly string[];
  /** Subscribers that one address may be. */
  readonly perAddressMax: number;
  readonly counts: Pick<FrontCounts, 'turnedAway'>;
}

const STREAM_HEADERS = [
  ['Content-Type', 'text/event-stream'],
  ['Cache-Control', 'no-store'],
  // A proxy that gathers would hold events back.
  ['X-Accel-Buffering', 'no'],
] as const;

export function feedRoutes(context: FeedContext): readonly Route[] {
  const reservations = shownKind(context.reservations);
  const shares = new Shares(context.perAddressMax);
  return [
    {
      method: 'GET',
      path: '/feed',
      access: accessOf,
      identifies: true,
      about: FEED_ABOUT,
      isEndless: true,
      parameters: 'any',
      handler: (exchange, call) => openFeed({ ...context, shares }, reservations, exchange, call),
    },
  ];
}

/** Who names reservations is asked for a password where that is possible; to others they are just not shown. */
function accessOf(query: string): RouteAccess {
  const parsed = parseQuery(query, FRONT_LIMITS);
  return parsed.ok && asksForReservations(parsed.value) ? 'reservations' : 'read';
}

type Context = FeedContext & { readonly shares: Shares };

function openFeed(context: Context, reservations: Kind, exchange: Exchange, { caller, query }: Call): void | Promise<void> {
  const sight: Sight = {
    inventory: context.publicReads || permits(caller, 'inventory:read') === undefined,
    reservations: permits(caller, 'reservations') === undefined,
  };
  const lastEventId = exchange.isUpgrade ? undefined : exchange.head.headers.lastEventId;
  const parsed = parseFeedQuery(context.kinds, reservations, query, sight, lastEventId);
  if (!parsed.ok) {
    exchange.fail(parsed.fault);
    return;
  }
  const refused = refusalOf(parsed.value, sight, caller) ?? context.feed.refusal() ?? socketRefusal(context, exchange);
  if (refused !== undefined) {
    exchange.fail(refused, exchange.isUpgrade ? [['Sec-WebSocket-Version', SOCKET_VERSION]] : []);
    return;
  }
  const { shares, counts, perAddressMax } = context;
  if (shares.wouldExceed(exchange.address)) {
    counts.turnedAway['address-feeds'] += 1;
    exchange.fail({ code: 'too-many-requests', detail: `${perAddressMax} subscribers are connected from this address` });
    return;
  }
  const { filter, since } = parsed.value;
  const options: SubscribeOptions = { filter, since, expiresMs: caller?.expiresMs };
  if (exchange.isUpgrade) openSocket(context, exchange, options);
  else if (exchange.head.method === 'HEAD') exchange.reply({ status: 200, headers: STREAM_HEADERS });
  else return openStream(context, exchange, options);
}

function refusalOf({ namesInventory, namesReservations }: FeedQuery, sight: Sight, caller: Caller | undefined): Fault | undefined {
  if (namesInventory && !sight.inventory) return permits(caller, 'inventory:read');
  return namesReservations && !sight.reservations ? permits(caller, 'reservations') : undefined;
}

async function openStream({ feed, shares }: Context, exchange: Exchange, options: SubscribeOptions): Promise<void> {
  shares.take(exchange.address);
  exchange.onOver = () => shares.giveBack(exchange.address);
  if (!(await exchange.begin(200, STREAM_HEADERS))) return;
  // The last places may have gone in that turn; who is cut off comes back by itself, and hears of it then.
  if (feed.refusal() !== undefined) return exchange.cut();
  const subscription = feed.subscribe(new StreamOutlet(exchange, () => subscription.taken()), options);
  exchange.onGone = () => feed.unsubscribe(subscription);
}

/** Why this client may not have a WebSocket. */
function socketRefusal({ allowedOrigins }: FeedContext, exchange: Exchange): Fault | undefined {
  if (!exchange.isUpgrade) return undefined;
  const { origin, host, webSocketVersion, webSocketProtocol } = exchange.head.headers;
  if (webSocketVersion !== SOCKET_VERSION) return { code: 'invalid-request', detail: `the feed speaks version ${SOCKET_VERSION} of WebSockets` };
  // A page of another site could use a visitor's browser to look into a network that it can't reach itself.
  if (origin !== undefined && !isOwnOrigin(origin, host) && !allowedOrigins.includes(origin)) {
    return { code: 'forbidden', detail: `pages of ${origin.slice(0, 200)} may not open the feed; server.allowedOrigins says which may` };
  }
  if (chosenProtocol(webSocketProtocol) !== undefined) return undefined;
  return { code: 'invalid-request', detail: `the subprotocol of the feed is ${FEED_PROTOCOL}` };
}

function openSocket({ feed, shares }: Context, exchange: Exchange, options: SubscribeOptions): void {
  let outlet: SocketOutlet | undefined;
  let subscription: Subscription | undefined;
  exchange.upgrade(
    {
      open(socket: WebSocket) {
        shares.take(exchange.address);
        outlet = new SocketOutlet(socket);
        subscription = feed.subscribe(outlet, options);
      },
      drained: () => subscription?.taken(),
      pinged: () => outlet?.pinged(),
      closed() {
        if (outlet !== undefined) shares.giveBack(exchange.address);
        outlet?.closed();
        if (subscription !== undefined) feed.unsubscribe(subscription);
      },
    },
    chosenProtocol(exchange.head.headers.webSocketProtocol) ?? '',
  );
}

function isOwnOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

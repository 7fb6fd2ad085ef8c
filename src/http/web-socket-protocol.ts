/**
 * Browsers cannot send an Authorization header with a WebSocket, and a token in the URL would end up in logs. So it
 * comes as one of the subprotocols that the client offers; the one that the server speaks is another, and all it answers.
 */

/** Of RFC 6455; the library takes any. */
export const SOCKET_VERSION = '13';
/** What the feed speaks. */
export const FEED_PROTOCOL = 'holdfast.feed';
const TOKEN_PREFIX = 'bearer.';

/** The `Authorization` that the offered subprotocols stand for. */
export function authorizationIn(offered: string | undefined): string | undefined {
  const token = protocolsIn(offered).find((protocol) => protocol.startsWith(TOKEN_PREFIX));
  return token === undefined ? undefined : `Bearer ${token.slice(TOKEN_PREFIX.length)}`;
}

/** The subprotocol to answer with: empty when the client offered none. Undefined when it offers others only. */
export function chosenProtocol(offered: string | undefined): string | undefined {
  const protocols = protocolsIn(offered);
  if (protocols.length === 0) return '';
  return protocols.includes(FEED_PROTOCOL) ? FEED_PROTOCOL : undefined;
}

function protocolsIn(offered: string | undefined): readonly string[] {
  return offered === undefined ? [] : offered.split(',').map((protocol) => protocol.trim());
}

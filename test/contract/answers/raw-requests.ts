/** Requests byte by byte, for what no HTTP client sends: heads with a flaw, old versions, bodies in odd forms. */

const get = (...headers: readonly string[]): string => `GET /health/live HTTP/1.1\r\n${['Host: x', ...headers].join('\r\n')}\r\n\r\n`;
const post = (body: string, ...headers: readonly string[]): string =>
  `POST /inventory/BMC HTTP/1.1\r\n${['Host: x', 'Content-Type: application/json', ...headers].join('\r\n')}\r\n\r\n${body}`;
const socket = ['Upgrade: websocket', 'Connection: Upgrade'];

const LARGE = 300_000;

export const RAW_REQUESTS: Readonly<Record<string, string>> = {
  plain: get(),
  'with a request id': get('X-Request-Id: mine'),
  'with a request id that cannot be had': get('X-Request-Id: no"t mine'),
  'HEAD, which has no body': 'HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n',
  'a long answer to HEAD': 'HEAD /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n',
  'to be closed': get('Connection: close'),
  'of version 1.0': 'GET /health/live HTTP/1.0\r\nHost: x\r\n\r\n',
  'without a host': 'GET /health/live HTTP/1.1\r\n\r\n',
  'two hosts': get('Host: y'),
  'two lengths': post('{}', 'Content-Length: 2', 'Content-Length: 3'),
  'a length that is none': post('{}', 'Content-Length: two'),
  'length and chunks': post('2\r\n{}\r\n0\r\n\r\n', 'Content-Length: 2', 'Transfer-Encoding: chunked'),
  'an encoding that is unknown': post('2\r\n{}\r\n0\r\n\r\n', 'Transfer-Encoding: gzip, chunked'),
  'a body in chunks': post('1\r\n{\r\n1\r\n}\r\n0\r\n\r\n', 'Transfer-Encoding: chunked'),
  'an empty body in chunks': post('0\r\n\r\n', 'Transfer-Encoding: chunked'),
  'a body that is too large': post('x'.repeat(LARGE), `Content-Length: ${LARGE}`),
  'a body with GET': get('Content-Length: 2').concat('{}'),
  'which expects to be told to go on': post('{}', 'Expect: 100-continue', 'Content-Length: 2'),
  'a head that is too large': get(`X-Large: ${'x'.repeat(15_000)}`, `X-Larger: ${'x'.repeat(1300)}`),
  'two tokens': get('Authorization: Bearer a', 'Authorization: Bearer b'),
  'a header that is not ASCII': get('X-Name: \u00e4\u00f6'),
  'a header that is folded': get('X-Name: a\r\n b'),
  'a method that is none': 'brew /health HTTP/1.1\r\nHost: x\r\n\r\n',
  'a path that is encoded': 'GET /inventory/%42MC/%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n',
  'a path that is wrong': 'GET /inventory/BMC/%ff HTTP/1.1\r\nHost: x\r\n\r\n',
  'an address as path': 'GET http://x/health/live HTTP/1.1\r\nHost: x\r\n\r\n',
  'a path that is too long': `GET /${'x'.repeat(8300)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  'an empty query': 'GET /inventory/BMC? HTTP/1.1\r\nHost: x\r\n\r\n',
  'for a WebSocket': `GET /feed HTTP/1.1\r\nHost: x\r\n${socket.join('\r\n')}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: holdfast.feed\r\n\r\n`,
  'for a WebSocket of another version': `GET /feed HTTP/1.1\r\nHost: x\r\n${socket.join('\r\n')}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 12\r\n\r\n`,
  'for a WebSocket of another protocol': `GET /feed HTTP/1.1\r\nHost: x\r\n${socket.join('\r\n')}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat\r\n\r\n`,
  'for a WebSocket of another site': `GET /feed HTTP/1.1\r\nHost: x\r\nOrigin: http://evil.example\r\n${socket.join('\r\n')}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  'for a WebSocket where there is none': `GET /health HTTP/1.1\r\nHost: x\r\n${socket.join('\r\n')}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  'for a WebSocket without a key': `GET /feed HTTP/1.1\r\nHost: x\r\n${socket.join('\r\n')}\r\n\r\n`,
};

import type { Prng } from '../../../bench/prng.ts';

/** What an enemy, or a broken client, makes of a good request. */

const STRANGE_TEXTS: readonly [string, ...string[]] = [
  '',
  '\u0000',
  'a\r\nSet-Cookie: b=c',
  '../../../../etc/passwd',
  '..%2f..%2fkeys%2ftoken-secret',
  "'; DROP TABLE ComputeNode; --",
  '__proto__',
  'constructor',
  '\u202e\ufeff\u0301',
  '\u{1f980}'.repeat(50),
  'x'.repeat(5000),
  '%{jndi}',
  '%00%ff%',
  '[1',
  '-1',
  '1e400',
  '9007199254740993',
  '2026-13-45T99:99:99Z',
  'null',
];

const STRANGE_VALUES: readonly [string, ...string[]] = [
  'null',
  'true',
  '-1',
  '1e400',
  '9007199254740993',
  '-0',
  '0.1',
  '[]',
  '{}',
  '[[[[[[[[]]]]]]]]',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '"\\ud800"',
  '"\\u0000"',
  '"\\u202e"',
  'NaN',
  "'single'",
  '01',
  '"unended',
];

export function strangeText(prng: Prng): string {
  return prng.pick(STRANGE_TEXTS);
}

/** The JSON of a value, with something wrong about it. */
export function strangeJson(value: unknown, prng: Prng): string {
  const text = JSON.stringify(value) ?? 'null';
  switch (prng.below(12)) {
    case 0:
      return text.slice(0, prng.below(text.length + 1));
    case 1:
      return `${text}${prng.pick([',', '}', ' {}', '\u0000', '//'])}`;
    case 2: {
      // One value becomes another one.
      const values = [...text.matchAll(/:("(?:[^"\\]|\\.)*"|-?\d+|true|false|null)/g)];
      const found = values[prng.below(values.length)];
      if (found?.index === undefined) return prng.pick(STRANGE_VALUES);
      return `${text.slice(0, found.index)}:${prng.pick(STRANGE_VALUES)}${text.slice(found.index + found[0].length)}`;
    }
    case 3:
      return text.replace('{', `{${JSON.stringify(strangeText(prng))}:${prng.pick(STRANGE_VALUES)},`);
    case 4:
      // A member twice.
      return text.replace(/\{("(?:[^"\\]|\\.)*":)/, (all, name: string) => `{${name}1,${all.slice(1)}`);
    case 5: {
      const depth = prng.pick([10, 63, 64, 65, 2000]);
      return `${'['.repeat(depth)}${text}${']'.repeat(depth)}`;
    }
    case 6: {
      const depth = prng.pick([10, 63, 64, 65, 2000]);
      return `${'{"a":'.repeat(depth)}${text}${'}'.repeat(depth)}`;
    }
    case 7:
      return `${text.slice(0, -1)}${text.length > 2 ? ',' : ''}"more":${JSON.stringify('y'.repeat(prng.pick([100, 5000, 70_000, 140_000])))}}`;
    case 8:
      return `[${Array.from({ length: prng.pick([0, 2, 50, 3000]) }, () => prng.pick(STRANGE_VALUES)).join()}]`;
    case 9:
      return prng.pick(STRANGE_VALUES);
    case 10:
      return text.replaceAll('"', "'");
    default:
      return `\ufeff${text}`;
  }
}

/** Bytes that are wrong in themselves. */
export function strangeBytes(text: string, prng: Prng): Buffer {
  const bytes = Buffer.from(text);
  switch (prng.below(5)) {
    case 0:
      return Buffer.from(text, 'utf16le');
    case 1:
      return Buffer.from(`${text}\u00e9`, 'latin1');
    case 2:
      return Buffer.concat([bytes, Buffer.from([0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xff])]);
    case 3: {
      if (bytes.length > 0) bytes[prng.below(bytes.length)] = prng.below(256);
      return bytes;
    }
    default:
      return Buffer.from(Array.from({ length: prng.below(200) }, () => prng.below(256)));
  }
}

const ENCODED: readonly [string, ...string[]] = [
  '%2e%2e',
  '%2F',
  '%00',
  '%ff',
  '%',
  '%zz',
  '%C0%AF',
  '..',
  '.',
  '',
  ' ',
  '\t',
  '%F0%9F%A6%80',
  ';a=b',
  '*',
  '\u00e9',
  '~',
  '%25',
  '//',
];

export function strangePath(path: string, prng: Prng): string {
  const segments = path.split('/');
  const place = prng.below(segments.length);
  switch (prng.below(8)) {
    case 0:
      segments[place] = prng.pick(ENCODED);
      break;
    case 1:
      segments.splice(place, 0, prng.pick(ENCODED));
      break;
    case 2:
      segments.splice(place, 1);
      break;
    case 3:
      segments.push(segments[place] ?? '');
      break;
    case 4:
      return `http://elsewhere.example${path}`;
    case 5:
      segments[place] = [...(segments[place] ?? '')].map((letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
      break;
    case 6:
      segments[place] = (segments[place] ?? '').toUpperCase();
      break;
    default:
      segments[place] = 'z'.repeat(prng.pick([300, 5000, 9000]));
  }
  return segments.join('/');
}

/** Lines that stand in a head instead of, or beside, what belongs there. */
const HEADER_LINES: readonly [string, ...string[]] = [
  'Accept: image/png',
  'Accept: application/x-ndjson',
  'Accept: text/html;q=0.1, */*;q=nonsense',
  'Content-Encoding: gzip',
  'If-Match: "7"',
  'If-Match: *',
  'If-Match: W/"1", nonsense',
  'If-None-Match: *',
  'If-None-Match: "1","2","3"',
  'Range: bytes=0-9',
  'Range: bytes=-0,9-1',
  'If-Range: "x"',
  'X-Request-Id: fuzz.1',
  'X-Request-Id: <script>',
  'X-Forwarded-For: 198.51.100.1',
  'Origin: http://evil.example',
  'Last-Event-ID: nonsense',
  'Connection: close',
  'Expect: 100-continue',
  'Upgrade: h2c',
  'Cookie: a=b',
  'Idempotency-Key: not one key',
];

/** Lines after which nobody may rely on where the request ends. */
const BROKEN_LINES: readonly [string, ...string[]] = [
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: gzip, chunked',
  'Host: twice',
  'Authorization: Bearer twice',
  'Space : before',
  ': nothing',
  'No colon at all',
  ' folded: line',
  'X-Null: \u0000',
  `X-Long: ${'h'.repeat(20_000)}`,
  Array.from({ length: 150 }, (_, index) => `X-${index}: 1`).join('\r\n'),
  'X-Bare: a\nX-B: c',
];

export function headerLine(prng: Prng): string {
  return prng.pick(HEADER_LINES);
}

export function brokenLine(prng: Prng): string {
  return prng.pick(BROKEN_LINES);
}

export const METHODS: readonly [string, ...string[]] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'BREW',
  'get',
  'X'.repeat(300),
];

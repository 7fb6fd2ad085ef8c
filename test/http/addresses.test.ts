import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Addresses, networkOf } from '../../src/http/addresses.ts';
import type { HttpResponse } from '../../src/http/transport.ts';

function from(peer: string): HttpResponse {
  return { getRemoteAddressAsText: () => new Uint8Array(Buffer.from(peer)).buffer } as unknown as HttpResponse;
}

test('an address is counted as itself, however it is written, and a /64 of IPv6 as one', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['127.0.0.1', '127.0.0.1'],
    ['0000:0000:0000:0000:0000:ffff:7f00:0007', '127.0.0.7'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:0db8:0000:0001:aaaa:bbbb:cccc:dddd', '2001:db8:0:1::/64'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ];
  for (const [text, counted] of cases) assert.equal(networkOf(text), counted, text);
});

test('X-Forwarded-For means nothing from anybody but a trusted proxy', () => {
  assert.equal(new Addresses([]).of(from('192.0.2.9'), '198.51.100.1'), '192.0.2.9');
  assert.equal(new Addresses(['10.0.0.0/8']).of(from('192.0.2.9'), '198.51.100.1'), '192.0.2.9');
});

test('behind trusted proxies the last one who is not a proxy is counted, whatever was written before him', () => {
  const addresses = new Addresses(['10.0.0.0/8', 'fd00::/8']);
  const cases: readonly (readonly [peer: string, header: string | undefined, counted: string])[] = [
    ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['0000:0000:0000:0000:0000:ffff:0a00:0001', '198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '203.0.113.66, 198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '203.0.113.66, 198.51.100.1, 10.2.3.4', '198.51.100.1'],
    ['fd00::1', '[2001:db8::7]:4711', '2001:db8:0:0::/64'],
    ['10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
    ['10.0.0.1', 'unknown', '10.0.0.1'],
    ['10.0.0.1', '198.51.100.1, nonsense', '10.0.0.1'],
    ['10.0.0.1', '', '10.0.0.1'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '10.0.0.2', '10.0.0.2'],
  ];
  for (const [peer, header, counted] of cases) assert.equal(addresses.of(from(peer), header), counted, `${peer} ${header}`);
});

test('the connections of a trusted proxy are nobody’s in particular', () => {
  const addresses = new Addresses(['10.0.0.0/8']);
  assert.equal(addresses.ofConnection(from('10.0.0.1')), undefined);
  assert.equal(addresses.ofConnection(from('192.0.2.9')), '192.0.2.9');
});

import { BlockList, isIP } from 'node:net';
import { LRUCache } from 'lru-cache';
import type { HttpResponse } from './transport.ts';

/**
 * Whom a request is counted for: the other end of its connection, or, behind a proxy that the configuration trusts, whom
 * that proxy names. One customer has a whole /64 of IPv6, so that is what counts as one address there.
 */

/** Texts of addresses that were taken apart before. */
const KNOWN_MAX = 10_000;
/** Proxies behind proxies. */
const FORWARDED_MAX = 16;

export class Addresses {
  readonly #trusted: BlockList | undefined;
  readonly #known = new LRUCache<string, string>({ max: KNOWN_MAX });

  /** @param trustedProxies addresses and networks (`10.0.0.0/8`) that are well-formed. */
  constructor(trustedProxies: readonly string[]) {
    if (trustedProxies.length === 0) return;
    this.#trusted = new BlockList();
    for (const text of trustedProxies) {
      const [address = '', bits] = text.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      this.#trusted.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
    }
  }

  /** Only while the client is there. @param forwardedFor the header X-Forwarded-For, which only proxies are believed. */
  of(res: HttpResponse, forwardedFor: string | undefined): string {
    return this.ofPeer(peerOf(res), forwardedFor);
  }

  /** The same where the other end of the connection is known as text. */
  ofPeer(peer: string, forwardedFor: string | undefined): string {
    if (forwardedFor === undefined || this.#trusted === undefined) return this.#countedAs(peer);
    let address = peer;
    // Each proxy adds whom it was asked by; what stands further left was written by somebody who is not trusted.
    const named = forwardedFor.split(',').slice(-FORWARDED_MAX);
    while (named.length > 0 && this.#isTrusted(address)) {
      const next = withoutPort(named.pop()?.trim() ?? '');
      if (isIP(next) === 0) break;
      address = next;
    }
    return this.#countedAs(address);
  }

  /** Of a connection that has just been made; undefined: a proxy that speaks for many. */
  ofConnection(res: HttpResponse): string | undefined {
    const peer = peerOf(res);
    return this.#isTrusted(peer) ? undefined : this.#countedAs(peer);
  }

  #isTrusted(text: string): boolean {
    if (this.#trusted === undefined) return false;
    const address = unmapped(text);
    return this.#trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }

  #countedAs(text: string): string {
    let counted = this.#known.get(text);
    if (counted === undefined) {
      counted = networkOf(text);
      this.#known.set(text, counted);
    }
    return counted;
  }
}

/** `127.0.0.1` for that and for its forms in IPv6; `2001:db8:0:1::/64` for all addresses of such a network. */
export function networkOf(text: string): string {
  const address = unmapped(text);
  if (isIP(address) !== 6) return address;
  return `${groupsOf(address)
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** An IPv4 address also where it comes as one of IPv6. */
function unmapped(text: string): string {
  if (isIP(text) !== 6) return text;
  const groups = groupsOf(text);
  const [high = 0, low = 0] = groups.slice(6);
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return isMapped ? [high >> 8, high & 255, low >> 8, low & 255].join('.') : text;
}

/** The eight numbers of an address of IPv6 that is well-formed. */
function groupsOf(address: string): readonly number[] {
  const [plain = ''] = address.split('%');
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(plain);
  const hex = (high?: string, low?: string): string => (Number(high) * 256 + Number(low)).toString(16);
  const text = dotted === null ? plain : `${plain.slice(0, dotted.index)}${hex(dotted[1], dotted[2])}:${hex(dotted[3], dotted[4])}`;
  const [before = '', after] = text.split('::');
  const left = before === '' ? [] : before.split(':');
  const right = after === undefined || after === '' ? [] : after.split(':');
  const zeros = Array.from({ length: after === undefined ? 0 : 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}

/** Some proxies write `192.0.2.1:4711` and `[2001:db8::1]:4711`. */
function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text);
  if (bracketed !== null) return bracketed[1] ?? '';
  return /^[\d.]+:\d+$/.test(text) ? text.slice(0, text.indexOf(':')) : text;
}

/** The other end of a connection. */
export function peerOf(res: HttpResponse): string {
  return Buffer.from(res.getRemoteAddressAsText()).toString('latin1');
}

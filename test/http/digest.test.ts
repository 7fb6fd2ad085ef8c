import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Clock } from '../../src/clock.ts';
import { createDigest, type DigestAuthenticator, digestHa1, digestResponse } from '../../src/http/digest.ts';
import { NONCE_COUNTS_WINDOW, Nonces } from '../../src/http/digest-nonces.ts';
import { systemRandom } from '../../src/random.ts';
import { type AnswerOptions, answerTo, challengeIn } from './digest-answer.ts';

const LIFETIME_MS = 300_000;

/** A clock that the test moves. */
function movableClock(): Clock & { advance(ms: number): void } {
  let nowMs = 5_000_000;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

function digestWith(options: { password?: string | undefined; md5?: boolean; clock?: Clock } = {}): DigestAuthenticator {
  return createDigest({ password: 'pass', md5: true, nonceLifetimeMs: LIFETIME_MS, clock: movableClock(), random: systemRandom(), ...options });
}

function challengeOf(digest: DigestAuthenticator): string {
  return digest.challenges(false)[0] ?? '';
}

function verdict(digest: DigestAuthenticator, header: string): string {
  return digest.verify(header, 'POST', '/join/nulls', '').type;
}

test('responses are those of the examples in RFC 7616', () => {
  const request = {
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    nc: '00000001',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    method: 'GET',
    uri: '/dir/index.html',
  };
  const responseBy = (algorithm: 'MD5' | 'SHA-256'): string =>
    digestResponse(algorithm, digestHa1(algorithm, 'Mufasa', 'http-auth@example.org', 'Circle of Life'), request);
  assert.equal(responseBy('MD5'), '8ca523f5e9506fed4657c9700eebdbec');
  assert.equal(responseBy('SHA-256'), '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1');
});

test('two challenges are made, MD5 first; MD5 can be switched off, and without a password there are none', () => {
  const [md5 = '', sha256 = '', ...more] = digestWith().challenges(false);
  assert.match(md5, /^Digest realm="NA2 Digest Authentication Realm", qop="auth", algorithm=MD5, nonce="[\w-]{44}", opaque="\w+", charset=UTF-8$/);
  assert.equal(sha256, md5.replace('algorithm=MD5', 'algorithm=SHA-256'));
  assert.deepEqual(more, []);
  assert.match(digestWith().challenges(true)[1] ?? '', /, stale=true$/);
  const [only = '', ...others] = digestWith({ md5: false }).challenges(false);
  assert.match(only, /algorithm=SHA-256/);
  assert.deepEqual(others, []);
  for (const password of [undefined, '']) {
    const digest = digestWith({ password });
    assert.deepEqual([digest.isOffered, digest.challenges(false)], [false, []]);
    assert.equal(verdict(digest, answerTo(challengeOf(digestWith()), { password: '' })), 'wrong');
  }
});

test('a right answer names admin, who may do what belongs to reservations and nothing else', () => {
  for (const algorithm of ['MD5', 'SHA-256'] as const) {
    const digest = digestWith();
    assert.deepEqual(digest.verify(answerTo(challengeOf(digest), { algorithm }), 'POST', '/join/nulls', ''), {
      type: 'accepted',
      caller: { subject: 'admin', scopes: new Set(['reservations']) },
    });
  }
});

test('spellings that clients use are understood', () => {
  const spellings: readonly AnswerOptions[] = [
    { algorithm: 'MD5', change: { algorithm: null } },
    { algorithm: 'MD5', change: { algorithm: '"MD5"' } },
    { algorithm: 'MD5', change: { algorithm: 'md5' } },
    { algorithm: 'SHA-256', change: { algorithm: '"SHA-256"' } },
    // These know MD5 only, and repeat whatever algorithm the last challenge named.
    { algorithm: 'MD5', change: { algorithm: 'SHA-256' } },
    { change: { qop: '"auth"' } },
    { change: { opaque: null } },
    { change: { username: '"\\adm\\in"' } },
    { change: { extension: '"something, else"' } },
  ];
  for (const spelling of spellings) {
    const digest = digestWith();
    assert.equal(verdict(digest, answerTo(challengeOf(digest), spelling)), 'accepted', JSON.stringify(spelling));
  }
  const digest = digestWith();
  assert.equal(verdict(digest, answerTo(challengeOf(digest)).replace('Digest ', 'DIGEST  ').replaceAll(', ', ',,\t ').replaceAll('=', ' = ')), 'accepted');
});

test('whatever is wrong with an answer, it is wrong', () => {
  const digest = digestWith();
  const challenge = challengeOf(digest);
  const wrong: readonly AnswerOptions[] = [
    { password: 'Pass' },
    { password: '' },
    { user: 'root' },
    { user: 'Admin' },
    { method: 'GET' },
    { change: { username: '"root"' } },
    { change: { realm: '"another realm"' } },
    { change: { opaque: '"another"' } },
    { change: { algorithm: 'MD5' } },
    { change: { algorithm: 'SHA-256-sess' } },
    { algorithm: 'MD5', change: { algorithm: 'MD5-sess' } },
    { change: { algorithm: 'none' } },
    { change: { qop: null } },
    { change: { qop: 'auth-int' } },
    { change: { nc: null } },
    { change: { nc: '1' } },
    { change: { nc: '000000001' } },
    { change: { nc: '0000000g' } },
    { change: { nc: '-0000001' } },
    { count: 0 },
    { change: { cnonce: null } },
    { change: { cnonce: '""' } },
    { change: { cnonce: '"another"' } },
    { change: { nonce: null } },
    { change: { nonce: '"another"' } },
    { change: { uri: null } },
    { change: { uri: '"/leave/nulls"' } },
    { change: { response: null } },
    { change: { response: '""' } },
    { change: { response: `"${'0'.repeat(64)}"` } },
    { change: { response: `"${'é'.repeat(32)}"` } },
    { change: { username: null } },
    { change: { 'username*': "UTF-8''admin" } },
    { change: { QOP: 'auth' } },
    { change: { Username: '"admin"' } },
    { change: { padding: 'x'.repeat(4096) } },
    { change: { algorithm: 'SHA-256=' } },
    { change: { algorithm: 'SHA"-256' } },
  ];
  for (const options of wrong) assert.equal(verdict(digest, answerTo(challenge, options)), 'wrong', JSON.stringify(options));
  const right = answerTo(challenge);
  for (const header of ['Digest', 'Digest ', 'Digest username', `${right}"`, `${right}, x="y`, `${right}, x="y\\"`, right.replace('Digest', 'Basic')]) {
    assert.equal(verdict(digest, header), 'wrong', header);
  }
  const end = right.indexOf(', opaque');
  for (let length = 0; length < end; length++) assert.equal(verdict(digest, right.slice(0, length)), 'wrong', right.slice(0, length));
  assert.equal(verdict(digest, right), 'accepted', 'none of them has used up the count');
});

test('with MD5 switched off, no answer by MD5 is right', () => {
  const digest = digestWith({ md5: false });
  for (const change of [{}, { algorithm: null }, { algorithm: 'SHA-256' }]) {
    assert.equal(verdict(digest, answerTo(challengeOf(digest), { algorithm: 'MD5', change })), 'wrong');
  }
});

test('an answer that was made for another request is told from a wrong one, and leaves its count to the right one', () => {
  const digest = digestWith();
  const challenge = challengeOf(digest);
  const made = (uri: string): string => answerTo(challenge, { uri });
  for (const [uri, path, query] of [
    ['/join/nulls', '/join/other', ''],
    ['/join/nulls', '/join/nulls', 'a=b'],
    ['/join/nulls?a=b', '/join/nulls', ''],
    ['/join/nulls?a=b', '/join/nulls', 'a=c'],
    ['/join/nulls?a=b', '/join/nulls', '?a=b'],
    ['/join/nulls/', '/join/nulls', ''],
    ['/join/%6eulls', '/join/nulls', ''],
    ['', '/join/nulls', ''],
  ] as const) {
    assert.equal(digest.verify(made(uri), 'POST', path, query).type, 'misdirected', `${uri} for ${path}?${query}`);
  }
  assert.equal(digest.verify(made('/join/nulls?a=%22b%22'), 'POST', '/join/nulls', 'a=%22b%22').type, 'accepted');
  const other = digestWith();
  assert.equal(other.verify(answerTo(challengeOf(other), { uri: '/join/nulls?' }), 'POST', '/join/nulls', '').type, 'accepted');
});

test('each count of a nonce is taken once, in any order, within the window', () => {
  const digest = digestWith();
  const challenge = challengeOf(digest);
  const take = (count: number): string => verdict(digest, answerTo(challenge, { count }));
  for (const count of [70, 3, 64, 1, 2, 69, 71]) assert.equal(take(count), 'accepted', String(count));
  for (const count of [70, 3, 64, 1, 2, 69, 71]) assert.equal(take(count), 'stale', `${count} again`);
  assert.equal(take(NONCE_COUNTS_WINDOW + 70), 'accepted');
  assert.equal(take(70), 'stale', 'too old to know');
  assert.equal(take(71), 'stale', 'still known');
  assert.equal(take(72), 'accepted', 'in the window, and new');
  assert.equal(take(2 * NONCE_COUNTS_WINDOW + 69), 'accepted');
  assert.equal(take(NONCE_COUNTS_WINDOW + 70), 'stale', 'the last one that is still known');
  assert.equal(take(0xffffffff), 'accepted');
  assert.equal(take(0xffffffff), 'stale');
  assert.equal(take(0xfffffffe), 'accepted');
});

test('random orders of counts agree with a plain list of what has been', () => {
  let seed = 20_240_601;
  const below = (limit: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * limit);
  };
  const nonces = new Nonces({ lifetimeMs: LIFETIME_MS, clock: movableClock(), random: systemRandom() });
  const nonce = nonces.mint();
  const seen = new Set<number>();
  let highest = 0;
  for (let step = 0; step < 30_000; step++) {
    const jump = below(100) === 0 ? below(3 * NONCE_COUNTS_WINDOW) : below(200) - 150;
    const count = below(20) === 0 ? Math.max(1, highest - below(NONCE_COUNTS_WINDOW + 20)) : Math.max(1, highest + jump);
    const expected = !seen.has(count) && count > highest - NONCE_COUNTS_WINDOW;
    assert.equal(nonces.take(nonce, count), expected, `step ${step}: ${count} with ${highest}`);
    if (expected) seen.add(count);
    highest = Math.max(highest, expected ? count : 0);
  }
});

test('an expired, a foreign and a forged nonce are stale when the password is right, and nothing else when it is wrong', () => {
  const clock = movableClock();
  const digest = digestWith({ clock });
  const used = challengeOf(digest);
  const unused = challengeOf(digest);
  const { nonce } = challengeIn(used);
  assert.equal(verdict(digest, answerTo(used)), 'accepted');
  const foreign = challengeOf(digestWith({ clock }));
  const forged = [nonce.replace(/^./, 'B'), nonce.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x')), `${nonce}A`, `${nonce}=`, nonce.slice(1), 'x', ''];
  for (const challenge of [foreign, ...forged.map((text) => used.replace(nonce, text))]) {
    assert.equal(verdict(digest, answerTo(challenge)), 'stale', challenge);
    assert.equal(verdict(digest, answerTo(challenge, { password: 'x' })), 'wrong', challenge);
  }
  clock.advance(LIFETIME_MS);
  assert.equal(verdict(digest, answerTo(used, { count: 2 })), 'accepted', 'its last moment');
  clock.advance(1);
  assert.equal(verdict(digest, answerTo(used, { count: 3 })), 'stale');
  assert.equal(verdict(digest, answerTo(unused)), 'stale');
});

test('nonces that nobody has used take no memory, and of used ones only so many are kept', () => {
  const clock = movableClock();
  const nonces = new Nonces({ lifetimeMs: LIFETIME_MS, clock, random: systemRandom(), usedMax: 3 });
  const minted = Array.from({ length: 6 }, () => {
    clock.advance(10);
    return nonces.mint();
  });
  const take = (index: number, count: number): boolean => nonces.take(minted[index] ?? '', count);
  for (const index of [1, 2, 3]) assert.ok(take(index, 1));
  assert.ok(take(1, 2), 'the one used last but three times ago is still there');
  assert.ok(take(4, 1));
  assert.equal(take(2, 2), false, 'it was forgotten for the newest');
  assert.equal(take(2, 1), false, 'and is not taken for unused');
  assert.equal(take(0, 1), false, 'nor is an older one believed that might have been forgotten');
  assert.ok(take(5, 1), 'newer ones are');
  assert.ok(take(1, 3));
});

test('a new password is right from the moment it is set, and nonces in use go on', () => {
  const digest = digestWith();
  const challenge = challengeOf(digest);
  assert.equal(verdict(digest, answerTo(challenge, { count: 1 })), 'accepted');
  digest.replacePassword('another');
  assert.equal(verdict(digest, answerTo(challenge, { count: 2 })), 'wrong');
  assert.equal(verdict(digest, answerTo(challenge, { count: 2, password: 'another' })), 'accepted');
  assert.equal(verdict(digest, answerTo(challenge, { count: 1, password: 'another' })), 'stale');
  digest.replacePassword(undefined);
  assert.equal(verdict(digest, answerTo(challenge, { count: 3, password: 'another' })), 'wrong');
  digest.replacePassword('pass');
  assert.equal(verdict(digest, answerTo(challenge, { count: 3 })), 'accepted');
});

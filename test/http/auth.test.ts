import { strict as assert } from 'node:assert';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { Clock } from '../../src/clock.ts';
import type { AuthConfig } from '../../src/config/config.ts';
import type { Result } from '../../src/faults.ts';
import { type Authenticator, type Caller, createAuthenticator, permits, signToken } from '../../src/http/auth.ts';

const SECRET = Buffer.from('0123456789abcdef0123456789abcdef-and-more');
const NOW_SECONDS = 1_800_000_000;
const CONFIG: AuthConfig = { reads: 'public', algorithm: 'HS256', leewaySeconds: 30 };

/** A clock that the test moves. */
function clockAt(seconds: number): Clock & { advance(seconds: number): void } {
  let nowMs = seconds * 1000;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    advance: (by) => {
      nowMs += by * 1000;
    },
  };
}

function encoded(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** A token with any header and claims at all, signed with HS256; strings are taken as they are. */
function forged(claims: unknown, header: unknown = { alg: 'HS256' }, secret: Uint8Array | string = SECRET): string {
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const GOOD = { sub: 'me', iss: 'i', aud: 'a', exp: NOW_SECONDS + 600 };

async function verdict(authenticator: Authenticator, token: string): Promise<Result<Caller | undefined>> {
  return authenticator.authenticate(`Bearer ${token}`);
}

async function assertRefused(authenticator: Authenticator, token: string, why: string): Promise<void> {
  assert.deepEqual(await verdict(authenticator, token), { ok: false, fault: { code: 'unauthorized', detail: 'the token is not valid here' } }, why);
}

test('no Authorization header is nobody, and another scheme than Bearer is refused', async () => {
  const authenticator = await createAuthenticator(CONFIG, [SECRET], clockAt(NOW_SECONDS));
  assert.deepEqual(await authenticator.authenticate(undefined), { ok: true, value: undefined });
  for (const other of ['Basic dTpw', 'Digest username="x"', 'Bearer', 'Bearer a b', forged(GOOD)]) {
    const result = await authenticator.authenticate(other);
    assert.equal(!result.ok && result.fault.code, 'unauthorized', other);
  }
});

test('a signed token names its caller and scopes, and the second time without a promise', async () => {
  const clock = clockAt(NOW_SECONDS);
  const authenticator = await createAuthenticator(CONFIG, [SECRET], clock);
  const token = await signToken(SECRET, { subject: 'me', scopes: ['query', 'admin'], ttlSeconds: 60, issuer: 'i', audience: 'a' }, clock);
  const expected = { ok: true, value: { subject: 'me', scopes: new Set(['query', 'admin']), expiresMs: (NOW_SECONDS + 60 + CONFIG.leewaySeconds) * 1000 } };
  assert.deepEqual(await verdict(authenticator, token), expected);
  assert.deepEqual(authenticator.authenticate(`Bearer ${token}`), expected);
});

test('a token that was good goes on being heard where many bad ones come from, until it ends', async () => {
  const clock = clockAt(NOW_SECONDS);
  const authenticator = await createAuthenticator(CONFIG, [SECRET], clock);
  const token = forged({ ...GOOD, exp: NOW_SECONDS + 600 });
  const heard = async (other = token): Promise<string> => {
    const result = await authenticator.authenticate(`Bearer ${other}`, true);
    return result.ok ? 'yes' : result.fault.code;
  };
  assert.equal(await heard(), 'too-many-failures');
  assert.equal((await verdict(authenticator, token)).ok, true);
  for (let minute = 0; minute < 9; minute++) {
    assert.equal(await heard(), 'yes', `after ${minute} minutes`);
    assert.equal(await heard(forged({ ...GOOD, sub: `other ${minute}` })), 'too-many-failures');
    clock.advance(60);
  }
  clock.advance(120);
  assert.equal(await heard(), 'unauthorized');
});

test('a verdict is forgotten when the token ends', async () => {
  const clock = clockAt(NOW_SECONDS);
  const authenticator = await createAuthenticator(CONFIG, [SECRET], clock);
  const token = forged({ ...GOOD, exp: NOW_SECONDS + 10 });
  assert.equal((await verdict(authenticator, token)).ok, true);
  clock.advance(20);
  const within = authenticator.authenticate(`Bearer ${token}`);
  assert.ok(within instanceof Promise, 'it is looked at again');
  assert.equal((await within).ok, true, 'the leeway still holds');
  clock.advance(21);
  await assertRefused(authenticator, token, 'expired');
});

test('a caller who asks again and again is refused when his secret is replaced or his token ends, and is never taken for the one before', async () => {
  const clock = clockAt(NOW_SECONDS);
  const other = Buffer.from('another-secret-of-more-than-32-bytes');
  const authenticator = await createAuthenticator(CONFIG, [SECRET], clock);
  const mine = forged(GOOD);
  const yours = forged({ ...GOOD, sub: 'you' });
  for (let time = 0; time < 4; time++) {
    for (const [token, subject] of [
      [mine, 'me'],
      [mine, 'me'],
      [yours, 'you'],
    ] as const) {
      const result = await verdict(authenticator, token);
      assert.equal(result.ok && result.value?.subject, subject);
    }
  }
  authenticator.replaceSecrets([other]);
  for (const token of [yours, mine]) await assertRefused(authenticator, token, 'its secret is no secret any more');

  const short = forged({ ...GOOD, exp: NOW_SECONDS + 20 }, undefined, other);
  for (let time = 0; time < 4; time++) assert.ok((await verdict(authenticator, short)).ok);
  clock.advance(20 + 30 + 1);
  await assertRefused(authenticator, short, 'it has ended');
});

test('claims that are missing or of the wrong type are refused', async () => {
  const authenticator = await createAuthenticator(CONFIG, [SECRET], clockAt(NOW_SECONDS));
  const { sub: _sub, ...noSubject } = GOOD;
  const { iss: _iss, ...noIssuer } = GOOD;
  const { aud: _aud, ...noAudience } = GOOD;
  const { exp: _exp, ...noEnd } = GOOD;
  const wrong: readonly unknown[] = [
    noSubject,
    noIssuer,
    noAudience,
    noEnd,
    { ...GOOD, sub: 5 },
    { ...GOOD, sub: '' },
    { ...GOOD, sub: { name: 'me' } },
    { ...GOOD, iss: 5 },
    { ...GOOD, aud: [] },
    { ...GOOD, aud: [5] },
    { ...GOOD, exp: '2099-01-01' },
    { ...GOOD, exp: NOW_SECONDS - 31 },
    { ...GOOD, nbf: NOW_SECONDS + 31 },
    { ...GOOD, nbf: 'soon' },
    { ...GOOD, iat: NOW_SECONDS + 31 },
    { ...GOOD, iat: 'now' },
    { ...GOOD, scope: 5 },
    { ...GOOD, scope: [5] },
    '{"sub":"me","iss":"i","aud":"a","exp":1e400}',
    `{"sub":"me","sub":"root","iss":"i","aud":"a","exp":${GOOD.exp}}`,
    '[]',
    'null',
    'no json',
  ];
  for (const claims of wrong) await assertRefused(authenticator, forged(claims), JSON.stringify(claims));
  assert.equal((await verdict(authenticator, forged({ ...GOOD, nbf: NOW_SECONDS + 29, iat: NOW_SECONDS + 29 }))).ok, true, 'clocks may differ by the leeway');
});

test('issuer and audience must match when they are configured', async () => {
  const authenticator = await createAuthenticator({ ...CONFIG, issuer: 'i', audience: 'a' }, [SECRET], clockAt(NOW_SECONDS));
  assert.equal((await verdict(authenticator, forged(GOOD))).ok, true);
  assert.equal((await verdict(authenticator, forged({ ...GOOD, aud: ['b', 'a'] }))).ok, true);
  await assertRefused(authenticator, forged({ ...GOOD, iss: 'x' }), 'issuer');
  await assertRefused(authenticator, forged({ ...GOOD, aud: 'x' }), 'audience');
});

test('malformed and oversized tokens, and headers that ask for something else, are refused', async () => {
  const authenticator = await createAuthenticator(CONFIG, [SECRET], clockAt(NOW_SECONDS));
  for (const header of [
    { alg: 'none' },
    { alg: 'None' },
    { alg: '' },
    {},
    { alg: 'HS512' },
    { alg: 'RS256' },
    { alg: 'HS256', crit: ['unheard-of'], 'unheard-of': true },
    { alg: 'HS256', b64: false, crit: ['b64'] },
    '{"alg":"none","alg":"HS256"}',
    '{"\\u0061lg":"none","alg":"HS256"}',
    'no json',
  ]) {
    await assertRefused(authenticator, forged(GOOD, header), JSON.stringify(header));
  }
  const good = forged(GOOD);
  const [header = '', claims = '', signature = ''] = good.split('.');
  for (const token of [
    'x',
    `${header}.${claims}`,
    `${header}.${claims}.`,
    `${good}.${signature}`,
    `${header}.${claims}.!${signature}`,
    `${header}.${claims}.${signature.slice(0, -4)}AAAA`,
    `${header}.${encoded({ ...GOOD, sub: 'root' })}.${signature}`,
    forged({ ...GOOD, padding: 'x'.repeat(8192) }),
    forged(GOOD, { alg: 'HS256' }, 'another secret, as long as the real one is'),
  ]) {
    await assertRefused(authenticator, token, token.slice(0, 40));
  }
});

test('a weak secret is refused at the start', async () => {
  for (const weak of [
    'short',
    'secret',
    'x'.repeat(31),
    'secretsecretsecretsecretsecretsecret',
    `secret${' '.repeat(40)}`,
    `secret${'\0'.repeat(40)}`,
    'a'.repeat(64),
  ]) {
    await assert.rejects(createAuthenticator(CONFIG, [Buffer.from(weak)], clockAt(NOW_SECONDS)), { name: 'StartFailure' }, weak);
  }
  await createAuthenticator(CONFIG, [randomBytes(32)], clockAt(NOW_SECONDS));
});

test('scopes are words in a text or a list', async () => {
  const authenticator = await createAuthenticator(CONFIG, [SECRET], clockAt(NOW_SECONDS));
  for (const scope of ['inventory:read query', ['inventory:read', 'query']]) {
    const result = await verdict(authenticator, forged({ ...GOOD, scope }));
    assert.deepEqual(result.ok && result.value?.scopes, new Set(['inventory:read', 'query']));
  }
  const none = await verdict(authenticator, forged({ ...GOOD, scope: '' }));
  assert.deepEqual(none.ok && none.value?.scopes, new Set(), 'an empty claim allows nothing');
});

test('a token without a scope claim may read and write the inventory, and nothing else', async () => {
  const authenticator = await createAuthenticator(CONFIG, [SECRET], clockAt(NOW_SECONDS));
  const result = await verdict(authenticator, forged(GOOD));
  assert.ok(result.ok);
  assert.equal(permits(result.value, 'inventory:write'), undefined);
  assert.equal(permits(result.value, 'inventory:read'), undefined);
  for (const scope of ['snapshots', 'secrets:read', 'query', 'reservations', 'admin'] as const) assert.equal(permits(result.value, scope)?.code, 'forbidden');
});

test('a missing scope is forbidden by name, and nobody is unauthorized', () => {
  assert.deepEqual(permits({ subject: 'me', scopes: new Set(['query']) }, 'snapshots'), { code: 'forbidden', detail: 'the token lacks the scope snapshots' });
  assert.equal(permits(undefined, 'query')?.code, 'unauthorized');
});

interface Signer {
  readonly jwk: JWK;
  sign(header?: { kid?: string; [name: string]: unknown }): Promise<string>;
  readonly publicPem: string;
}

async function signer(algorithm: 'RS256' | 'ES256' | 'EdDSA', kid?: string): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), ...(kid === undefined ? {} : { kid }) };
  return {
    jwk,
    publicPem: await exportSPKI(publicKey),
    sign: (header = kid === undefined ? {} : { kid }) => new SignJWT(GOOD).setProtectedHeader({ alg: algorithm, ...header }).sign(privateKey),
  };
}

function keyFileOf(keys: readonly unknown[]): string {
  const path = join(mkdtempSync(join(tmpdir(), 'holdfast-auth-')), 'jwks.json');
  writeFileSync(path, JSON.stringify({ keys }));
  return path;
}

test('tokens of every algorithm are checked with the keys of a file', async () => {
  for (const algorithm of ['RS256', 'ES256', 'EdDSA'] as const) {
    const [one, two] = [await signer(algorithm, 'one'), await signer(algorithm, 'two')];
    const config: AuthConfig = { ...CONFIG, algorithm, jwksFile: keyFileOf([one.jwk, two.jwk]) };
    const authenticator = await createAuthenticator(config, [SECRET], clockAt(NOW_SECONDS));
    assert.equal((await verdict(authenticator, await one.sign())).ok, true, algorithm);
    assert.equal((await verdict(authenticator, await two.sign())).ok, true, algorithm);
    await assertRefused(authenticator, await one.sign({ kid: 'two' }), 'the key of another kid');
    await assertRefused(authenticator, await one.sign({ kid: '../../etc/passwd' }), 'unknown kid');
    await assertRefused(authenticator, await one.sign({}), 'no kid, and more than one key');
  }
});

test('a public key is no secret for HS256, and a key in the token is not looked at', async () => {
  const [ours, theirs] = [await signer('RS256', 'k'), await signer('RS256')];
  const authenticator = await createAuthenticator({ ...CONFIG, algorithm: 'RS256', jwksFile: keyFileOf([ours.jwk]) }, [SECRET], clockAt(NOW_SECONDS));
  await assertRefused(authenticator, forged(GOOD, { alg: 'HS256', kid: 'k' }, ours.publicPem), 'algorithm confusion');
  await assertRefused(authenticator, forged(GOOD), 'HS256 with the secret that is not in use');
  await assertRefused(authenticator, await theirs.sign({ jwk: theirs.jwk, kid: 'k' }), 'jwk in the header');
  await assertRefused(authenticator, await theirs.sign({ jwk: theirs.jwk }), 'jwk in the header, no kid');
});

test('a key file without a usable key is refused at the start', async () => {
  const { jwk } = await signer('ES256', 'k');
  for (const keys of [[], [{ kty: 'oct', k: 'AAAA' }], [{ ...jwk, use: 'enc' }], [{ ...jwk, alg: 'ES384' }], [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }]]) {
    await assert.rejects(createAuthenticator({ ...CONFIG, algorithm: 'RS256', jwksFile: keyFileOf(keys) }, [SECRET], clockAt(NOW_SECONDS)), {
      name: 'StartFailure',
    });
  }
});

test('keys of a URL are read again for an unknown kid, at most once a minute, and old verdicts die with old keys', async () => {
  const [one, two] = [await signer('ES256', 'one'), await signer('ES256', 'two')];
  let keys: readonly JWK[] = [one.jwk];
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.end(JSON.stringify({ keys }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clock = clockAt(NOW_SECONDS);
  try {
    const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const authenticator = await createAuthenticator({ ...CONFIG, algorithm: 'ES256', jwksUrl }, [SECRET], clock);
    const [first, second] = [await one.sign(), await two.sign()];
    assert.equal((await verdict(authenticator, first)).ok, true);
    keys = [two.jwk];
    await assertRefused(authenticator, second, 'not a minute yet');
    assert.equal(asked, 1);
    clock.advance(61);
    assert.equal((await verdict(authenticator, second)).ok, true);
    assert.equal(asked, 2);
    await assertRefused(authenticator, first, 'its key is gone');
    assert.equal(asked, 2);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('a key URL that is down at the start warns, and is asked again a minute later', async () => {
  const warnings: string[] = [];
  const clock = clockAt(NOW_SECONDS);
  const config: AuthConfig = { ...CONFIG, algorithm: 'ES256', jwksUrl: 'http://127.0.0.1:9/' };
  const authenticator = await createAuthenticator(config, [SECRET], clock, { warn: (message) => void warnings.push(message) });
  assert.equal(warnings.length, 1);
  clock.advance(61);
  await assertRefused(authenticator, await (await signer('ES256', 'k')).sign(), 'no keys');
  assert.equal(warnings.length, 2);
});

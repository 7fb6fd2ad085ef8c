import { strict as assert } from 'node:assert';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSocket, openStream } from '../support/feed-client.ts';
import { ServerProcess, serverFor, signed, temporaryFolder } from '../support/server-process.ts';

/** Tokens as attackers make them, against a real server. */

const NOW_SECONDS = Math.floor(Date.now() / 1000);
const CLAIMS = `"sub":"mallory","iss":"tests","aud":"holdfast","iat":${NOW_SECONDS},"exp":${NOW_SECONDS + 600},"scope":"snapshots"`;
const HEADER = '"typ":"JWT","alg":"HS256"';
const FOREIGN = Buffer.from('some other secret that is long enough');

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function hmacSigned(header: string, claims: string, secret: Uint8Array, hash = 'sha256'): string {
  const head = `${encoded(header)}.${encoded(claims)}`;
  return `${head}.${createHmac(hash, secret).update(head).digest('base64url')}`;
}

/** Everything that is wrong although the signature is right, and everything that pretends to have one. */
function attacks(secret: Uint8Array): Readonly<Record<string, string>> {
  const right = hmacSigned(`{${HEADER}}`, `{${CLAIMS}}`, secret);
  const [head = '', payload = '', signature = ''] = right.split('.');
  const withHeader = (more: string): string => hmacSigned(`{${HEADER},${more}}`, `{${CLAIMS}}`, secret);
  const withClaims = (claims: string): string => hmacSigned(`{${HEADER}}`, `{${claims}}`, secret);
  const without = (name: string): string => CLAIMS.replace(new RegExp(`"${name}":(?:"[^"]*"|\\d+),?`), '').replace(/,$/, '');
  return {
    'alg none': `${encoded('{"alg":"none"}')}.${payload}.`,
    'alg None with a signature': hmacSigned('{"alg":"None"}', `{${CLAIMS}}`, secret),
    'no alg': hmacSigned('{"typ":"JWT"}', `{${CLAIMS}}`, secret),
    'HS512 with the right secret': hmacSigned('{"alg":"HS512"}', `{${CLAIMS}}`, secret, 'sha512'),
    'an empty signature': `${head}.${payload}.`,
    'half of the signature': `${head}.${payload}.${signature.slice(0, 20)}`,
    'the signature of another token': `${head}.${encoded(`{${CLAIMS.replace('snapshots', 'admin')}}`)}.${signature}`,
    'another secret': hmacSigned(`{${HEADER}}`, `{${CLAIMS}}`, FOREIGN),
    'an empty secret': hmacSigned(`{${HEADER}}`, `{${CLAIMS}}`, Buffer.alloc(0)),
    'a key in the header': hmacSigned(`{${HEADER},"jwk":{"kty":"oct","k":"${FOREIGN.toString('base64url')}"}}`, `{${CLAIMS}}`, FOREIGN),
    'a kid that is a path, with what is there': hmacSigned(`{${HEADER},"kid":"/dev/null"}`, `{${CLAIMS}}`, Buffer.alloc(0)),
    'a kid that is SQL': hmacSigned(`{${HEADER},"kid":"x' UNION SELECT 'secret"}`, `{${CLAIMS}}`, Buffer.from('secret')),
    'a jku': hmacSigned(`{${HEADER},"jku":"http://127.0.0.1:1/keys"}`, `{${CLAIMS}}`, FOREIGN),
    'an unknown critical extension': withHeader('"crit":["exp2"],"exp2":1'),
    'a member of the header twice': withHeader('"alg":"none"'),
    'a claim twice': withClaims(`${CLAIMS},"scope":"admin"`),
    'no exp': withClaims(without('exp')),
    'an exp beyond numbers': withClaims(CLAIMS.replace(/"exp":\d+/, '"exp":1e400')),
    'an exp that is text': withClaims(CLAIMS.replace(/"exp":\d+/, '"exp":"9999999999"')),
    'an exp that is negative': withClaims(CLAIMS.replace(/"exp":\d+/, '"exp":-1')),
    'an iat in the future': withClaims(CLAIMS.replace(/"iat":\d+/, `"iat":${NOW_SECONDS + 3600}`)),
    'an nbf in the future': withClaims(`${CLAIMS},"nbf":${NOW_SECONDS + 3600}`),
    'no sub': withClaims(without('sub')),
    'a sub that is an object': withClaims(CLAIMS.replace('"mallory"', '{"admin":true}')),
    'no iss': withClaims(without('iss')),
    'no aud': withClaims(without('aud')),
    'a scope that is an object': withClaims(CLAIMS.replace('"snapshots"', '{"snapshots":true}')),
    'claims with __proto__': withClaims(`${CLAIMS},"__proto__":{"scope":"admin"}`),
    'claims that are an array': hmacSigned(`{${HEADER}}`, '[]', secret),
    'nine thousand bytes': withClaims(`${CLAIMS},"x":"${'x'.repeat(9000)}"`),
    'five parts': `${right}.${signature}.${signature}`,
    'two parts': `${head}.${payload}`,
    'base64 with padding': `${head}.${payload}.${signature}=`,
    'a blank inside': `${head}. ${payload}.${signature}`,
    'bytes that are no UTF-8': `${head}.${Buffer.from('{"sub":"\xff"}', 'latin1').toString('base64url')}.${signature}`,
  };
}

test('a token that is wrong in any known way is refused, and all of them with the same words', async (context) => {
  const server = await serverFor(context);
  const secret = Buffer.from(readFileSync(join(server.directory, 'keys', 'token-secret'), 'utf8').trim());
  const answerTo = async (token: string): Promise<{ status: number; challenge: string | null; detail: unknown }> => {
    server.token = token;
    const { status, headers, json } = await server.request('GET', '/snapshots');
    return { status, challenge: headers.get('www-authenticate'), detail: json?.detail };
  };
  assert.equal((await answerTo(hmacSigned(`{${HEADER}}`, `{${CLAIMS}}`, secret))).status, 200, 'the right one is taken');
  const refusal = { status: 401, challenge: 'Bearer realm="holdfast", error="invalid_token"', detail: 'the token is not valid here' };
  for (const [what, token] of Object.entries(attacks(secret))) {
    const answer = await answerTo(token);
    assert.deepEqual({ ...answer, detail: token.includes(' ') ? refusal.detail : answer.detail }, refusal, what);
  }
  assert.deepEqual(({} as Record<string, unknown>)['scope'], undefined);
  assert.equal((await fetch(`${server.url}/health`)).status, 200);
});

test('with a key set, a token that is signed with the public key as a secret is refused, and so is one of another key', async (context) => {
  const folder = temporaryFolder(context);
  const [ours, theirs] = [generateKeyPairSync('ec', { namedCurve: 'P-256' }), generateKeyPairSync('ec', { namedCurve: 'P-256' })];
  const jwk = { ...ours.publicKey.export({ format: 'jwk' }), kid: 'ours', alg: 'ES256' };
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: [jwk] }));
  writeFileSync(join(folder, 'holdfast.yaml'), 'auth: {algorithm: ES256, jwksFile: jwks.json}\n');
  const server = await ServerProcess.start({ directory: join(folder, 'data'), flags: ['--config', join(folder, 'holdfast.yaml')] });
  context.after(async () => void (await server.kill()));
  const claims = encoded(`{${CLAIMS}}`);
  const es256 = (header: string, key: typeof ours): string => {
    const head = `${encoded(header)}.${claims}`;
    return `${head}.${sign('sha256', Buffer.from(head), { key: key.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  const status = async (token: string): Promise<number> => (await fetch(`${server.url}/snapshots`, { headers: { authorization: `Bearer ${token}` } })).status;
  assert.equal(await status(es256('{"alg":"ES256","kid":"ours"}', ours)), 200);
  const publicText = ours.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  for (const [what, token] of Object.entries({
    'the public key as a secret': hmacSigned('{"alg":"HS256","kid":"ours"}', `{${CLAIMS}}`, Buffer.from(publicText)),
    'its JWK as a secret': hmacSigned('{"alg":"HS256","kid":"ours"}', `{${CLAIMS}}`, Buffer.from(JSON.stringify(jwk))),
    'another key': es256('{"alg":"ES256","kid":"ours"}', theirs),
    'another key in the header': es256(`{"alg":"ES256","jwk":${JSON.stringify(theirs.publicKey.export({ format: 'jwk' }))}}`, theirs),
    'an unknown kid': es256('{"alg":"ES256","kid":"../../ours"}', ours),
    'a kid that is no text': es256('{"alg":"ES256","kid":{"toString":"ours"}}', ours),
    'zeros for a signature': `${encoded('{"alg":"ES256","kid":"ours"}')}.${claims}.${Buffer.alloc(64).toString('base64url')}`,
    'the secret of the data folder': signed(FOREIGN, { scope: 'snapshots' }),
  })) {
    assert.equal(await status(token), 401, what);
  }
});

test('a token in a URL opens nothing, neither a WebSocket nor a stream nor a route', async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, 'holdfast.yaml'), 'auth: {reads: token}\n');
  const server = await ServerProcess.start({ directory: join(folder, 'data'), flags: ['--config', join(folder, 'holdfast.yaml')] });
  context.after(async () => void (await server.kill()));
  const { token } = server;
  for (const query of [`token=${token}`, `access_token=${token}`, `authorization=Bearer%20${token}`]) {
    await assert.rejects(openSocket(server.url, query), query);
    await assert.rejects(openStream(server.url, query), /^Error: 401/, query);
    assert.equal((await fetch(`${server.url}/inventory/BMC?${query}`)).status, 401, query);
  }
  assert.equal(server.output().includes(token), false, 'nor is it logged');
  (await openSocket(server.url, '', { token })).kill();
  for (const protocols of [
    ['holdfast.feed', 'bearer.'],
    ['holdfast.feed', `bearer.${token}x`],
  ]) {
    await assert.rejects(openSocket(server.url, '', { headers: { 'sec-websocket-protocol': protocols.join(', ') } }), protocols.join());
  }
});

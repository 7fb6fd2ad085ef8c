import type { TestContext } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { done } from '../../src/faults.ts';
import type { Authenticator } from '../../src/http/auth.ts';
import { createDigest } from '../../src/http/digest.ts';
import type { Exchange } from '../../src/http/exchange.ts';
import type { FrontOptions } from '../../src/http/front.ts';
import type { Call, Route } from '../../src/http/route.ts';
import { systemRandom } from '../../src/random.ts';
import { AUTHENTICATOR, type Rig, startRig, undescribed } from './front-rig.ts';

/** A front with HTTP Digest, and routes that are as NodeAgent2's but only say what they were called with. */

/** Echoes what it was called with. */
async function echo(exchange: Exchange, { endpoint, id, caller }: Call): Promise<void> {
  const read = (await exchange.body?.readAll(16_000_000)) ?? done(Buffer.alloc(0));
  if (!read.ok) return exchange.fail(read.fault);
  const body = JSON.stringify({ endpoint, id, subject: caller?.subject, bytes: read.value.length });
  exchange.reply({ status: 200, headers: [['Content-Type', 'application/json']], body });
}

export const ROUTES: readonly Route[] = [
  { method: 'POST', path: '/join/{endpoint}', access: 'reservations', about: undescribed('join', ['a']), parameters: ['a'], isAgentCall: true, handler: echo },
  { method: 'POST', path: '/leave/{endpoint}/{id}', access: 'reservations', about: undescribed('leave'), parameters: [], isAgentCall: true, handler: echo },
  { method: 'GET', path: '/status/{endpoint}/{id}', access: 'reservations', about: undescribed('status'), parameters: [], isAgentCall: true, handler: echo },
  { method: 'GET', path: '/reservations/{endpoint}/{id}', access: 'reservations', about: undescribed('reservation'), parameters: [], handler: echo },
  { method: 'POST', path: '/reservations/{endpoint}/{id}/renew', access: 'admin', about: undescribed('renew'), parameters: [], handler: echo },
];

/** As the rig's, with tokens for reservations and for administrators. */
const TOKENS: Authenticator = {
  authenticate(authorization) {
    if (authorization === 'Bearer reservations') return done({ subject: 'robot', scopes: new Set(['reservations']) });
    if (authorization === 'Bearer admin') return done({ subject: 'chief', scopes: new Set(['admin']) });
    return AUTHENTICATOR.authenticate(authorization);
  },
};

/** The password is `pass`. */
export const newDigest = (nonceLifetimeMs = 300_000): ReturnType<typeof createDigest> =>
  createDigest({ password: 'pass', md5: true, nonceLifetimeMs, clock: systemClock, random: systemRandom() });

export function startAgentRig(context: TestContext, options: Partial<FrontOptions> = {}): Promise<Rig> {
  return startRig(context, { digest: newDigest(), authenticator: TOKENS, moreRoutes: ROUTES, ...options });
}

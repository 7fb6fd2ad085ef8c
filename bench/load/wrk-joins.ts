import { hash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIGEST_REALM, DIGEST_USER, digestHa1 } from '../../src/http/digest.ts';
import { type AgentServer, PASSWORD } from '../agent-server.ts';
import { Child, hasCommand } from '../children.ts';
import { call } from '../http.ts';
import type { Site } from '../site.ts';
import { BODY } from './digest-joins.ts';
import { type JoinLoad, runJoins } from './joins.ts';

/**
 * Joins from `wrk`, for the figure that asks how many there can be: it takes a third of the processor time that our own
 * generator takes for each, and both share the machine with the server. All connections count one nonce up, as a client
 * with many connections does; what they answer to it is worked out before the load begins.
 */

export interface JoinsLoaded {
  readonly joins: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** More than a bare server takes in a second are begun anew: that one does not look at credentials. */
const PER_SECOND_MAX = 25_000;
const RESPONSE_CHARACTERS = 32;
const CNONCE = '0123456789abcdef';

/** From `wrk` where that is installed, else from our own generator. @throws when a join failed: a figure of failures means nothing. */
export async function loadJoins(site: Site, server: Pick<AgentServer, 'port'>, load: JoinLoad & { readonly seconds: number }): Promise<JoinsLoaded> {
  if (hasCommand('wrk')) return wrkJoins(site, server, load);
  const { samples, ...rest } = await runJoins(site, server, load);
  return { joins: samples.length, ...rest };
}

async function wrkJoins(
  site: Site,
  { port }: Pick<AgentServer, 'port'>,
  { endpoint, connections, seconds }: JoinLoad & { readonly seconds: number },
): Promise<JoinsLoaded> {
  const uri = `/join/${endpoint}`;
  const { headers } = await call(port, { method: 'POST', path: uri, headers: { 'Content-Type': 'application/json' } });
  const challenge = String(headers['www-authenticate'] ?? '');
  const value = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(challenge)?.[1] ?? 'none';
  const nonce = value('nonce');
  const ha1 = digestHa1('MD5', DIGEST_USER, DIGEST_REALM, PASSWORD);
  const ha2 = hash('md5', `POST:${uri}`);
  // It knows whole seconds only.
  const wholeSeconds = Math.ceil(seconds);
  const responses = Array.from({ length: PER_SECOND_MAX * wholeSeconds }, (_, index) =>
    hash('md5', `${ha1}:${nonce}:${(index + 1).toString(16).padStart(8, '0')}:${CNONCE}:auth:${ha2}`),
  );
  const begin =
    `POST ${uri} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(BODY)}\r\n` +
    `Authorization: Digest username="${DIGEST_USER}", realm="${DIGEST_REALM}", nonce="${nonce}", uri="${uri}", ` +
    `algorithm=MD5, qop=auth, cnonce="${CNONCE}", opaque="${value('opaque')}", nc=`;
  const files = { script: SCRIPT, begin, responses: responses.join(''), end: `"\r\n\r\n${BODY}` };
  const paths = Object.entries(files).map(([name, text]) => {
    const path = join(site.scratch, `joins-${name}`);
    writeFileSync(path, text);
    return path;
  });
  const [script = '', ...inputs] = paths;
  const child = new Child('wrk', ['-t1', `-c${connections}`, `-d${wholeSeconds}s`, '-s', script, `http://127.0.0.1:${port}`, '--', ...inputs]);
  const output = await child.output();
  for (const path of paths) rmSync(path);
  const { errors, ...loaded } = JSON.parse(output.slice(output.indexOf('{'))) as JoinsLoaded & { readonly errors: number };
  if (errors > 0) throw new Error(`${errors} of ${loaded.joins} joins failed`);
  return loaded;
}

const SCRIPT = `
local first, last, responses
local sent = 0

local function text(path)
  local file = assert(io.open(path, "rb"))
  local whole = file:read("*a")
  file:close()
  return whole
end

function init(args)
  first, responses, last = text(args[1]), text(args[2]), text(args[3])
end

function request()
  local at = sent * ${RESPONSE_CHARACTERS} % #responses
  sent = sent + 1
  return first .. string.format("%08x", sent) .. ', response="' .. responses:sub(at + 1, at + ${RESPONSE_CHARACTERS}) .. last
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('{"joins":%d,"perSecond":%f,"p50Ms":%f,"p99Ms":%f,"errors":%d}\\n',
    summary.requests, summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failed))
end
`;

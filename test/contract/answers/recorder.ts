import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Operation, SeenAnswer } from '../../support/described.ts';
import { nowhere, PROBES, Site } from '../../support/described-site.ts';
import { normal } from './normal.ts';
import { RAW_REQUESTS } from './raw-requests.ts';

/**
 * A program that has a server answer the same requests in the same order each time, and prints the answers as they came over
 * the wire, heads included, but for what no two servers say alike. Whether the server has front threads the environment says.
 */

/** Statuses that take their time, and say nothing of how an answer gets to the client. */
const NOT_WAITED_FOR: ReadonlySet<string> = new Set(['join 429', 'query 413', 'query 507', 'removeSnapshot 409', 'removeSnapshot 204', 'restoreSnapshot 409']);
/** Kinds that are served by the same code as those that are asked for. */
const LIKE_OTHERS = /^\/inventory\/(Component|NodeCollection|RedfishEndpoint)\b/;
/** All are asked at once, so that this is waited for once. An answer may come in parts, between which a busy machine does something else. */
const QUIET_MS = 2500;
/** Some are never answered: the library waits for more. */
const ANSWER_LIMIT_MS = 3000;

interface Head {
  readonly request: { readonly method: string; readonly path: string };
  readonly response: { readonly statusCode: number; readonly statusText: string; readonly headers: readonly Buffer[] };
}

const lines: string[] = [];
/** Heads of answers that came since the last look. */
const heads: string[] = [];
subscribe('undici:request:headers', (message) => {
  const { request, response } = message as Head;
  const fields: string[] = [];
  for (let index = 0; index < response.headers.length; index += 2) fields.push(`${response.headers[index]}: ${response.headers[index + 1]}`);
  heads.push(`${request.method} ${request.path} -> ${response.statusCode} ${response.statusText}\n${fields.join('\n')}`);
});

const endings: (() => void | Promise<void>)[] = [];
const site = await Site.start({ after: (end) => void endings.unshift(end) });
heads.length = 0;
const operations = site.description.operations.filter(({ path }) => !LIKE_OTHERS.test(path));

for (const operation of operations) {
  for (const status of Object.keys(operation.about.responses).map(Number)) {
    const name = `${operation.about.operationId} ${status}`;
    if (!NOT_WAITED_FOR.has(name)) await record(`${operation.title} ${status}`, () => site.produce(operation, status));
  }
}
for (const operation of operations) await probe(operation);
const raws = await Promise.all(Object.entries(RAW_REQUESTS).map(async ([name, bytes]) => [`raw ${name}`, await raw(bytes)] as const));
for (const [name, text] of raws) print(name, text);
for (const end of endings) await end();
process.stdout.write(`${lines.join('\n')}\n`, () => process.exit(0));

/** What is wrong with most of these requests is refused in many places. */
async function probe(operation: Operation): Promise<void> {
  const isEndless = operation.about.operationId === 'getFeed';
  const method = isEndless ? 'HEAD' : operation.method.toUpperCase();
  const hasBody = method !== 'GET' && method !== 'HEAD';
  for (const [index, { query = '', body, headers = {} }] of PROBES.entries()) {
    await record(`${operation.title} probe ${index}`, () => site.ask(method, `${nowhere(operation)}${query}`, hasBody ? body : undefined, headers));
  }
  for (const other of ['HEAD', 'OPTIONS', 'BREW']) await record(`${operation.title} as ${other}`, () => site.ask(other, nowhere(operation)));
}

async function record(name: string, produce: () => Promise<SeenAnswer>): Promise<void> {
  let text: string;
  try {
    const answer = await produce();
    const length = answer.headers.get('content-length');
    const isHead = heads.at(-1)?.startsWith('HEAD') === true;
    const isWrong = length !== null && !isHead && Number(length) !== Buffer.byteLength(answer.text);
    text = `${isWrong ? `WRONG LENGTH ${length}\n` : ''}${answer.text}`;
  } catch {
    // Not every status can be produced; the same ones cannot be in both runs.
    text = 'not produced';
  }
  print(name, [...heads.splice(0), text].join('\n'));
}

/** What comes for these bytes until nothing more does, and whether the connection is closed then. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(site.url).port), '127.0.0.1');
  let text = '';
  let quiet: NodeJS.Timeout | undefined;
  const isQuiet = new Promise<void>((resolve) => {
    const again = (ms: number): void => {
      clearTimeout(quiet);
      quiet = setTimeout(resolve, ms);
    };
    again(ANSWER_LIMIT_MS);
    socket.on('data', (part) => {
      text += part.toString('latin1');
      again(QUIET_MS);
    });
  });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').then(() => true);
  socket.write(bytes, 'latin1');
  const isClosed = await Promise.race([closed, isQuiet.then(() => false)]);
  clearTimeout(quiet);
  socket.destroy();
  return `${text}\n${isClosed ? 'closed' : 'open'}`;
}

function print(name: string, text: string): void {
  lines.push(JSON.stringify([name, normal(text)]));
}

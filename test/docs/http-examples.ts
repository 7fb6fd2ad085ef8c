import assert from 'node:assert/strict';
import type { Answer } from '../support/server-process.ts';
import { assertAlike } from './likeness.ts';
import type { Block } from './markdown.ts';

/** Sends the `http` blocks of a page that are requests, and compares the answers with the blocks that are answers. */

/** The part of a server that is asked. */
export interface Asked {
  /** Sent with every request; `''` for none. */
  token: string;
  request(method: string, path: string, body: string | undefined, headers: Readonly<Record<string, string>>): Promise<Answer>;
}

/** A request without an answer block has to succeed. A request block marked `no-token` goes without one. */
export async function runHttpExamples(page: string, blocks: readonly Block[], server: Asked): Promise<number> {
  const examples = blocks.filter(({ language }) => language === 'http');
  const { token } = server;
  let answer: Answer | undefined;
  let requests = 0;
  for (const [index, block] of examples.entries()) {
    const at = `${page}, line ${block.line}`;
    const { first, headers, body } = partsOf(block.text);
    if (first.startsWith('HTTP/')) {
      assert.ok(answer !== undefined, `${at}: an answer without a request`);
      compare(at, answer, first, headers, body);
      continue;
    }
    const [method = '', path = ''] = first.split(' ');
    server.token = block.remark === 'no-token' ? '' : token;
    answer = await server.request(method, path, body === '' ? undefined : body, headers);
    server.token = token;
    requests += 1;
    const isAnswered = examples[index + 1]?.text.startsWith('HTTP/') === true;
    assert.ok(isAnswered || answer.status < 300, `${at}: ${answer.status} ${answer.text}`);
  }
  return requests;
}

function compare(at: string, answer: Answer, statusLine: string, headers: Readonly<Record<string, string>>, body: string): void {
  assert.equal(`HTTP/1.1 ${answer.status}`, statusLine.split(' ').slice(0, 2).join(' '), `${at}: ${answer.text}`);
  for (const [name, value] of Object.entries(headers)) assertAlike(answer.headers.get(name) ?? `(no ${name})`, value, `${at}, ${name}`);
  if (body !== '') assertAlike(answer.text, body, at);
}

function partsOf(text: string): { first: string; headers: Readonly<Record<string, string>>; body: string } {
  const [head = '', ...rest] = text.split('\n\n');
  const [first = '', ...lines] = head.split('\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { first, headers, body: rest.join('\n\n') };
}

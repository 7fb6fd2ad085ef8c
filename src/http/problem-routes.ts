import { FAULT_TEXTS } from '../fault-texts.ts';
import { FAULTS, type FaultCode } from '../faults.ts';
import type { Exchange } from './exchange.ts';
import { prefersHtml } from './media-type.ts';
import { PROBLEM_ABOUT } from './openapi/about-server.ts';
import { type Prepared, prepared, replyPrepared } from './prepared.ts';
import type { Route } from './route.ts';

/** Where the `type` of every problem leads: what it means, and what to do. */
export function problemRoutes(): readonly Route[] {
  const codes = Object.keys(FAULTS) as readonly FaultCode[];
  const pages = new Map(codes.map((code) => [code as string, pageOf(`Problem: ${code}`, meaningOf(code), [code])]));
  const all = pageOf('Problems', codes.map(meaningOf), codes);
  return [
    { method: 'GET', path: '/problems', access: 'public', about: PROBLEM_ABOUT.list, parameters: [], handler: (exchange) => reply(exchange, all) },
    {
      method: 'GET',
      path: '/problems/{name}',
      access: 'public',
      about: PROBLEM_ABOUT.one,
      parameters: [],
      handler(exchange, { name }) {
        const page = pages.get(name);
        if (page === undefined) exchange.fail({ code: 'not-found', detail: 'there is no such problem; /problems lists them' });
        else reply(exchange, page);
      },
    },
  ];
}

interface Page {
  readonly json: Prepared;
  readonly html: Prepared;
}

/** What is sent depends on `Accept`, which caches have to know. */
const VARY = ['Vary', 'Accept'] as const;
/** There is nothing in these pages to run or to load. */
const NOTHING_ACTIVE = ['Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'"] as const;

function reply(exchange: Exchange, { json, html }: Page): void {
  replyPrepared(exchange, prefersHtml(exchange.head.headers.accept) ? html : json);
}

function meaningOf(code: FaultCode): object {
  const { status, title, retryable } = FAULTS[code];
  return { code, type: `/problems/${code}`, title, status, retryable, ...FAULT_TEXTS[code] };
}

function pageOf(title: string, json: unknown, codes: readonly FaultCode[]): Page {
  const html = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${title}</title>
<style>body{font:1em/1.5 sans-serif;max-width:45em;margin:2em auto;padding:0 1em}</style>
<h1>${title}</h1>
${codes.map(sectionOf).join('\n')}
<p><a href="/problems">All problems</a></p></html>
`;
  return { json: prepared('application/json', JSON.stringify(json), [VARY]), html: prepared('text/html; charset=utf-8', html, [VARY, NOTHING_ACTIVE]) };
}

function sectionOf(code: FaultCode): string {
  const { status, title, retryable } = FAULTS[code];
  const { meaning, remedy } = FAULT_TEXTS[code];
  const passes = retryable ? ' It passes by itself: the same request may be sent again.' : '';
  return `<h2 id="${code}"><a href="/problems/${code}">${code}</a> (${status})</h2>
<p><strong>${escaped(title)}.</strong> ${marked(meaning)}${passes}</p><p>${marked(remedy)}</p>`;
}

function marked(text: string): string {
  return escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

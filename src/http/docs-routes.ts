import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DOCS_PAGE, DOCS_SCRIPT } from './docs-page.ts';
import { DOCS_ABOUT } from './openapi/about-server.ts';
import { type Prepared, prepared, replyPrepared } from './prepared.ts';
import type { Headers } from './reply.ts';
import type { Route } from './route.ts';

/**
 * `GET /docs`: the description of the API as a page, by Swagger UI from its installed package. The page may load from this
 * server only, and is told so to the browser.
 */

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** The files of the package that the page needs, with their types. */
const PACKAGE_FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': SCRIPT,
  'favicon-32x32.png': 'image/png',
};

/** Swagger UI has its icons in `data:` URLs. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Browsers ask each time whether it is still the same: an upgrade shows at once. */
const ASK: readonly [string, string] = ['Cache-Control', 'no-cache'];

export function docsRoutes(): readonly Route[] {
  const pageHeaders: Headers = [ASK, ['Content-Security-Policy', CONTENT_SECURITY_POLICY], ['Referrer-Policy', 'no-referrer']];
  const page = prepared(HTML, DOCS_PAGE, pageHeaders);
  const files = new Map([['start.js', prepared(SCRIPT, DOCS_SCRIPT, [ASK])]]);
  return [
    { method: 'GET', path: '/docs', access: 'public', about: DOCS_ABOUT.page, parameters: [], handler: (exchange) => replyPrepared(exchange, page) },
    {
      method: 'GET',
      path: '/docs/{name}',
      access: 'public',
      about: DOCS_ABOUT.file,
      parameters: [],
      handler(exchange, { name }) {
        const file = files.get(name) ?? packageFile(name);
        if (file === undefined) return exchange.fail({ code: 'not-found', detail: 'the page has no such file' });
        files.set(name, file);
        replyPrepared(exchange, file);
      },
    },
  ];
}

/** Read when it is first asked for: most servers are never looked at by a browser. */
function packageFile(name: string): Prepared | undefined {
  const type = Object.hasOwn(PACKAGE_FILES, name) ? PACKAGE_FILES[name] : undefined;
  if (type === undefined) return undefined;
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  return prepared(type, readFileSync(join(folder, name)), [ASK]);
}

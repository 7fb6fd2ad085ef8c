import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BrowserPage, hasBrowser } from '../support/browser.ts';
import { ServerProcess, serverFor, temporaryFolder, tokenFor } from '../support/server-process.ts';

/** The page of the description, as a browser sees it. */

const WITHOUT = hasBrowser() ? false : 'there is no /usr/bin/chromium here, so no browser looked at the page';

/** One browser for both tests: it takes longer to start than they do. */
let page: BrowserPage;
const endings: (() => void | Promise<void>)[] = [];
before(async () => {
  if (WITHOUT === false) page = await BrowserPage.open({ after: (end) => void endings.unshift(end) });
});
after(async () => {
  for (const end of endings) await end();
});

test('the page shows every operation, tries one out, and asks nobody but its own server', { skip: WITHOUT }, async (context) => {
  const server = await serverFor(context);
  const created = await server.request('POST', '/inventory/ComputeNode', { hostname: 'seen-in-the-browser', architecture: 'x86_64' });
  assert.equal(created.status, 201);
  const { json } = await server.request('GET', '/openapi.json');
  const methods = ['get', 'put', 'post', 'patch', 'delete'];
  const operations = Object.values(json.paths as Record<string, object>).flatMap((item) => Object.keys(item).filter((key) => methods.includes(key)));

  await page.navigate(`${server.url}/docs`);
  await page.until(`document.querySelectorAll('.opblock').length === ${operations.length}`);
  const shown = (await page.evaluate(`[...document.querySelectorAll('.opblock-summary-path')].map((element) => element.dataset.path)`)) as string[];
  for (const path of Object.keys(json.paths)) assert.ok(shown.includes(path), path);

  const block = `document.querySelector('#operations-ComputeNode-listComputeNode')`;
  await page.evaluate(`${block}.querySelector('.opblock-summary-control').click()`);
  await page.until(`${block}.querySelector('.try-out__btn')`);
  await page.evaluate(`${block}.querySelector('.try-out__btn').click()`);
  await page.until(`${block}.querySelector('.execute')`);
  await page.evaluate(`${block}.querySelector('.execute').click()`);
  await page.until(`${block}.querySelector('.live-responses-table .response-col_status')`);
  const [status, body] = (await page.evaluate(
    `['.response-col_status', '.response-col_description'].map((part) => ${block}.querySelector('.live-responses-table .response ' + part).textContent)`,
  )) as [string, string];
  assert.match(status, /^200/);
  assert.match(body, /seen-in-the-browser/);

  assert.ok(page.requests().includes(`${server.url}/inventory/ComputeNode`), page.requests().join('\n'));
  for (const url of page.requests()) assert.ok(url.startsWith(`${server.url}/`), `the page asked for ${url}`);
  assert.deepEqual(page.complaints(), []);
});

test('where reading needs a token the page asks for it, and uses it', { skip: WITHOUT }, async (context) => {
  const folder = temporaryFolder(context);
  const config = join(folder, 'holdfast.yaml');
  writeFileSync(config, 'auth: {reads: token}\n');
  const directory = join(folder, 'data');
  const server = await ServerProcess.start({ directory, flags: ['--config', config] });
  context.after(async () => void (await server.kill()));

  page.answerPrompts(tokenFor(directory, ['inventory:read']));
  await page.navigate(`${server.url}/docs`);
  await page.until(`document.querySelectorAll('.opblock').length > 50`);
  const authorised = await page.evaluate(`document.querySelector('.auth-wrapper .authorize') !== null`);
  assert.equal(authorised, true);
});

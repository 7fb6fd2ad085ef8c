import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../../src/client/client.ts';
import { temporaryFolder } from '../support/server-process.ts';

test('a certificate is believed when its authority is named, and nothing is sent when it is not', async (context) => {
  const folder = temporaryFolder(context);
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const words = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1'.split(' ');
  if (spawnSync('openssl', [...words, '-keyout', key, '-out', cert]).status !== 0) return context.skip('openssl does not run here');
  let requests = 0;
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) => {
    requests += 1;
    response.end('{"name":"r1"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => void server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

  await using trusting = new Client({ url, tls: { ca: readFileSync(cert) } });
  assert.deepEqual(await trusting.kind('Rack').get('r1'), { name: 'r1' });
  await using careful = new Client({ url, token: 'very-secret', retry: { retriesMax: 0 } });
  await assert.rejects(careful.kind('Rack').create({}), { code: 'unreachable' });
  assert.equal(requests, 1);
});

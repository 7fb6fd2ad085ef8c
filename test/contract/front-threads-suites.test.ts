import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/package-root.ts';

/** Tests that are there for one thread, run once more with two front threads: it has to be the same server. */

interface Suite {
  readonly about: string;
  readonly file: string;
  /** Only these of its tests, by a part of their names; the others take long, or say nothing of threads. */
  readonly only?: readonly string[];
}

const SUITES: readonly Suite[] = [
  { about: 'the contract of the inventory', file: 'contract/inventory.test.js' },
  {
    about: 'requests on the wire',
    file: 'http/wire.test.js',
    only: ['nothing behind it runs', 'refused at once', 'that nobody reads', 'byte by byte', 'a bulk that stalls', 'answers in time'],
  },
  {
    // How many connections an address has is known about when there are threads: of a limit of three a fourth one may get in.
    about: 'shares and limits of clients',
    file: 'torture/network/limits.test.js',
    only: [
      'beyond the total',
      'trusted proxy',
      'in flight gets',
      'requests per second',
      'of the past',
      'of the queries',
      'bad tokens',
      'bulks of one',
      'a Host that',
    ],
  },
  {
    about: 'slow and sleeping subscribers',
    file: 'http/feed.test.js',
    only: ['reads slowly gets everything', 'what a stream could not take', 'whatever a client sends'],
  },
  { about: 'certificates', file: 'http/tls.test.js' },
  {
    about: 'floods',
    file: 'torture/network/hostile.test.js',
    only: ['thousands of connections', 'who asks for large lists', 'thousands of requests in one piece', 'a share of the feed', 'sends pings'],
  },
];

for (const { about, file, only = [] } of SUITES) {
  test(`with two front threads: ${about}`, { timeout: 120_000 }, async () => {
    const environment = { ...process.env, HOLDFAST_HTTP_THREADS: '2' };
    // So that it runs as it would by itself, and not as a part of this run.
    Reflect.deleteProperty(environment, 'NODE_TEST_CONTEXT');
    const flags = ['--enable-source-maps', '--test-reporter=spec', ...only.map((part) => `--test-name-pattern=${part}`)];
    const child = spawn(process.execPath, [...flags, join(packageRoot(), 'dist', 'test', file)], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 0, output);
    const passed = Number(/pass (\d+)/.exec(output)?.[1]);
    assert.ok(passed >= Math.max(1, only.length), `${passed} tests are meant by ${only.length} names`);
  });
}

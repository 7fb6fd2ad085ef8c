import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/package-root.ts';
import { readPage } from '../docs/markdown.ts';
import { temporaryFolder } from '../support/server-process.ts';
import { substrateFor } from '../support/substrate.ts';
import { holdfast, type Ran, temporary } from './running.ts';

const ENTRY = join(packageRoot(), 'dist', 'src', 'cli', 'holdfast.js');

test('plugin new writes a plugin that passes its own test and the conformance kit, in threads and in processes', async (context) => {
  const directory = temporaryFolder(context);
  const made = await holdfast(['plugin', 'new', 'My Plugin'], { directory });
  assert.equal(made.code, 0, made.stderr);
  const folder = join(directory, 'My Plugin');
  assert.deepEqual(readdirSync(folder).sort(), ['README.md', 'package.json', 'plugin.js', 'plugin.test.js']);
  assert.equal(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name, 'my-plugin');

  const own = spawnSync(process.execPath, ['--test'], { cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'] } });
  assert.equal(own.status, 0, own.stdout);
  for (const isolation of ['thread', 'process']) {
    const substrate = join(directory, isolation);
    const ran = await holdfast(['plugin', 'test', 'My Plugin', '--property', `folder=${substrate}`, '--isolation', isolation], { directory });
    assert.equal(ran.code, 0, `${ran.stdout}${ran.stderr}`);
    assert.deepEqual(failed(ran), []);
    assert.doesNotMatch(ran.stdout, /^skip/m);
    assert.deepEqual(readdirSync(substrate), [], 'the kit leaves nothing behind');
  }
});

test('the skeleton fits the types that holdfast/plugin publishes', (context) => {
  const folder = temporaryFolder(context);
  assert.equal(spawnSync(process.execPath, [ENTRY, 'plugin', 'new', join(folder, 'typed')]).status, 0);
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(packageRoot(), join(folder, 'node_modules', 'holdfast'));
  const types = join(packageRoot(), 'node_modules', '@types');
  const settings = ['--ignoreConfig', '--noEmit', '--allowJs', '--checkJs', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023'];
  const words = [...settings, '--types', 'node', '--typeRoots', types, join(folder, 'typed', 'plugin.js'), join(folder, 'typed', 'plugin.test.js')];
  const { status, stdout } = spawnSync(process.execPath, [join(packageRoot(), 'node_modules', 'typescript', 'bin', 'tsc'), ...words], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});

test('plugin new leaves a folder alone that has something in it', async () => {
  const directory = temporary();
  writeFileSync(join(directory, 'mine'), 'x');
  const ran = await holdfast(['plugin', 'new', directory]);
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /not empty/);
  assert.deepEqual(readdirSync(directory), ['mine']);
});

test('the built-in plugins pass the conformance kit, the simulator also with break/make renewals', async (context) => {
  const script = scriptedSubstrate(temporaryFolder(context));
  const substrate = await substrateFor(context);
  substrate.behave({ breakMake: true, operations: { status: { delayMs: 80 } } });
  const scripts = ['join', 'leave', 'modify', 'renew', 'status'].flatMap((operation) => ['--property', `exec.${operation}=${script} ${operation}`]);
  const [nothing, exec, simulator] = await Promise.all([
    holdfast(['plugin', 'test', 'null']),
    holdfast(['plugin', 'test', 'exec', ...scripts]),
    holdfast(['plugin', 'test', 'simulator', '--property', `simulator.url=${substrate.url}`]),
  ]);
  for (const ran of [nothing, exec, simulator]) {
    assert.deepEqual(failed(ran), []);
    assert.equal(ran.code, 0, `${ran.stdout}${ran.stderr}`);
  }
  assert.match(simulator.stdout, /renew works again with what the last one returned \(it handed on new properties, and they work\)/);
  assert.doesNotMatch(simulator.stdout, /too quick/);
  assert.equal(substrate.ledger.states().provisioned, 0, 'the kit leaves nothing behind');
  assert.deepEqual(substrate.ledger.calls.violations().violations, []);
});

test('the example of the page passes the conformance kit', async (context) => {
  const example = readPage('docs/plugins.md').blocks.find(({ language }) => language === 'js');
  assert.ok(example !== undefined);
  const file = join(temporaryFolder(context), 'example.mjs');
  writeFileSync(file, example.text);
  const substrate = await substrateFor(context);
  substrate.behave({ breakMake: true });
  const ran = await holdfast(['plugin', 'test', file, '--property', `url=${substrate.url}`]);
  assert.equal(ran.code, 0, `${ran.stdout}${ran.stderr}`);
  assert.equal(substrate.ledger.states().provisioned, 0);
});

test('what is wrong with a plugin is named by the check that finds it', async (context) => {
  const file = join(temporaryFolder(context), 'broken.mjs');
  writeFileSync(file, BROKEN_PLUGIN);
  const cases: readonly (readonly [fault: string, check: RegExp])[] = [
    ['numbers', /^join makes a reservation with an id of its own: .*"size"/],
    ['same-id', /^join makes a reservation with an id of its own: join returned the id the-one, which another/],
    ['changes-id', /^renew works, and keeps the reservation id: renew of \S+ returned the id \S+: an id never changes/],
    ['forgets', /^reservations outlive a restart of the plugin: status returned status 1: forgotten/],
    ['deaf', /^a call whose signal is raised ends, and its thread goes on: .*use context\.signal/],
    ['leave-once', /^leaving what is gone already is no failure: leave threw: gone already/],
    ['blind', /^find finds a join by its operation id: find knows nothing/],
    ['greedy', /^list no longer has what was left: list still has/],
    ['tangled', /^calls at the same time do not disturb each other: /],
  ];
  await inTurns(cases, async ([fault, check]) => {
    const ran = await holdfast(['plugin', 'test', file, '--property', `fault=${fault}`]);
    assert.equal(ran.code, 1, fault);
    assert.ok(
      failed(ran).some((line) => check.test(line)),
      `${fault}:\n${ran.stdout}`,
    );
  });
});

test('a plugin that does not start is told with its file and what it lacks, and nothing more is tried', async (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, 'half.mjs');
  writeFileSync(file, 'export default () => ({ initialize() {}, join() {}, leave() {} });\n');
  const ran = await holdfast(['plugin', 'test', file]);
  assert.equal(ran.code, 1);
  assert.match(ran.stdout, /^FAILED {2}it starts.*half\.mjs.*modify, renew, status\n$/);
  const absent = await holdfast(['plugin', 'test', join(folder, 'absent')]);
  assert.equal(absent.code, 1, absent.stderr);
  assert.match(absent.stdout, /^FAILED {2}it starts.*absent/);
});

test('holdfast simulator runs a substrate until it is told to end', async () => {
  const child = spawn(process.execPath, [ENTRY, 'simulator', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  const told = (await (await fetch(`${url}/ledger`)).json()) as { resources: unknown };
  assert.deepEqual(told.resources, []);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  const refused = await holdfast(['simulator', '--port', 'many']);
  assert.deepEqual([refused.code, refused.stdout], [2, '']);
});

test('wrong options of plugin test are told before anything is tried', async () => {
  for (const words of [
    ['--property', 'novalue'],
    ['--isolation', 'jail'],
    ['--time-limit', 'soon'],
  ]) {
    const ran = await holdfast(['plugin', 'test', 'null', ...words]);
    assert.deepEqual([ran.code, ran.stdout], [2, ''], words.join(' '));
    assert.ok(ran.stderr.includes(words[1] ?? ''), ran.stderr);
  }
});

/** The checks that failed, with their reasons. */
function failed({ stdout }: Ran): readonly string[] {
  return [...stdout.matchAll(/^FAILED {2}(.+)$/gm)].map(([, line = '']) => line);
}

const AT_ONCE = 3;

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
    }),
  );
}

/** A substrate of files, with a script as the exec plugin runs them. */
function scriptedSubstrate(folder: string): string {
  const path = join(folder, 'substrate');
  writeFileSync(
    path,
    `#!/bin/sh
cd "${folder}" || exit 1
case $1 in
  join) file=$(mktemp r.XXXXXXXX) && echo "OK joined until $UNTIL; $file" ;;
  leave) rm -f "$2"; echo "OK; $2" ;;
  *) if [ -e "$2" ]; then echo "OK; $2"; else echo "ERROR there is no $2; $2"; fi ;;
esac
`,
  );
  chmodSync(path, 0o755);
  return path;
}

/** Good but for the fault that its property names. */
const BROKEN_PLUGIN = `
let fault = '';
let joins = 0;
let busy = false;
const known = new Map();
const left = [];
export default () => ({
  initialize(config, properties) { fault = properties.fault; },
  async join(until, callerProperties, { operationId }) {
    if (fault === 'tangled') {
      if (busy) throw new Error('one at a time');
      busy = true;
      await new Promise((resolve) => setTimeout(resolve, 30));
      busy = false;
    }
    joins += 1;
    const reservationId = fault === 'same-id' ? 'the-one' : 'r' + operationId;
    known.set(reservationId, operationId);
    return { status: 0, reservationId, properties: { size: fault === 'numbers' ? 5 : '5' } };
  },
  leave(id) {
    if (fault === 'leave-once' && left.includes(id)) throw new Error('gone already');
    left.push(id);
    return { status: 0 };
  },
  modify: (id) => ({ status: 0 }),
  renew: (id) => ({ status: 0, reservationId: fault === 'changes-id' ? id + '+' : id }),
  status(id, sched, { signal }) {
    if (fault === 'deaf') {
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, 150, { status: 0 });
        signal.addEventListener('abort', () => clearTimeout(timer));
      });
    }
    if (fault === 'forgets' && joins === 0 && known.size === 0) return { status: 1, errorMessage: 'forgotten' };
    return id.startsWith('holdfast-') ? { status: 1 } : { status: 0 };
  },
  find(joinOperationId) {
    return fault === 'blind' ? undefined : { status: 0, reservationId: 'r' + joinOperationId };
  },
  list: () => (fault === 'greedy' ? left : []),
});
`;

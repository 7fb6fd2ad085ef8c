import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { EndpointHost } from '../../src/agent/plugin-host/endpoint-host.ts';
import { openPluginHost } from '../../src/agent/plugin-host/plugin-host.ts';
import type { Room, RoomListener, Rooms } from '../../src/agent/plugin-host/room.ts';
import { resolvePlugin } from '../../src/plugin-host/resolve-plugin.ts';
import type { PluginCall } from '../../src/protocol/plugin-calls.ts';
import { endpointConfig, eventually, faultOf, INSTANCE, ISOLATIONS, type Isolation, propertiesIn, TestLog, withHost } from './plugin-host-rig.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-plugins-'));
after(() => rmSync(directory, { recursive: true, force: true }));

/** Writes files under the test's folder. @returns the path of the first. */
function write(files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return join(directory, Object.keys(files)[0] ?? '');
}

/** A plugin as JavaScript; its join returns the properties that `told` evaluates to. */
function pluginText(told: string, initialize = ''): string {
  const ok = '{ status: 0 }';
  return `({ initialize(config, properties) { this.config = config; this.properties = properties; ${initialize} },
    join() { return { status: 0, reservationId: 'r', properties: ${told} }; }, leave: () => (${ok}), modify: () => (${ok}), renew: () => (${ok}), status: () => (${ok}) })`;
}

const PLAIN = `export default () => ${pluginText('{}')};`;

for (const isolation of ISOLATIONS) describe(`starting a plugin in a ${isolation}`, { concurrency: 4 }, () => suite(isolation));

function suite(isolation: Isolation): void {
  const told = async (changes: Parameters<typeof withHost>[0]): Promise<Readonly<Record<string, string>>> => {
    let properties: Readonly<Record<string, string>> = {};
    await withHost({ isolation, ...changes }, async (host) => {
      properties = propertiesIn(await host.join('anything'));
    });
    return properties;
  };
  const fault = (plugin: string, changes: Parameters<typeof faultOf>[0] = {}): Promise<string> => faultOf({ isolation, plugin, ...changes }, 1500);
  const file = (name: string, text: string): string => write({ [`${isolation}/${name}`]: text });

  test('gives it the text of its config, and its properties', async () => {
    const plugin = file('told.mjs', `export default () => ${pluginText('{ config: String(this.config), ...this.properties }')};`);
    const config = file('config.txt', 'line one\nline ä');
    assert.deepEqual(await told({ plugin, config, properties: { user: 'x' } }), { config: 'line one\nline ä', user: 'x' });
    assert.deepEqual(await told({ plugin, config: `${isolation}/config.txt`, resolveFrom: directory }), { config: 'line one\nline ä' });
    assert.deepEqual(await told({ plugin }), { config: 'undefined' });
  });

  test('says which optional calls it has', async () => {
    for (const [plugin, features] of [
      [file('plain.mjs', PLAIN), { find: false, list: false }],
      [file('finds.mjs', `export default () => Object.assign(${pluginText('{}')}, { find() {}, list: 5 });`), { find: true, list: false }],
    ] as const) {
      const opened = await openPluginHost(endpointConfig({ isolation, plugin }), { instance: INSTANCE, log: new TestLog() });
      assert.ok(opened.ok);
      assert.deepEqual(opened.value.features, features);
      await opened.value.host.close(0);
    }
  });

  test('takes functions, classes, named exports and CommonJS', async () => {
    const is = (kind: string): string => pluginText(`{ is: '${kind}' }`);
    const classText = `class Plugin { constructor() { Object.assign(this, ${is('class')}); } }`;
    for (const [kind, plugin, exportName] of [
      ['named', file('named.mjs', `export const make = () => ${is('named')};`), 'make'],
      ['async', file('async.mjs', `export default async () => ${is('async')};`), 'default'],
      ['class', file('class.mjs', `export default ${classText}`), 'default'],
      ['cjs', file('plain.cjs', `module.exports = () => ${is('cjs')};`), 'default'],
      ['class', file('class.cjs', `${classText}; exports['Plugin'] = Plugin;`), 'Plugin'],
      [
        'compiled',
        file('compiled.cjs', `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = () => ${is('compiled')};`),
        'default',
      ],
    ] as const) {
      assert.deepEqual(await told({ plugin, exportName }), { is: kind });
    }
  });

  test('a module that is missing, broken or no plugin is a fault with a sentence', async () => {
    assert.match(await fault('/nowhere/plugin.js'), /\/nowhere\/plugin\.js does not exist/);
    assert.match(await fault('no-such-package'), /there is no package no-such-package/);
    const broken = file('broken.mjs', 'export default (');
    assert.ok((await fault(broken)).includes(`${broken} cannot be loaded: `));
    assert.match(await fault(file('imports.mjs', `import 'not-installed';${PLAIN}`)), /not-installed/);
    assert.match(await fault(file('throws.mjs', 'throw new Error("no licence")')), /cannot be loaded: no licence/);
    assert.match(await fault(file('exits.mjs', 'process.exit(9)')), /exit code 9/);
    assert.match(await fault(file('object.mjs', 'export default {}')), /its export default is an object; it must be a function or a class/);
    assert.match(await fault(file('other.mjs', PLAIN), { exportName: 'other' }), /its export other is undefined/);
    assert.match(await fault(file('nothing.mjs', 'export default () => undefined')), /made no plugin, but undefined/);
    assert.match(await fault(file('maker.mjs', 'export default () => { throw null }')), /made no plugin: /);
  });

  test('a plugin that lacks functions is a fault that names the file and all of them', async () => {
    const plugin = file('partial.mjs', 'export default () => ({ initialize() {}, join: 5, status() {} });');
    assert.ok((await fault(plugin)).includes(`the plugin of ${plugin} (export default) lacks the functions join, leave, modify, renew`));
  });

  test('an initialize that throws or does not end is a fault with a sentence', async () => {
    assert.match(
      await fault(file('init.mjs', `export default () => ${pluginText('{}', 'throw new Error("no such host")')};`)),
      /initialize failed: no such host/,
    );
    const never = `export default () => Object.assign(${pluginText('{}')}, { initialize: () => new Promise(() => {}) });`;
    assert.match(await fault(file('never.mjs', never)), /was not ready after 1500 ms/);
    assert.match(await fault(file('loops.mjs', `export default () => ${pluginText('{}', 'for (;;);')};`)), /was not ready after 1500 ms/);
    assert.match(await fault(file('exit.mjs', `export default () => ${pluginText('{}', 'process.exit(4)')};`)), /exit code 4/);
  });

  test('a config that cannot be read is a fault with a sentence', async () => {
    const plugin = file('plain.mjs', PLAIN);
    assert.match(await fault(plugin, { config: '/nowhere/config' }), /its config \/nowhere\/config cannot be read: ENOENT/);
    assert.match(await fault(plugin, { config: file('large', 'x'.repeat(1_048_577)) }), /more than 1048576 bytes/);
    assert.match(await fault(plugin, { config: directory }), /EISDIR/);
    writeFileSync(join(directory, `${isolation}/latin`), Buffer.from([0xe4, 0x0a]));
    assert.match(await fault(plugin, { config: join(directory, `${isolation}/latin`) }), /cannot be read/);
  });

  test("its own dependencies win over the server's", async () => {
    // The server has piscina as well, in another version.
    const folder = `${isolation}/own`;
    write({
      [`${folder}/package.json`]: '{"name":"own","version":"1.0.0","type":"module","exports":{"types":"./x.d.ts","import":"./plugin.js"}}',
      [`${folder}/plugin.js`]: `import { version } from 'piscina'; export default () => ${pluginText('{ version }')};`,
      [`${folder}/node_modules/piscina/package.json`]: '{"name":"piscina","version":"0.0.1","main":"main.cjs"}',
      [`${folder}/node_modules/piscina/main.cjs`]: 'exports.version = "0.0.1 of the plugin";',
    });
    assert.deepEqual(await told({ plugin: join(directory, folder) }), { version: '0.0.1 of the plugin' });
  });
}

describe('a plugin that hangs in native code while it starts', { concurrency: 4 }, () => {
  test('is a fault with a sentence after the start limit, and is not started again and again', async () => {
    const starts = join(directory, 'starts.txt');
    writeFileSync(starts, '');
    const hang = "appendFileSync(properties.starts, 'x'); spawnSync('sleep', ['8'], { stdio: 'ignore' });";
    const plugin = write({
      'native.mjs': `import { spawnSync } from 'node:child_process'; import { appendFileSync } from 'node:fs'; export default () => ${pluginText('{}', hang)};`,
    });
    const log = new TestLog();
    const opening = openPluginHost(endpointConfig({ plugin, properties: { starts } }), { instance: INSTANCE, log, startLimitMs: 500 });
    const opened = await Promise.race([opening, new Promise<void>((resolve) => setTimeout(resolve, 7500).unref())]);
    assert.ok(opened !== undefined, 'it does not settle');
    assert.match(opened.ok ? '' : opened.fault.detail, /does not start: it was not ready after 500 ms/);
    assert.equal(log.messages.filter((message) => message === 'a plugin does not start').length, 1);
    assert.equal(readFileSync(starts, 'utf8'), 'x');
  });

  test('is left alone once four of its threads are left behind, until one of them ends', async () => {
    const rooms = new HangingRooms();
    const host = new EndpointHost(endpointConfig(), rooms, { instance: INSTANCE, log: new TestLog(), startLimitMs: 500 });
    rooms.hangs = false;
    assert.ok((await host.open()).ok);
    rooms.hangs = true;
    rooms.end();
    await new Promise((resolve) => setTimeout(resolve, 7500));
    const { started } = rooms;
    assert.ok(started > 4, `${started}`);
    const call: PluginCall = { operation: 'list', operationId: 'op', input: {} };
    const refused = await host.call(call, 1000).ended;
    assert.match(refused.type === 'refused' ? refused.message : refused.type, /threads of the plugin hang and cannot be ended/);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    // Without the limit another would have been started every 500 ms.
    assert.equal(rooms.started, started);
    rooms.hangs = false;
    rooms.endAll();
    await eventually(() => rooms.started > started);
    await host.close(0);
  });
});

/** A thread after the other, as a pool makes them, which start or hang as the test says. */
class HangingRooms implements Rooms {
  hangs = true;
  started = 0;
  readonly #open: Room[] = [];
  readonly #isEnding = new Set<Room>();
  #listener: RoomListener | undefined;
  #isClosed = false;

  open(listener: RoomListener): void {
    this.#listener = listener;
    this.#add();
  }

  close(): void {
    this.#isClosed = true;
    this.hangs = false;
    this.endAll();
  }

  /** The newest. */
  end(): void {
    this.#open.at(-1)?.end();
  }

  endAll(): void {
    for (const room of this.#open.splice(0)) {
      if (this.#isEnding.has(room) || this.#isClosed) this.#listener?.ended(room, 'it was ended');
      else this.#open.push(room);
    }
  }

  #add(): void {
    const room: Room = {
      start: () => {
        this.started += 1;
        return this.hangs ? new Promise(() => undefined) : Promise.resolve({ type: 'started', features: {} });
      },
      run: () => new Promise(() => undefined),
      abort: () => undefined,
      end: () => {
        if (this.#isEnding.has(room)) return;
        this.#isEnding.add(room);
        this.#listener?.ending(room);
        if (!this.#isClosed) this.#add();
      },
    };
    this.#open.push(room);
    this.#listener?.opened(room);
  }
}

describe('the file of a plugin', () => {
  const inPackage = (name: string, files: Readonly<Record<string, string>>): void => {
    write(Object.fromEntries(Object.entries(files).map(([path, text]) => [`site/node_modules/${name}/${path}`, text])));
  };
  const resolved = (plugin: string): string => resolvePlugin(plugin, join(directory, 'site', 'etc', 'deeper')).replace(join(directory, 'site'), '…');

  test('is found by the name of a package, from the folder of the configuration upwards', () => {
    inPackage('with-main', { 'package.json': '{"main":"lib/main"}', 'lib/main.js': '' });
    inPackage('@site/scoped', {
      'package.json': '{"exports":{".":{"node":{"require":"./c.cjs","import":"./i.mjs"},"default":"./d.js"}}}',
      'i.mjs': '',
      'd.js': '',
    });
    inPackage('only-import', { 'package.json': '{"exports":{"import":"./i.mjs"}}', 'i.mjs': '' });
    inPackage('only-require', { 'package.json': '{"exports":{"require":"./c.cjs"}}', 'c.cjs': '' });
    inPackage('text', { 'package.json': '{"exports":"./e.js","main":"./m.js"}', 'e.js': '' });
    inPackage('plain', { 'package.json': '{}', 'index.js': '', 'sub/other.js': '' });
    assert.equal(resolved('with-main'), '…/node_modules/with-main/lib/main.js');
    assert.equal(resolved('@site/scoped'), '…/node_modules/@site/scoped/i.mjs');
    assert.equal(resolved('only-import'), '…/node_modules/only-import/i.mjs');
    assert.equal(resolved('only-require'), '…/node_modules/only-require/c.cjs');
    assert.equal(resolved('text'), '…/node_modules/text/e.js');
    assert.equal(resolved('plain'), '…/node_modules/plain/index.js');
    assert.equal(resolved('plain/sub/other.js'), '…/node_modules/plain/sub/other.js');
  });

  test('is a built-in one by its name, even where a package has that name too', () => {
    inPackage('null', { 'package.json': '{}', 'index.js': '' });
    assert.match(resolved('null'), /plugins\/null\/null\.js$/);
    assert.match(resolved('exec'), /plugins\/exec\/exec\.js$/);
  });

  test('that package.json promises and that is not there is told', () => {
    inPackage('hollow', { 'package.json': '{"main":"gone.js"}' });
    inPackage('damaged', { 'package.json': '{' });
    assert.throws(() => resolved('hollow'), /its package\.json names gone\.js, which does not exist/);
    assert.throws(() => resolved('damaged'), /damaged\/package\.json cannot be read/);
  });
});

/** What `holdfast plugin new` writes: a plugin that works, and that its author changes step by step. */

/** File name → text. @param name of the package, as npm allows it. */
export function skeletonFiles(name: string): ReadonlyMap<string, string> {
  return new Map([
    ['package.json', `${JSON.stringify(manifest(name), null, 2)}\n`],
    ['plugin.js', PLUGIN],
    ['plugin.test.js', TEST],
    ['README.md', readme(name)],
  ]);
}

/** A name that npm takes, made of a folder's; `plugin` when nothing of it is left. */
export function packageNameFrom(folderName: string): string {
  const name = folderName
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .replace(/-+$/, '');
  return name === '' ? 'plugin' : name;
}

function manifest(name: string): object {
  return {
    name,
    version: '0.1.0',
    description: 'A plugin for Holdfast',
    private: true,
    type: 'module',
    exports: './plugin.js',
    scripts: { test: 'node --test' },
    engines: { node: '>=20.18.1' },
  };
}

const PLUGIN = `// @ts-check
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * @typedef {import('holdfast/plugin').Plugin} Plugin
 * @typedef {import('holdfast/plugin').PluginReturn} PluginReturn
 * @typedef {import('holdfast/plugin').Properties} Properties
 * @typedef {{ until: string, properties: Properties }} Resource
 */

/**
 * A plugin whose substrate is a folder: a reservation is a file in it. Put calls of your substrate in place of the files.
 *
 * Several threads run this module, and a restart begins anew: nothing may live in its memory only. What later calls need
 * is returned in the properties, and comes back with them as schedProperties.
 *
 * @returns {Plugin}
 */
export default function createPlugin() {
  let folder = '';

  return {
    async initialize(_config, properties) {
      folder = resolve(properties['folder'] ?? join(tmpdir(), 'holdfast-plugin-skeleton'));
      await mkdir(folder, { recursive: true });
    },

    async join(until, callerProperties, { operationId, log }) {
      // Made of the operation id: the same join again is the same reservation, and find needs no list of its own.
      const id = idOf(operationId);
      await save(id, { until: until.toISOString(), properties: callerProperties });
      log.info('joined ' + id);
      return made(id, until.toISOString());
    },

    async leave(id) {
      // What is gone already is no failure.
      await rm(fileOf(id), { force: true });
      return { status: 0 };
    },

    async modify(id, callerProperties) {
      const resource = await load(id);
      if (resource === undefined) return unknown(id);
      await save(id, { ...resource, properties: { ...resource.properties, ...callerProperties } });
      return { status: 0 };
    },

    async renew(id, until) {
      const resource = await load(id);
      if (resource === undefined) return unknown(id);
      await save(id, { ...resource, until: until.toISOString() });
      return { status: 0, properties: { until: until.toISOString() } };
    },

    async status(id) {
      const resource = await load(id);
      return resource === undefined ? unknown(id) : { status: 0, properties: { until: resource.until } };
    },

    async find(joinOperationId) {
      const id = idOf(joinOperationId);
      const resource = await load(id);
      return resource === undefined ? undefined : made(id, resource.until);
    },

    async list() {
      const names = await readdir(folder);
      return names.filter((name) => name.endsWith('.json')).map((name) => decodeURIComponent(name.slice(0, -'.json'.length)));
    },
  };

  /** @param {string} id */
  function fileOf(id) {
    return join(folder, encodeURIComponent(id) + '.json');
  }

  /**
   * @param {string} id
   * @returns {Promise<Resource | undefined>}
   */
  async function load(id) {
    try {
      return JSON.parse(await readFile(fileOf(id), 'utf8'));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /**
   * @param {string} id
   * @param {Resource} resource
   */
  async function save(id, resource) {
    // Whole or not at all: nobody reads half a file.
    await writeFile(fileOf(id) + '.new', JSON.stringify(resource));
    await rename(fileOf(id) + '.new', fileOf(id));
  }
}

/** @param {string} operationId */
function idOf(operationId) {
  return 'res-' + operationId;
}

/**
 * @param {string} id
 * @param {string} until
 * @returns {PluginReturn}
 */
function made(id, until) {
  return { status: 0, reservationId: id, properties: { until } };
}

/**
 * @param {string} id
 * @returns {PluginReturn}
 */
function unknown(id) {
  return { status: 1, errorMessage: 'there is no ' + id };
}
`;

const TEST = `import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import createPlugin from './plugin.js';

test('a reservation is joined, renewed and left', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'plugin-'));
  context.after(() => rm(folder, { recursive: true }));
  const plugin = createPlugin();
  await plugin.initialize(undefined, { folder });

  const joined = await plugin.join(new Date('2030-01-01T00:00:00Z'), { size: '5' }, call('join-1'));
  assert.equal(joined.status, 0);
  const id = joined.reservationId ?? '';
  const properties = joined.properties ?? {};

  const renewed = await plugin.renew(id, new Date('2030-01-02T00:00:00Z'), {}, properties, call('renew-1'));
  assert.equal(renewed.properties?.['until'], '2030-01-02T00:00:00.000Z');
  assert.equal((await plugin.find?.('join-1', call('find-1')))?.reservationId, id);

  assert.equal((await plugin.leave(id, {}, properties, call('leave-1'))).status, 0);
  assert.deepEqual(await plugin.list?.(call('list-1')), []);
  assert.notEqual((await plugin.status(id, properties, call('status-1'))).status, 0);
});

/** @param {string} operationId */
function call(operationId) {
  const log = { debug: console.debug, info: console.info, warn: console.warn, error: console.error };
  return { operationId, signal: AbortSignal.timeout(10_000), log, instance: 'test' };
}
`;

function readme(name: string): string {
  return `# ${name}

A plugin for Holdfast. As it stands, a reservation is a file in a folder; \`plugin.js\` says where your substrate's calls go.

    npm test                                  # its own test
    holdfast plugin test .                    # Holdfast's conformance kit
    npm install --no-save PATH/TO/HOLDFAST    # types of holdfast/plugin for your editor

An endpoint that uses it, in the server's configuration:

    agent:
      tick: 1m
      endpoints:
        - name: My-Substrate
          plugin: ./${name}
          schedulePeriod: 1h
          properties:
            folder: /var/lib/${name}
`;
}

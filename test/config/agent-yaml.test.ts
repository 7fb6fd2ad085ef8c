import { strict as assert } from 'node:assert';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfigWithoutAgent, reloadAgentConfig } from '../../src/config/config.ts';
import { AGENT_FILES, agentOf, folderWith, load, yamlMistakes } from './agent-rig.ts';

const ENDPOINT = '{name: null-plugin, plugin: "null", schedulePeriod: 3m}';

function endpoints(...items: readonly string[]): string {
  return `agent:\n  endpoints:\n${items.map((item) => `    - ${item}\n`).join('')}`;
}

test('without an agent section there are no endpoints, and everything else has its default', (context) => {
  const { agent } = load(folderWith(context, {})).config;
  assert.deepEqual(agent, {
    file: undefined,
    tick: { length: 1, unit: 'MINUTE' },
    digest: { password: undefined, md5: true, nonceLifetimeMs: 300_000 },
    closedRetentionMs: 604_800_000,
    endpoints: [],
  });
});

test('an endpoint that says only what it must has defaults for the rest', (context) => {
  const folder = folderWith(context, { 'holdfast.yaml': endpoints(ENDPOINT) });
  const { agent } = load(folder, { file: 'holdfast.yaml' }).config;
  assert.equal(agent.file, join(folder, 'holdfast.yaml'));
  assert.deepEqual(agent.endpoints, [
    {
      name: 'null-plugin',
      plugin: 'null',
      exportName: 'default',
      resolveFrom: folder,
      jar: 'null',
      mainClass: 'default',
      schedulePeriod: { length: 3, unit: 'MINUTE' },
      renewAdvanceTicks: 1,
      config: undefined,
      properties: {},
      description: undefined,
      isolation: 'thread',
      threads: 2,
      concurrentCalls: 1,
      concurrentRenewals: 1,
      queueLengthMax: 1024,
      memoryMiB: 256,
      env: [],
      user: undefined,
      timeLimitsMs: { join: 300_000, leave: 300_000, modify: 300_000, renew: 300_000, status: 30_000, find: 30_000, list: 30_000 },
      renewRetries: 0,
    },
  ]);
});

test('an endpoint may say everything', (context) => {
  const yaml = `
agent:
  digestMd5: false
  nonceLifetime: 90s
  closedRetention: 2w
  tick: {length: 30, unit: Seconds}
  endpoints:
    - name: Site-Switch-1
      plugin: ./site-plugin.mjs
      export: makeSite
      schedulePeriod: {length: 2, unit: hour}
      renewAdvanceTicks: 4
      config: site-plugin.txt
      properties: {exec.join: /bin/true x, "5": five}
      description: The switch of the site.
      isolation: process
      threads: 4
      concurrentCalls: 8
      concurrentRenewals: 3
      queueLength: 10
      memory: 1GiB
      env: [LANG, SITE_HOME]
      user: nobody
      timeLimits: {join: 10m, status: 5s}
      renewRetries: 2
`;
  const agent = agentOf(context, yaml, { 'site-plugin.mjs': 'export const makeSite = 1', 'site-plugin.txt': 'x' });
  const folder = agent.endpoints[0]?.resolveFrom ?? '';
  assert.deepEqual(
    { ...agent, file: '', endpoints: [] },
    {
      file: '',
      tick: { length: 30, unit: 'SECOND' },
      digest: { password: undefined, md5: false, nonceLifetimeMs: 90_000 },
      closedRetentionMs: 1_209_600_000,
      endpoints: [],
    },
  );
  assert.deepEqual(agent.endpoints, [
    {
      name: 'Site-Switch-1',
      plugin: join(folder, 'site-plugin.mjs'),
      exportName: 'makeSite',
      resolveFrom: folder,
      jar: './site-plugin.mjs',
      mainClass: 'makeSite',
      schedulePeriod: { length: 2, unit: 'HOUR' },
      renewAdvanceTicks: 4,
      config: 'site-plugin.txt',
      properties: { 'exec.join': '/bin/true x', '5': 'five' },
      description: 'The switch of the site.',
      isolation: 'process',
      threads: 4,
      concurrentCalls: 8,
      concurrentRenewals: 3,
      queueLengthMax: 10,
      memoryMiB: 1024,
      env: ['LANG', 'SITE_HOME'],
      user: 'nobody',
      timeLimitsMs: { join: 600_000, leave: 300_000, modify: 300_000, renew: 300_000, status: 5000, find: 30_000, list: 30_000 },
      renewRetries: 2,
    },
  ]);
});

test('endpoints keep their order, a period of 0 is allowed, and half of the calls may be renewals', (context) => {
  const { endpoints: found } = agentOf(
    context,
    endpoints('{name: zzzzz, plugin: exec, schedulePeriod: 0, threads: 5, concurrentCalls: 3}', '{name: aaaaa, plugin: simulator, schedulePeriod: 1w}'),
  );
  assert.deepEqual(
    found.map(({ name, schedulePeriod, concurrentRenewals }) => [name, schedulePeriod, concurrentRenewals]),
    [
      ['zzzzz', { length: 0, unit: 'SECOND' }, 7],
      ['aaaaa', { length: 1, unit: 'WEEK' }, 1],
    ],
  );
});

test('all mistakes are told at once, each with file, line, element and reason', (context) => {
  const yaml = `agent:
  tick: 1m
  nonceLifetim: 5m
  endpoints:
    - name: bad name
      plugin: "null"
      schedulePeriod: 3m
    - name: null-plugin
      plugin: ./nowhere.js
      schedulePeriod: 3 minutes
      threads: many
    - name: null-plugin
      plugin: null
      schedulePeriod: 90s
      renewAdvanceTicks: 2
      properties:
        version: 1.10
      timeLimits:
        jion: 5m
      env: [LANG, 7-UP, HOLDFAST_STORE_KEY]
    - plugin: nul
      schedulePeriod: {length: 3, units: minute}
      config: nowhere.txt
      user: nobody
server:
  prot: 1
`;
  assert.deepEqual(yamlMistakes(context, yaml).toSorted(), [
    'holdfast.yaml, line 10: agent.endpoints[1].schedulePeriod: "3 minutes" is no period like 90s, 3m, 12h, 1d or 1w',
    'holdfast.yaml, line 11: agent.endpoints[1].threads: "many" is no whole number',
    'holdfast.yaml, line 12: agent.endpoints[2].name: the name null-plugin is taken by agent.endpoints[1].name',
    'holdfast.yaml, line 13: agent.endpoints[2].plugin: is empty (the word null counts as empty; "null" in quotes is a word)',
    'holdfast.yaml, line 15: agent.endpoints[2].renewAdvanceTicks: 2 × 1 minute is not less than the period of 90 seconds: plugin null-plugin would renew on every tick',
    'holdfast.yaml, line 17: agent.endpoints[2].properties.version: must be text: put it into quotes',
    'holdfast.yaml, line 19: agent.endpoints[2].timeLimits.jion: unknown; did you mean join?',
    'holdfast.yaml, line 20: agent.endpoints[2].env[1]: "7-UP" is no name of an environment variable',
    'holdfast.yaml, line 20: agent.endpoints[2].env[2]: HOLDFAST_STORE_KEY is for the server alone',
    'holdfast.yaml, line 21: agent.endpoints[3].name: is missing',
    'holdfast.yaml, line 21: agent.endpoints[3].plugin: there is no package nul to be found from ., and no built-in plugin has that name; did you mean null?',
    'holdfast.yaml, line 22: agent.endpoints[3].schedulePeriod: units is unknown; a period has length and unit',
    'holdfast.yaml, line 23: agent.endpoints[3].config: there is no nowhere.txt',
    'holdfast.yaml, line 24: agent.endpoints[3].user: is for isolation: process',
    'holdfast.yaml, line 26: server.prot: unknown; did you mean port?',
    'holdfast.yaml, line 3: agent.nonceLifetim: unknown; did you mean nonceLifetime?',
    'holdfast.yaml, line 5: agent.endpoints[0].name: "bad name" must match [a-zA-Z0-9-]+ and have 5 to 20 characters',
    'holdfast.yaml, line 9: agent.endpoints[1].plugin: nowhere.js does not exist',
  ]);
});

test('names have 5 to 20 characters', (context) => {
  const named = (name: string): string => endpoints(`{name: ${name}, plugin: exec, schedulePeriod: 3m}`);
  for (const name of ['abcde', 'A-1-z', 'a'.repeat(20)]) assert.equal(agentOf(context, named(name)).endpoints[0]?.name, name);
  for (const name of ['abcd', 'a'.repeat(21), 'null_plugin', 'nüll-plugin', '""'])
    assert.match(yamlMistakes(context, named(name)).join(), /must match \[a-zA-Z0-9-\]\+ and have 5 to 20 characters/, name);
});

test('tick and periods fit together as NodeAgent2 wants it, in its words', (context) => {
  const reasons = (tick: string, period: string, ticks = 1): readonly string[] =>
    yamlMistakes(context, `agent:\n  tick: ${tick}\n  endpoints: [{name: abcde, plugin: exec, schedulePeriod: ${period}, renewAdvanceTicks: ${ticks}}]\n`).map(
      (line) => line.replace(/^holdfast.yaml, line \d: agent\.(endpoints\[0\]\.)?/, ''),
    );
  assert.deepEqual(reasons('2m', '7m'), ['schedulePeriod: tick does not divide plugin abcde period evenly (7 minutes in ticks of 2 minutes)']);
  assert.deepEqual(reasons('5m', '3m'), ['schedulePeriod: tick too long for plugin abcde (5 minutes, its period has 3 minutes)']);
  assert.deepEqual(reasons('1s', '3m'), ['tick: tick too short (1 second): it must be longer than 1 second']);
  assert.deepEqual(reasons('0', '3m'), ['tick: tick too short (0 seconds): it must be longer than 1 second']);
  assert.deepEqual(reasons('3w', '6w'), ['tick: 3 weeks are longer than 20 days']);
  assert.deepEqual(reasons('1m', '2m', 2), [
    'renewAdvanceTicks: 2 × 1 minute is not less than the period of 2 minutes: plugin abcde would renew on every tick',
  ]);
  assert.deepEqual(reasons('1m', '1m'), ['renewAdvanceTicks: 1 × 1 minute is not less than the period of 1 minute: plugin abcde would renew on every tick']);
  assert.deepEqual(reasons('1m', '11000d'), ['schedulePeriod: 11000 days are longer than 10 years']);
});

test('units that differ need not divide, and a period of 0 fits every tick', (context) => {
  for (const period of ['61m', '0', '1h']) {
    const yaml = `agent:\n  tick: ${period === '0' ? '1d' : '90s'}\n  endpoints: [{name: abcde, plugin: exec, schedulePeriod: ${period}}]\n`;
    assert.equal(agentOf(context, yaml).endpoints.length, 1, period);
  }
});

test('the longest time that renewals may be ahead is one second short of nothing', (context) => {
  const yaml = (ticks: number): string => endpoints(`{name: abcde, plugin: exec, schedulePeriod: 10m, renewAdvanceTicks: ${ticks}}`);
  assert.equal(agentOf(context, yaml(9)).endpoints[0]?.renewAdvanceTicks, 9);
  assert.equal(yamlMistakes(context, yaml(10)).length, 1);
});

test('more renewals at once than calls are refused', (context) => {
  const [mistake] = yamlMistakes(context, endpoints('{name: abcde, plugin: exec, schedulePeriod: 3m, threads: 2, concurrentCalls: 3, concurrentRenewals: 7}'));
  assert.equal(mistake, 'holdfast.yaml, line 3: agent.endpoints[0].concurrentRenewals: is more than threads × concurrentCalls (6)');
});

test('a plugin is a built-in one, a path or a package', (context) => {
  const folder = folderWith(context, { 'holdfast.yaml': endpoints('{name: abcde, plugin: nowhere-at-all, schedulePeriod: 3m}'), 'x.js': '' });
  assert.match(load(join(AGENT_FILES), { file: join(AGENT_FILES, 'plugins.yaml') }).config.agent.endpoints[0]?.plugin ?? '', /site-plugin\.mjs$/);
  assert.throws(() => load(folder, { file: 'holdfast.yaml' }), /there is no package nowhere-at-all to be found from/);
  writeFileSync(
    join(folder, 'holdfast.yaml'),
    endpoints('{name: abcde, plugin: ./x.js, schedulePeriod: 3m}', '{name: fghij, plugin: x.js/y, schedulePeriod: 3m}'),
  );
  assert.throws(() => load(folder, { file: 'holdfast.yaml' }), /the configuration has a mistake: .*endpoints\[1\].*a path begins with \.\/, \.\.\/ or \//);
  writeFileSync(join(folder, 'holdfast.yaml'), endpoints('{name: abcde, plugin: /opt/oscars.jar, schedulePeriod: 3m}'));
  assert.throws(() => load(folder, { file: 'holdfast.yaml' }), /oscars\.jar is Java, and plugins are JavaScript here/);
});

test('the password comes from its file or from the environment, which goes first, and never from the YAML itself', (context) => {
  const folder = folderWith(context, { 'holdfast.yaml': `agent: {passwordFile: secret, endpoints: [${ENDPOINT}]}\n`, secret: ' pass word \n' });
  const sources = { file: 'holdfast.yaml' };
  assert.equal(load(folder, sources).config.agent.digest.password, ' pass word ');
  assert.equal(load(folder, { ...sources, environment: { HOLDFAST_AGENT_PASSWORD: 'other' } }).config.agent.digest.password, 'other');
  assert.equal(load(folder, { ...sources, environment: { HOLDFAST_AGENT_PASSWORD: '' } }).config.agent.digest.password, ' pass word ');
  assert.deepEqual(load(folder, sources).remarks, []);
  chmodSync(join(folder, 'secret'), 0o640);
  assert.match(load(folder, sources).remarks.join(), /secret: others on this machine can read or write this password \(mode 640\)/);
  writeFileSync(join(folder, 'secret'), '\n');
  assert.throws(() => load(folder, sources), /agent\.passwordFile: .*secret is empty/);
  assert.match(yamlMistakes(context, 'agent: {passwordFile: nowhere}\n').join(), /line 1: agent\.passwordFile: nowhere cannot be read: ENOENT/);
  assert.match(yamlMistakes(context, 'agent: {password: abc}\n').join(), /use passwordFile, or the environment variable HOLDFAST_AGENT_PASSWORD/);
});

test('what is accepted and may surprise is remarked', (context) => {
  const folder = folderWith(context, {
    'holdfast.yaml': endpoints(
      '{name: abcde, plugin: exec, schedulePeriod: 3m, renewAdvanceTicks: 0, properties: {oss.password: x}}',
      '{name: ABCDE, plugin: exec, schedulePeriod: 3m}',
    ),
  });
  chmodSync(join(folder, 'holdfast.yaml'), 0o644);
  const remarks = load(folder, { file: 'holdfast.yaml' }).remarks.join('\n');
  assert.match(remarks, /line 3: with renewAdvanceTicks 0, plugin abcde may renew up to a tick after the end/);
  assert.match(remarks, /line 4: the endpoints abcde and ABCDE differ only in upper and lower case/);
  assert.match(remarks, /others on this machine can read or write secret properties of plugins in it \(mode 644\)/);
  assert.match(remarks, /the agent has no password/);
});

test('a commented-out list is empty, and properties may have any name', (context) => {
  assert.deepEqual(agentOf(context, 'agent:\n  endpoints:\n#   - name: x\n').endpoints, []);
  const yaml = endpoints('{name: abcde, plugin: exec, schedulePeriod: 3m, properties: {__proto__: a, constructor: b, "x y": c}}');
  assert.deepEqual(Object.entries(agentOf(context, yaml).endpoints[0]?.properties ?? {}), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
    ['x y', 'c'],
  ]);
  assert.deepEqual(yamlMistakes(context, 'agent: {endpoints: {name: x}}\n'), ['holdfast.yaml, line 1: agent.endpoints: must be array']);
  assert.deepEqual(yamlMistakes(context, 'agent: {endpoints: [x]}\n'), ['holdfast.yaml, line 1: agent.endpoints[0]: must be object']);
});

test('a command that only needs the rest does not ask for the files of the agent', (context) => {
  const folder = folderWith(context, { 'holdfast.yaml': 'server: {port: 7}\nagent: {passwordFile: nowhere, config: nowhere.xml}\n' });
  assert.equal(loadConfigWithoutAgent({ environment: {}, flags: [], workingDirectory: folder, file: 'holdfast.yaml' }).server.port, 7);
});

test('a reload gives the new agent, or the mistakes as text', (context) => {
  const folder = folderWith(context, { 'holdfast.yaml': endpoints(ENDPOINT) });
  const sources = { environment: {}, flags: [], workingDirectory: folder, file: 'holdfast.yaml' };
  const first = reloadAgentConfig(sources);
  assert.ok(first.ok);
  writeFileSync(join(folder, 'holdfast.yaml'), endpoints(ENDPOINT.replace('3m', '5m')));
  const second = reloadAgentConfig(sources);
  assert.ok(second.ok);
  assert.deepEqual(second.agent.endpoints[0]?.schedulePeriod, { length: 5, unit: 'MINUTE' });
  writeFileSync(join(folder, 'holdfast.yaml'), endpoints(ENDPOINT.replace('null-plugin', 'x')));
  const third = reloadAgentConfig(sources);
  assert.ok(!third.ok);
  assert.match(third.mistakes, /line 3: agent\.endpoints\[0\]\.name: "x" must match/);
  const gone = reloadAgentConfig({ ...sources, file: 'gone.yaml' });
  assert.ok(!gone.ok);
  assert.match(gone.mistakes, /cannot read the configuration file .*gone\.yaml/);
});

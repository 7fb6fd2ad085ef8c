import { strict as assert } from 'node:assert';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AgentConfig } from '../../src/agent/endpoint-config.ts';
import type { LoadedConfig } from '../../src/config/config.ts';
import { AGENT_FILES, folderWith, load, mistakesOf, xmlMistakes } from './agent-rig.ts';

const NAMESPACE = 'http://geni-orca.renci.org/xml/node-agent2/AgentConfig';
const NULL_CLASS = 'org.renci.nodeagent2.null_agent.Main';
const PERIOD = '<schedulePeriod length="3" unit="minute"/>';

/** A file with these plugins, on line 3 and the following. */
function agentXml(plugins: string, { tick = '<tick length="1" unit="minute"/>', attributes = 'password="pass"' } = {}): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<agentConfig ${attributes}>${tick}<plugins>\n${plugins}\n</plugins></agentConfig>\n`;
}

function plugin(inside: string, name = 'abcde'): string {
  return `<plugin name="${name}"><jar>x.jar</jar><mainClass>${NULL_CLASS}</mainClass>${inside}</plugin>`;
}

interface Context {
  after(fn: () => void): void;
}

function loadXml(context: Context, xml: string, files: Readonly<Record<string, string>> = {}): LoadedConfig {
  return load(folderWith(context, { 'agent.xml': xml, ...files }), { flags: [{ name: '--agent-config', path: ['agent', 'config'], value: 'agent.xml' }] });
}

function agentOf(context: Context, xml: string, files?: Readonly<Record<string, string>>): AgentConfig {
  return loadXml(context, xml, files).config.agent;
}

test("NodeAgent2's file is read as it is, in the order of its plugins", () => {
  const { agent } = load(AGENT_FILES, { environment: { HOLDFAST_AGENT_CONFIG: 'agent.xml' } }).config;
  assert.equal(agent.file, join(AGENT_FILES, 'agent.xml'));
  assert.deepEqual(agent.tick, { length: 1, unit: 'MINUTE' });
  assert.equal(agent.digest.password, 'pass & word');
  assert.deepEqual(
    agent.endpoints.map(({ name, plugin: location, exportName, jar, mainClass, schedulePeriod, renewAdvanceTicks, config }) => [
      name,
      location,
      exportName,
      jar,
      mainClass,
      schedulePeriod,
      renewAdvanceTicks,
      config,
    ]),
    [
      ['null-plugin', 'null', 'default', 'null', 'default', { length: 3, unit: 'MINUTE' }, 2, undefined],
      ['execplug', 'exec', 'default', 'exec', 'default', { length: 1, unit: 'WEEK' }, 1, '/etc/orca/am+broker/node-config'],
      ['Never-Renewed', join(AGENT_FILES, 'site-plugin.mjs'), 'makeSite', './site-plugin.mjs', 'makeSite', { length: 0, unit: 'DAY' }, 1, 'site-plugin.txt'],
    ],
  );
  const [first, second, third] = agent.endpoints;
  assert.deepEqual(first?.properties, { pr: 'val', pr1: 'a < b && c' });
  assert.deepEqual(Object.keys(second?.properties ?? {}), ['exec.join', 'exec.leave', 'exec.modify', 'exec.renew', 'exec.status']);
  assert.deepEqual([first?.description, third?.description], ['Null plugin for testing', undefined]);
  assert.deepEqual([third?.threads, third?.queueLengthMax, third?.timeLimitsMs.join], [2, 1024, 300_000]);
});

test('the YAML that says the same makes the same agent', (context) => {
  const folder = folderWith(context, {
    'agent.xml': agentXml(plugin(`${PERIOD}<properties><property name="a" value="1"/></properties><description> d </description>`)),
    password: 'pass\n',
    'holdfast.yaml':
      'agent: {passwordFile: password, tick: 1m, endpoints: [{name: abcde, plugin: "null", schedulePeriod: 3m, properties: {a: "1"}, description: " d "}]}\n',
  });
  const fromXml = load(folder, { environment: { HOLDFAST_AGENT_CONFIG: 'agent.xml' } }).config.agent;
  const fromYaml = load(folder, { file: 'holdfast.yaml' }).config.agent;
  assert.deepEqual({ ...fromXml, file: '' }, { ...fromYaml, file: '' });
});

test('a namespace may be there, with or without a prefix, or not', (context) => {
  const prefixed = agentXml(plugin(PERIOD), { attributes: `xmlns:na="${NAMESPACE}" password="p"` })
    .replaceAll(/<(\/?)(?=[a-z])/g, '<$1na:')
    .replace('<na:?', '<?');
  assert.equal(agentOf(context, prefixed).endpoints[0]?.name, 'abcde');
  assert.equal(agentOf(context, agentXml(plugin(PERIOD), { attributes: `xmlns="${NAMESPACE}"` })).endpoints.length, 1);
  assert.match(
    xmlMistakes(context, agentXml(plugin(PERIOD), { attributes: 'xmlns="urn:other"' })).join(),
    /its namespace is urn:other and not http:\/\/geni-orca/,
  );
});

test('a period has its length and unit in attributes, in elements, or its unit as an empty element', (context) => {
  for (const period of [
    '<schedulePeriod length="2" unit="hour"/>',
    '<schedulePeriod length=" 2 " unit="HOURS"></schedulePeriod>',
    '<schedulePeriod length="2"><hour/></schedulePeriod>',
    '<schedulePeriod>\n<unit> Hour </unit><length>2</length></schedulePeriod>',
  ])
    assert.deepEqual(agentOf(context, agentXml(plugin(period))).endpoints[0]?.schedulePeriod, { length: 2, unit: 'HOUR' }, period);
  const tick = '<tick><length>30</length><second/></tick>';
  assert.deepEqual(agentOf(context, agentXml(plugin(PERIOD), { tick })).tick, { length: 30, unit: 'SECOND' });
});

test('properties have name and value in attributes or in elements, with every character', (context) => {
  const properties = `<properties>
    <property name="a" value="&quot;&apos;&lt;&gt;&amp;&#233;&#x1F600;"/>
    <property><name>b</name><value><![CDATA[<x> & ]]>y</value></property>
    <property name="c" value=""/><property value="proto" name="__proto__"/>
    <property name="d" value="a
b&#10;c"/></properties>`;
  const { endpoints } = agentOf(context, agentXml(plugin(`${PERIOD}${properties}`)));
  assert.deepEqual(Object.entries(endpoints[0]?.properties ?? {}), [
    ['a', '"\'<>&é😀'],
    ['b', '<x> & y'],
    ['c', ''],
    ['__proto__', 'proto'],
    ['d', 'a b\nc'],
  ]);
});

test("NodeAgent2's own plugins become the built-in ones, whether their jar exists or not, with a remark", (context) => {
  for (const [mainClass, expected] of [
    ['org.renci.nodeagent2.null_agent.Main', 'null'],
    ['orca.nodeagent2.null_agent.Main', 'null'],
    ['org.renci.nodeagent2.exec.Main', 'exec'],
    ['orca.nodeagent2.exec.Main', 'exec'],
  ] as const) {
    const xml = agentXml(`<plugin name="abcde"><jar>/nowhere.jar</jar><mainClass> ${mainClass} </mainClass>${PERIOD}</plugin>`);
    const { config, remarks } = loadXml(context, xml);
    assert.equal(config.agent.endpoints[0]?.plugin, expected);
    assert.match(remarks.join(), new RegExp(`line 3: plugins/plugin\\[1\\]/mainClass: ${mainClass} is the plugin ${expected} that is built in here`));
  }
});

test('any other jar names a JavaScript plugin, and mainClass its export', (context) => {
  const xml = (jar: string, mainClass: string): string => agentXml(`<plugin name="abcde"><jar>${jar}</jar>${mainClass}${PERIOD}</plugin>`);
  const files = { 'site.js': '' };
  const exported = (mainClass: string): string | undefined => agentOf(context, xml('./site.js', mainClass), files).endpoints[0]?.exportName;
  assert.equal(exported('<mainClass>makeSite</mainClass>'), 'makeSite');
  assert.equal(exported('<mainClass>default</mainClass>'), 'default');
  assert.equal(exported(''), 'default');
  const java = loadXml(context, xml('./site.js', '<mainClass>org.site.Main</mainClass>'), files);
  assert.equal(java.config.agent.endpoints[0]?.exportName, 'default');
  assert.match(java.remarks.join(), /org\.site\.Main is no name that a JavaScript module could export; its default export is taken/);
  assert.deepEqual(xmlMistakes(context, xml('./nowhere.js', '')), ['agent.xml, line 3: plugins/plugin[1]/jar: nowhere.js does not exist']);
  assert.match(xmlMistakes(context, xml('/opt/oscars.jar', '<mainClass>orca.oscars.Main</mainClass>')).join(), /plugin\[1\]\/jar: \/opt\/oscars\.jar is Java/);
});

test('all mistakes are told at once, each with file, line, element and reason', (context) => {
  const xml = `<agentConfig pasword="p">
  <tick length="2" unit="fortnight"/>
  <tick length="1" unit="minute"/>
  <plugin/>
  <plugins>
    <plugin name="Null Test Plugin"><jar>x</jar><mainClass>${NULL_CLASS}</mainClass></plugin>
    <plugin nam="abcde">
      <jar></jar>
      <mainclass>Main</mainclass>
      <schedulePeriod length="x" unit="minute"/>
      <renewAdvanceTicks>two</renewAdvanceTicks>
      <properties>
        <property name="a"/><prop/>text
      </properties>
    </plugin>
    <plugin name="twice"><jar>a<b/></jar><mainClass>${NULL_CLASS}</mainClass><schedulePeriod length="3"><minute/><hour/></schedulePeriod></plugin>
    <plugin name="twice"><jar>a</jar><mainClass>${NULL_CLASS}</mainClass><schedulePeriod length="3" unit="minute"><length>3</length></schedulePeriod></plugin>
  </plugins>
</agentConfig>`;
  assert.deepEqual(xmlMistakes(context, xml).toSorted(), [
    'agent.xml, line 10: plugins/plugin[2]/schedulePeriod: "x" is no whole number of units',
    'agent.xml, line 11: plugins/plugin[2]/renewAdvanceTicks: "two" is no whole number from 0 to 100000',
    'agent.xml, line 12: plugins/plugin[2]/properties: has text where only elements belong: "text"',
    'agent.xml, line 13: plugins/plugin[2]/properties/prop: unknown; known here: property',
    'agent.xml, line 13: plugins/plugin[2]/properties/property[1]/@value: is missing',
    'agent.xml, line 16: plugins/plugin[3]/jar/b: unknown; only text belongs here',
    'agent.xml, line 16: plugins/plugin[3]/schedulePeriod/@unit: is there twice: minute and hour',
    'agent.xml, line 17: plugins/plugin[4]/@name: the name twice is taken by plugins/plugin[3]/@name',
    'agent.xml, line 17: plugins/plugin[4]/schedulePeriod/length: is there twice: as an attribute and as an element',
    'agent.xml, line 1: @pasword: unknown; did you mean password?',
    'agent.xml, line 2: tick: "fortnight" is none of week, day, hour, minute, second',
    'agent.xml, line 3: tick: is there twice',
    'agent.xml, line 4: plugin: unknown; did you mean plugins?',
    'agent.xml, line 6: plugins/plugin[1]/@name: "Null Test Plugin" must match [a-zA-Z0-9-]+ and have 5 to 20 characters',
    'agent.xml, line 6: plugins/plugin[1]/schedulePeriod: is missing',
    'agent.xml, line 7: plugins/plugin[2]/@nam: unknown; did you mean name?',
    'agent.xml, line 7: plugins/plugin[2]/@name: is missing',
    'agent.xml, line 8: plugins/plugin[2]/jar: is missing',
    'agent.xml, line 9: plugins/plugin[2]/mainclass: unknown; did you mean mainClass?',
  ]);
});

test('tick and periods are checked as in NodeAgent2, in its words', (context) => {
  const reason = (tick: string, period: string, inside = ''): string =>
    xmlMistakes(context, agentXml(plugin(`<schedulePeriod ${period}/>${inside}`), { tick: `<tick ${tick}/>` })).join();
  assert.match(
    reason('length="2" unit="minute"', 'length="3" unit="minute"'),
    /line 3: plugins\/plugin\[1\]\/schedulePeriod: tick does not divide plugin abcde period evenly/,
  );
  assert.match(reason('length="1" unit="hour"', 'length="3" unit="minute"'), /tick too long for plugin abcde/);
  assert.match(reason('length="1" unit="second"', 'length="3" unit="minute"'), /line 2: tick: tick too short/);
  assert.match(
    reason('length="1" unit="minute"', 'length="3" unit="minute"', '<renewAdvanceTicks>3</renewAdvanceTicks>'),
    /plugin\[1\]\/renewAdvanceTicks: 3 × 1 minute is not less than the period of 3 minutes/,
  );
  const mixed = agentXml(plugin('<schedulePeriod length="1" unit="hour"/>'), { tick: '<tick length="7" unit="minute"/>' });
  assert.equal(agentOf(context, mixed).endpoints.length, 1);
});

test('what is no such XML is refused with its line', (context) => {
  for (const [xml, expected] of [
    ['<agentConfig>\n<tick></agentConfig>', /agent\.xml, line 2: Expected closing tag/],
    ['<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<agentConfig/>', /line 2: a document type .* is not read/],
    ['<agentConfig>&x;</agentConfig>', /line 1: &x; is no entity that is known here/],
    ['<agentConfig>&#0;</agentConfig>', /&#0; is no entity/],
    ['<agentConfig/><agentConfig/>', /agentConfig is a second root/],
    ['<beans/>', /the root is beans and not agentConfig/],
    ['<agentConfig><__proto__/></agentConfig>', /reserved/],
    [`${'<a>'.repeat(50)}${'</a>'.repeat(50)}`, /nested/],
    ['', /Start tag expected/],
    [`<agentConfig>${' '.repeat(1024 * 1024)}</agentConfig>`, /is larger than 1048576 bytes/],
  ] as const)
    assert.match(xmlMistakes(context, xml).join(), expected);
  const folder = folderWith(context, {});
  assert.match(mistakesOf(folder, { environment: { HOLDFAST_AGENT_CONFIG: 'gone.xml' } }).join(), /gone\.xml: cannot be read: ENOENT/);
  writeFileSync(join(folder, 'latin.xml'), Buffer.from('<agentConfig password="\xe9"/>', 'latin1'));
  assert.match(mistakesOf(folder, { environment: { HOLDFAST_AGENT_CONFIG: 'latin.xml' } }).join(), /latin\.xml: cannot be read: .*utf-8/);
});

test('comments and CDATA may talk about a document type, and a byte order mark is passed over', (context) => {
  const xml = `\uFEFF<!-- <!DOCTYPE a> -->${agentXml(plugin(`${PERIOD}<description><![CDATA[<!DOCTYPE b>]]></description>`))
    .split('\n')
    .slice(1)
    .join('\r\n')}`;
  assert.equal(agentOf(context, xml).endpoints[0]?.description, '<!DOCTYPE b>');
});

test('the XML file is instead of tick and endpoints, and beside all else', (context) => {
  const folder = folderWith(context, {
    'agent.xml': agentXml(plugin(PERIOD)),
    'holdfast.yaml': 'agent:\n  config: agent.xml\n  digestMd5: false\n  passwordFile: secret\n',
    secret: 'other\n',
  });
  const { config, remarks } = load(folder, { file: 'holdfast.yaml' });
  assert.deepEqual(config.agent.digest, { password: 'other', md5: false, nonceLifetimeMs: 300_000 });
  assert.match(remarks.join('\n'), /agent\.xml: its password is not used; agent\.passwordFile goes before it/);
  writeFileSync(join(folder, 'holdfast.yaml'), 'agent:\n  tick: 1m\n  endpoints: []\n');
  assert.deepEqual(mistakesOf(folder, { file: 'holdfast.yaml', environment: { HOLDFAST_AGENT_CONFIG: 'agent.xml' } }), [
    'holdfast.yaml, line 2: agent.tick: is not for beside config, whose XML file has its own: take one of them out',
    'holdfast.yaml, line 3: agent.endpoints: is not for beside config, whose XML file has its own: take one of them out',
  ]);
});

test('a password in a file that others can read is remarked, and the password is in no remark and no mistake', (context) => {
  const folder = folderWith(context, { 'agent.xml': agentXml(plugin(PERIOD), { attributes: 'password="s3cr3t"' }) });
  const environment = { HOLDFAST_AGENT_CONFIG: 'agent.xml' };
  assert.doesNotMatch(load(folder, { environment }).remarks.join(), /others on this machine/);
  chmodSync(join(folder, 'agent.xml'), 0o644);
  const { remarks } = load(folder, { environment });
  assert.match(remarks.join('\n'), /agent\.xml: others on this machine can read or write the password of the agent in it \(mode 644\): chmod 600 it/);
  assert.doesNotMatch(remarks.join('\n'), /s3cr3t/);
  assert.deepEqual(xmlMistakes(context, agentXml(plugin(PERIOD), { attributes: 'password=""' })), ['agent.xml: @password: is empty']);
});

test('relative paths of plugins start at the folder of the XML file, wherever the YAML file is', (context) => {
  const yaml = folderWith(context, {});
  const xml = folderWith(context, {});
  for (const name of ['agent.xml', 'site-plugin.mjs', 'site-plugin.txt']) copyFileSync(join(AGENT_FILES, name), join(xml, name));
  writeFileSync(join(yaml, 'holdfast.yaml'), `agent: {config: ${xml}/agent.xml}\n`);
  const [, , third] = load('/', { file: join(yaml, 'holdfast.yaml') }).config.agent.endpoints;
  assert.deepEqual([third?.plugin, third?.resolveFrom], [join(xml, 'site-plugin.mjs'), xml]);
});

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { packageRoot } from '../../src/package-root.ts';
import { ReservationServer } from '../support/reservation-server.ts';
import { promtool, Scrape, WITHOUT_PROMTOOL } from '../support/scrape.ts';
import { temporaryFolder } from '../support/server-process.ts';
import { namesIn } from './promql.ts';

/** The dashboard and the alerts ask for what a real server tells. */

const RULES = join(packageRoot(), 'deploy', 'prometheus', 'holdfast.rules.yaml');
const RULE_TESTS = join(packageRoot(), 'test', 'metrics', 'holdfast.rules.test.yaml');
const DASHBOARD = join(packageRoot(), 'deploy', 'grafana', 'holdfast.json');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string }[] };
}

const rules = (parse(readFileSync(RULES, 'utf8')) as { groups: readonly { rules: readonly Rule[] }[] }).groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as Dashboard;
const shown = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ place: `panel "${title}"`, expr })));

const endings: (() => void | Promise<void>)[] = [];
let scrape: Scrape;
before(async () => {
  const context = { after: (end: () => void | Promise<void>) => void endings.unshift(end) };
  const server = new ReservationServer(context, temporaryFolder(context), {
    tick: '1m',
    endpoints: [{ name: 'nulls', plugin: 'null', schedulePeriod: '1h' }],
  });
  await server.start();
  // So that metrics that have no sample before the first of something show their labels.
  await server.post('/join/nulls');
  await server.process.request('POST', '/snapshots');
  scrape = await Scrape.of(server.process);
});
after(async () => {
  for (const end of endings) await end();
});

/** The metric that a name in an expression belongs to. */
function metricOf(name: string): string | undefined {
  if (scrape.types.has(name)) return name;
  const histogram = /^(.*)_(?:bucket|sum|count)$/.exec(name)?.[1] ?? '';
  return scrape.types.get(histogram) === 'histogram' ? histogram : undefined;
}

/** What Prometheus itself adds. */
const ADDED = { metrics: new Set(['up']), labels: ['job', 'instance'] };

function unknownIn(expression: string): readonly string[] {
  const { metrics, labels } = namesIn(expression);
  const known = new Set(ADDED.labels);
  for (const { name, labels: own } of scrape.samples) {
    if (metrics.some((metric) => metric === name || metricOf(metric) === metricOf(name))) for (const label of Object.keys(own)) known.add(label);
  }
  return [
    ...metrics.filter((name) => metricOf(name) === undefined && !ADDED.metrics.has(name)),
    ...metrics.filter((name) => scrape.types.get(name) === 'histogram'),
    ...labels.filter((label) => !known.has(label)).map((label) => `label ${label}`),
  ];
}

test('names are found in expressions, whatever stands around them', () => {
  const expression =
    'histogram_quantile(0.99, sum by (job, le) (rate(a_bucket{x="no_metric{}", y=~\'z\'}[5m]))) > 1e3 and on (i) b / c{q!="\\""} offset 5m unless sum(d) without (w) # e';
  const { metrics, labels } = namesIn(expression);
  assert.deepEqual(
    [[...metrics].sort(), [...labels].sort()],
    [
      ['a_bucket', 'b', 'c', 'd'],
      ['i', 'job', 'le', 'q', 'w', 'x', 'y'],
    ],
  );
});

test('every metric and label that the dashboard and the alerts ask for is told by a real server', () => {
  const variables = dashboard.templating.list.flatMap(({ name, definition }) => {
    const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(definition ?? '') ?? [];
    return selector === undefined ? [] : [{ place: `variable ${name}`, expr: `count by (${label}) (${selector})` }];
  });
  assert.equal(variables.length, 3);
  for (const { place, expr } of [...rules.map(({ alert, expr }) => ({ place: alert, expr })), ...shown, ...variables]) {
    assert.ok(namesIn(expr).metrics.length > 0, place);
    assert.deepEqual(unknownIn(expr), [], `${place}: ${expr}`);
  }
});

test('every metric is on the dashboard or in an alert', () => {
  const asked = new Set([...rules.map(({ expr }) => expr), ...shown.map(({ expr }) => expr)].flatMap((expr) => namesIn(expr).metrics.map(metricOf)));
  assert.deepEqual(
    [...scrape.types.keys()].filter((name) => !asked.has(name)),
    [],
  );
});

test('promtool takes the rules, and every expression of the dashboard', { skip: WITHOUT_PROMTOOL }, (context) => {
  assert.equal(promtool(['check', 'rules', RULES]), '');
  const file = join(temporaryFolder(context), 'dashboard.yaml');
  const records = shown.map(({ expr }, index) => ({ record: `expression:${index}`, expr: expr.replaceAll('$__rate_interval', '5m') }));
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: records }] }));
  assert.equal(promtool(['check', 'rules', '--lint=none', file]), '');
});

test('every alert fires when it should and stays quiet when it should not', { skip: WITHOUT_PROMTOOL }, () => {
  assert.equal(promtool(['test', 'rules', RULE_TESTS]), '');
  const names = (parse(readFileSync(RULE_TESTS, 'utf8')) as { tests: readonly { name: string }[] }).tests.map(({ name }) => name);
  for (const { alert } of rules) for (const what of ['fires', 'stays quiet']) assert.ok(names.includes(`${alert} ${what}`), `${alert} ${what}`);
});

test('every alert has a severity, and says what to do', () => {
  assert.deepEqual(
    rules.map(({ alert }) => alert),
    [...new Set(rules.map(({ alert }) => alert))],
  );
  for (const { alert, labels, annotations } of rules) {
    assert.ok(['critical', 'warning'].includes(labels.severity), alert);
    assert.match(annotations.summary, /\{\{ \$(?:labels\.(?:instance|endpoint)|value)/, alert);
    assert.ok(annotations.description.length > 60, alert);
  }
});

/** Grafana puts in what its user chose. */
const ASKED_FOR = `\${datasource}`;

test('the dashboard asks for its data source, and its panels do not lie on each other', () => {
  assert.equal(dashboard.templating.list[0]?.type, 'datasource');
  const taken = new Map<string, string>();
  for (const { id, title, type, gridPos, datasource, targets = [] } of dashboard.panels) {
    if (type !== 'row') for (const source of [datasource, ...targets.map((target) => target.datasource)]) assert.equal(source?.uid, ASKED_FOR, title);
    assert.ok(gridPos.x + gridPos.w <= 24, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.equal(taken.get(`${x}/${y}`), undefined, `${title} lies on another panel`);
        taken.set(`${x}/${y}`, title);
      }
    }
    assert.equal(dashboard.panels.filter((other) => other.id === id).length, 1, `the id of ${title}`);
  }
});

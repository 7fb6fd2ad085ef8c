import { brief, type FigureLine, readFigures, spoken } from './lines.ts';
import { circle, line, rect, svg, text } from './svg.ts';
import { GROWTH_TITLES, sizesOf } from './table.ts';

/** Figures of a run as two plots: how long requests take, and what things cost as the nodes grow in number. */

interface Latency {
  readonly system: keyof typeof COLOURS;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const COLOURS = {
  Holdfast: '#1f5fbf',
  Redis: '#c0392b',
  PostgreSQL: '#2f7f6f',
  'bare uWebSockets.js': '#888888',
  'Holdfast, idle': '#9bbbe6',
} as const;

const LATENCY_TITLES: Readonly<Record<string, string>> = {
  get: 'GET by id',
  put: 'durable PUT by id',
  patch: 'durable PATCH by id',
  post: 'durable POST',
  'search-unique': 'search by unique value',
  'search-ten': 'filter search, 10 hits (one connection)',
  'get-during-snapshot': 'GET by id during snapshots',
  'get-during-import': 'GET by id during a bulk import',
  join: 'join with Digest',
};

const WIDTH = 860;
const LEFT = 400;
const RIGHT = 30;
const TOP = 46;
const ROW = 18;
const GROUP_GAP = 8;

/** From the median to the 99th percentile of each, on a logarithmic scale. */
export function latencyPlot(lines: string): string {
  const figures = readFigures(lines);
  const groups = Object.entries(LATENCY_TITLES).flatMap(([name, title]) => {
    const figure = figures.get(name);
    return figure === undefined ? [] : [{ title, latencies: latenciesOf(figure) }];
  });
  const all = groups.flatMap(({ latencies }) => latencies.flatMap(({ p50Ms, p99Ms }) => [p50Ms, p99Ms]));
  const low = Math.floor(Math.log10(Math.min(...all, 1)));
  const high = Math.ceil(Math.log10(Math.max(...all, 1.01)));
  const x = (ms: number): number => LEFT + ((Math.log10(ms) - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  const rows = groups.reduce((sum, { latencies }) => sum + latencies.length, 0);
  const bottom = TOP + rows * ROW + groups.length * GROUP_GAP;
  const parts = [text(10, 20, 'Time of a request: median (dot) to 99th percentile (end of the line), 64 connections', { 'font-weight': 'bold' })];
  for (let power = low; power <= high; power++) {
    const at = x(10 ** power);
    parts.push(line(at, TOP - 6, at, bottom, { stroke: '#dddddd' }));
    parts.push(text(at, bottom + 16, spoken(10 ** power, 'ms'), { 'text-anchor': 'middle' }));
  }
  let y = TOP;
  for (const { title, latencies } of groups) {
    parts.push(text(10, y + 12, title));
    for (const { system, p50Ms, p99Ms } of latencies) {
      const fill = COLOURS[system];
      parts.push(text(LEFT - 12, y + 12, system, { 'text-anchor': 'end', fill }));
      parts.push(line(x(p50Ms), y + 8, x(p99Ms), y + 8, { stroke: fill, 'stroke-width': 3 }));
      parts.push(circle(x(p50Ms), y + 8, 5, { fill }));
      y += ROW;
    }
    y += GROUP_GAP;
  }
  return svg(WIDTH, bottom + 28, 'Time of a request', parts);
}

function latenciesOf(figure: FigureLine): readonly Latency[] {
  const { details = {}, peers = [], unit, value, limit } = figure;
  const number = (name: string, otherwise = 0): number => (typeof details[name] === 'number' ? details[name] : otherwise);
  const isTime = unit === 'ms';
  const isMeanwhile = details['p50MsIdle'] !== undefined;
  const latencies: Latency[] = [
    { system: 'Holdfast', p50Ms: number('p50Ms', isTime ? value : 0), p99Ms: isMeanwhile ? value : number('p99Ms') },
    { system: 'Holdfast, idle', p50Ms: number('p50MsIdle'), p99Ms: isMeanwhile ? limit.value : 0 },
    { system: 'bare uWebSockets.js', p50Ms: number('limitP50Ms'), p99Ms: number('limitP99Ms') },
    ...peers.map(({ peer, details: own }): Latency => ({ system: peer, p50Ms: own?.['p50Ms'] ?? 0, p99Ms: own?.['p99Ms'] ?? 0 })),
  ];
  return latencies.filter(({ p50Ms, p99Ms }) => p50Ms > 0 && p99Ms > 0);
}

const COLUMNS = 4;
const PANEL_WIDTH = 210;
const PANEL_HEIGHT = 170;
const BAR_WIDTH = 44;
const BAR_GAP = 14;
const BARS_HEIGHT = 90;
const ALLOWED = 1.3;
const SHADES = ['#9bbbe6', '#5f93d6', '#1f5fbf'] as const;

/** A panel for each cost, with a bar for each size; the dashed line is what the largest may cost. */
export function growthPlot(lines: string): string {
  const figures = readFigures(lines);
  const sizes = sizesOf([...figures.values()]);
  const panels = Object.entries(GROWTH_TITLES).flatMap(([name, title]) => {
    const figure = figures.get(name);
    return figure === undefined ? [] : [{ title, figure }];
  });
  const names = sizes.map((size) => brief(size)).join(', ');
  const parts = [text(10, 20, `Cost of one node or one request with ${names} nodes (dashed: 1.3 × the middle)`, { 'font-weight': 'bold' })];
  for (const [index, { title, figure }] of panels.entries()) {
    const left = 10 + (index % COLUMNS) * PANEL_WIDTH;
    const top = 36 + Math.floor(index / COLUMNS) * PANEL_HEIGHT;
    parts.push(...panel(left, top, title, figure, sizes));
  }
  return svg(10 + COLUMNS * PANEL_WIDTH, 46 + Math.ceil(panels.length / COLUMNS) * PANEL_HEIGHT, 'Cost as the nodes grow in number', parts);
}

function panel(left: number, top: number, title: string, { details = {}, limit, unit }: FigureLine, sizes: readonly number[]): readonly string[] {
  const costs = sizes.map((size) => Number(details[`nodes${size}`]));
  const allowed = limit.value * ALLOWED;
  const most = Math.max(...costs, allowed);
  const bottom = top + 24 + 18 + BARS_HEIGHT;
  const height = (cost: number): number => (cost / most) * BARS_HEIGHT;
  const parts = [text(left, top + 14, title)];
  for (const [index, cost] of costs.entries()) {
    const x = left + index * (BAR_WIDTH + BAR_GAP);
    parts.push(rect(x, bottom - height(cost), BAR_WIDTH, height(cost), { fill: SHADES[index] ?? SHADES[0] }));
    parts.push(text(x + BAR_WIDTH / 2, bottom - height(cost) - 4, spoken(cost, unit), { 'text-anchor': 'middle', 'font-size': 11 }));
  }
  const right = left + sizes.length * (BAR_WIDTH + BAR_GAP) - BAR_GAP;
  parts.push(line(left, bottom, right, bottom, { stroke: '#888888' }));
  parts.push(line(left, bottom - height(allowed), right, bottom - height(allowed), { stroke: '#c0392b', 'stroke-dasharray': '4 3' }));
  return parts;
}

import { brief, type FigureLine, readFigures, spoken } from './lines.ts';

/** The figures of a run as Markdown: each goal with what was reached. */

/** In the order of the table. A figure that is not here has no goal, or is not in the table. */
const TITLES: Readonly<Record<string, string>> = {
  get: 'GET by id, 64 connections',
  put: 'durable PUT by id, 64 connections',
  patch: 'durable PATCH by id, 64 connections',
  post: 'durable POST of new nodes, 64 connections',
  import: 'bulk import, all or nothing',
  'snapshot-first': 'snapshot, the first after an import',
  snapshot: 'snapshot, one record changed since the last',
  'restart-get': 'restart to the first GET',
  'restart-write': 'restart to the first write',
  'get-during-snapshot': 'GET p99 during snapshots',
  'get-during-import': 'GET p99 during a bulk import',
  'search-ten': 'filter search, 10 hits, p50',
  'search-unique': 'search by unique value, 64 connections',
  list: 'full list',
  join: 'join of `null` with Digest, durable',
  'renew-storm': 'renew storm',
  'memory-import': 'memory at rest, after the import',
  'memory-restart': 'memory at rest, after a restart',
};

export const GROWTH_TITLES: Readonly<Record<string, string>> = {
  'growth-import': 'bulk import',
  'growth-snapshot': 'snapshot, the first after an import',
  'growth-restart-get': 'restart to the first GET',
  'growth-restart-write': 'restart to the first write',
  'growth-list': 'full list',
  'growth-search-ten': 'filter search, 10 hits, p50',
  'growth-memory-import': 'memory at rest, after the import',
  'growth-memory-restart': 'memory at rest, after a restart',
  'growth-get-processor': 'GET by id, processor time',
  'growth-put-processor': 'durable PUT by id, processor time',
};

/** @param text lines of JSON. */
export function goalTable(text: string): string {
  const figures = readFigures(text);
  const rows = Object.entries(TITLES).flatMap(([name, title]) => {
    const figure = figures.get(name);
    return figure === undefined ? [] : goalRows(figure, title);
  });
  return table([['Figure', 'Holdfast', 'Goal', 'Beside it', 'Verdict'], ...rows]);
}

/** What a request costs the server of processor time, all threads together, and how long it takes. */
export function costTable(text: string): string {
  const figures = readFigures(text);
  const rows = ['get', 'search-unique', 'put', 'patch', 'post', 'join'].flatMap((name) => {
    const figure = figures.get(name);
    if (figure === undefined) return [];
    const { value, unit, details = {} } = figure;
    const processorUs = figures.get(`${name}-processor`)?.value ?? Number(details['processorUs']);
    const ms = (key: string): string => spoken(Number(details[key]), 'ms');
    return [[TITLES[name] ?? name, spoken(processorUs, 'us'), spoken(value, unit), ms('p50Ms'), ms('p99Ms')]];
  });
  return table([['Request', 'processor time', 'rate', 'p50', 'p99'], ...rows]);
}

/** Costs of a node, or of a request, at each size. */
export function growthTable(text: string): string {
  const figures = readFigures(text);
  const sizes = sizesOf([...figures.values()]);
  const rows = Object.entries(GROWTH_TITLES).flatMap(([name, title]) => {
    const figure = figures.get(name);
    if (figure === undefined) return [];
    const costs = sizes.map((size) => spoken(Number(figure.details?.[`nodes${size}`]), figure.unit));
    return [[title, String(figure.details?.['for']), ...costs, `${brief(figure.ratio)} ×`, verdict(figure.ratio <= (figure.target ?? 0))]];
  });
  return table([['Cost', 'of one', ...sizes.map((size) => `with ${brief(size)} nodes`), 'last to middle, goal ≤ 1.3 ×', 'Verdict'], ...rows]);
}

/** From the smallest. */
export function sizesOf(figures: readonly FigureLine[]): readonly number[] {
  const growth = figures.find(({ figure }) => figure.startsWith('growth-'));
  return Object.keys(growth?.details ?? {})
    .filter((key) => key.startsWith('nodes'))
    .map((key) => Number(key.slice('nodes'.length)))
    .sort((a, b) => a - b);
}

/** What the machine, the peers and the run were. */
export function facts(text: string): string {
  const figures = [...readFigures(text).values()];
  const [first] = figures;
  if (first === undefined) return '';
  const { cpu, cores, memoryGiB, node, kernel } = first.machine;
  const peers = new Map(figures.flatMap(({ peers: all = [] }) => all.map(({ peer, version }) => [peer, version] as const)));
  const versions = [...peers].map(([peer, version]) => `${peer} ${version}`);
  return `${cpu}, ${cores} cores, ${brief(memoryGiB)} GiB of memory, Linux ${kernel}, Node.js ${node}${versions.map((version) => `, ${version}`).join('')}; ${brief(first.nodes)} nodes.`;
}

/** One for each goal of a figure. */
function goalRows(figure: FigureLine, title: string): readonly (readonly string[])[] {
  const { value, unit, better, limit, ratio, target, goal, peers = [] } = figure;
  const own = spoken(value, unit);
  const against = (what: string, other: number, times: number, aim: number | undefined): readonly string[] => {
    const wanted = aim === undefined ? 'none' : `${better === 'lower' ? `≤ ${brief(aim)}` : `≥ ${brief(1 / aim)}`} ×`;
    const share = better === 'lower' ? times : 1 / times;
    return [title, own, wanted, `${what}: ${spoken(other, unit)} (${brief(share)} ×)`, aim === undefined ? '' : verdict(times <= aim)];
  };
  const rows: (readonly string[])[] = [];
  if (target !== undefined) rows.push(against(limit.what, limit.value, ratio, target));
  if (goal !== undefined) {
    const isReached = better === 'lower' ? value <= goal : value >= goal;
    rows.push([title, own, `${better === 'lower' ? '≤' : '≥'} ${spoken(goal, unit)}`, `${limit.what}: ${spoken(limit.value, unit)}`, verdict(isReached)]);
  }
  for (const peer of peers) rows.push(against(`${peer.peer}, ${peer.what}`, peer.value, peer.ratio, peer.target));
  return rows;
}

function verdict(isReached: boolean): string {
  return isReached ? 'reached' : '**missed**';
}

/** With columns that are aligned in the text, too. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].map((text) => `${text}\n`).join('');
}

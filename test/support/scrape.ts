import { spawnSync } from 'node:child_process';
import type { ServerProcess } from './server-process.ts';

/** What a scrape says, read back; and promtool, the judge of what Prometheus understands. */

export interface ScrapedSample {
  /** With the `_bucket`, `_sum` or `_count` of a histogram. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export class Scrape {
  readonly text: string;
  readonly samples: readonly ScrapedSample[];
  /** By the name of the metric, also of those that have no sample. */
  readonly types: ReadonlyMap<string, string>;

  constructor(text: string) {
    this.text = text;
    this.types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
    this.samples = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map(sampleIn);
  }

  static async of(server: ServerProcess): Promise<Scrape> {
    const { status, text } = await server.request('GET', '/metrics');
    if (status !== 200) throw new Error(`GET /metrics: ${status} ${text}`);
    return new Scrape(text);
  }

  /** The sum of the samples that have these labels; undefined when there is none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = this.samples.filter((sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value));
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
  }
}

function sampleIn(line: string): ScrapedSample {
  const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`no sample: ${line}`);
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', text = '']) => [label, text] as const);
  return { name, labels: Object.fromEntries(pairs), value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value) };
}

const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;

export const WITHOUT_PROMTOOL: string | false = hasPromtool ? false : 'promtool is not on this machine (Debian: prometheus)';

/** @returns what it complains of; empty when all is well. */
export function promtool(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('promtool', [...args], { input, encoding: 'utf8' });
  return status === 0 ? '' : `${stdout}${stderr}`.trim();
}

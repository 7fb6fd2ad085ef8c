/** Lines of JSON as a run prints them, for whoever makes something of them. */

export interface FigureLine {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  readonly limit: LimitLine;
  readonly ratio: number;
  readonly also?: readonly (LimitLine & { readonly ratio: number })[];
  readonly peers?: readonly PeerLine[];
  readonly target?: number;
  readonly goal?: number;
  readonly runs: number;
  readonly details?: Readonly<Record<string, number | string>>;
  readonly nodes: number;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGiB: number; readonly node: string; readonly kernel: string };
}

export interface LimitLine {
  readonly what: string;
  readonly value: number;
}

export interface PeerLine extends LimitLine {
  readonly peer: 'Redis' | 'PostgreSQL';
  readonly version: string;
  readonly ratio: number;
  readonly target?: number;
  readonly details?: Readonly<Record<string, number>>;
}

/** What is no line of JSON is passed over; of a figure that is there twice, the later one counts. */
export function readFigures(text: string): ReadonlyMap<string, FigureLine> {
  const figures = new Map<string, FigureLine>();
  for (const line of text.split('\n')) {
    if (!line.startsWith('{')) continue;
    const figure = JSON.parse(line) as FigureLine;
    figures.set(figure.figure, figure);
  }
  return figures;
}

/** With thin spaces between thousands: `12 345`. Three digits say enough. */
export function spoken(value: number, unit: string): string {
  if (unit === 'MiB') return `${grouped(Math.round(value))} MiB`;
  if (unit === 'B') return `${grouped(Math.round(value))} B`;
  if (unit === '1/s') return `${grouped(Math.round(value))}/s`;
  if (unit === 's' && value < 1) return spoken(value * 1000, 'ms');
  if (unit === 'ms' && value < 1) return spoken(value * 1000, 'us');
  return `${brief(value)} ${unit === 'us' ? 'µs' : unit}`;
}

export function brief(value: number): string {
  if (value >= 100) return grouped(Math.round(value));
  return String(Number(value.toPrecision(value < 10 ? 2 : 3)));
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}

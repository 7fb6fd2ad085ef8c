/** As much of SVG as two plots need. */

type Attributes = Readonly<Record<string, string | number>>;

export function svg(width: number, height: number, title: string, parts: readonly string[]): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`;
  return `${[head, `<title>${escaped(title)}</title>`, rect(0, 0, width, height, { fill: '#ffffff' }), ...parts, '</svg>'].join('\n')}\n`;
}

export function rect(x: number, y: number, width: number, height: number, more: Attributes): string {
  return element('rect', { x, y, width, height, ...more });
}

export function line(x1: number, y1: number, x2: number, y2: number, more: Attributes): string {
  return element('line', { x1, y1, x2, y2, ...more });
}

export function circle(cx: number, cy: number, r: number, more: Attributes): string {
  return element('circle', { cx, cy, r, ...more });
}

export function text(x: number, y: number, words: string, more: Attributes = {}): string {
  return `${element('text', { x, y, fill: '#222222', ...more }).slice(0, -'/>'.length)}>${escaped(words)}</text>`;
}

function element(name: string, attributes: Attributes): string {
  const written = Object.entries(attributes).map(([key, value]) => `${key}="${typeof value === 'number' ? Math.round(value * 10) / 10 : value}"`);
  return `<${name} ${written.join(' ')}/>`;
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

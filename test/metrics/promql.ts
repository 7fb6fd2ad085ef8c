/** The names in a PromQL expression: enough of the language to tell metrics and labels from everything else. */

const WORDS: ReadonlySet<string> = new Set(['and', 'or', 'unless', 'bool', 'offset', 'atan2', 'inf', 'nan', 'start', 'end']);
const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
const NAME = /[a-zA-Z_:][\w:]*/g;

export interface NamesIn {
  readonly metrics: readonly string[];
  /** In matchers and in groupings. */
  readonly labels: readonly string[];
}

export function namesIn(expression: string): NamesIn {
  const labels = new Set<string>();
  const metrics = new Set<string>();
  // Texts first: anything may stand in them.
  let rest = expression.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, '""').replaceAll(/#.*$/gm, '');
  rest = rest.replaceAll(/\{([^}]*)\}/g, (_, matchers: string) => {
    for (const [name] of matchers.matchAll(NAME)) labels.add(name);
    return ' ';
  });
  rest = rest.replaceAll(/\[[^\]]*\]/g, ' ');
  rest = rest.replaceAll(GROUPING, (_, names: string) => {
    for (const [name] of names.matchAll(NAME)) labels.add(name);
    return ' ';
  });
  // Numbers with their exponents and units are no names.
  rest = rest.replaceAll(/(?<![\w:])\d[\w.]*(?:[+-]\d+)?/g, ' ');
  for (const match of rest.matchAll(NAME)) {
    const [name] = match;
    const isCall = /^\s*\(/.test(rest.slice(match.index + name.length));
    const isAggregation = /^(?:sum|avg|min|max|count|group|stddev|stdvar|topk|bottomk|quantile|count_values)$/.test(name);
    if (!isCall && !isAggregation && !WORDS.has(name.toLowerCase())) metrics.add(name);
  }
  return { metrics: [...metrics], labels: [...labels] };
}

import assert from 'node:assert/strict';

/**
 * Compares what a page shows with what came out. Ids, times and the like differ from run to run, so any two of the same
 * sort count as equal; `…` in a page stands for anything.
 */

const SORTS: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-\d{12}/g, '<snapshot>'],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<uuid>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>'],
  [/\b[0-9a-f]{64}\b/g, '<sha256>'],
];
/** Measured, and so different each time. */
const MEASURED: ReadonlySet<string> = new Set(['seconds', 'bytes', 'requestId']);

export function assertAlike(answer: string, shown: string, place: string): void {
  // CSV ends its lines as RFC 4180 says; a page does not show that.
  const actual = answer.replaceAll('\r\n', '\n');
  const given = jsonOf(actual);
  const expected = jsonOf(shown);
  if (given === undefined || expected === undefined) {
    assert.match(masked(actual.trim()), patternOf(masked(shown.trim())), `${place}: the page shows\n${shown}\nand this came out:\n${actual}`);
    return;
  }
  assert.deepEqual(likened(given, expected), expected, place);
}

/** The values of a text that is JSON, or one JSON value a line. */
function jsonOf(text: string): unknown {
  try {
    return maskedValue(JSON.parse(text));
  } catch {
    // It may be NDJSON.
  }
  try {
    return text
      .trim()
      .split('\n')
      .map((line) => maskedValue(JSON.parse(line)));
  } catch {
    // Plain text, then.
    return undefined;
  }
}

function maskedValue(value: unknown): unknown {
  if (typeof value === 'string') return masked(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(maskedValue);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, MEASURED.has(name) ? '<measured>' : maskedValue(inner)]));
}

/** The actual value, with the page's own word wherever the page leaves things open. */
function likened(actual: unknown, shown: unknown): unknown {
  if (typeof shown === 'string' && shown.includes('…') && typeof actual === 'string') return patternOf(shown).test(actual) ? shown : actual;
  if (typeof actual !== 'object' || actual === null || typeof shown !== 'object' || shown === null) return actual;
  if (Array.isArray(actual)) return actual.map((element, index) => likened(element, (shown as readonly unknown[])[index]));
  return Object.fromEntries(Object.entries(actual).map(([name, inner]) => [name, likened(inner, (shown as Record<string, unknown>)[name])]));
}

function masked(text: string): string {
  return SORTS.reduce((so, [pattern, word]) => so.replaceAll(pattern, word), text);
}

function patternOf(shown: string): RegExp {
  const parts = shown.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[\\s\\S]*?')}$`);
}

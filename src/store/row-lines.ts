import { strict as assert } from 'node:assert';
import type { Kind } from '../../schemas/kind.ts';
import { hasFreeForm, quoted, renderRow } from './tables.ts';

/** Rows on their way from DuckDB: a line of text each, which becomes the record's image. */

/** The unit separator of ASCII: never inside JSON, which escapes it. */
const FIELD = '\x1f';
const FIELD_BYTE = 0x1f;
/** The character 1. */
const FREE_FORM = 0x31;

/** A row as text: whether it has free-form JSON, its revision, its key, its image. */
export function lineOf(kind: Kind): string {
  return `CASE WHEN ${hasFreeForm(kind)} THEN '1' ELSE '0' END || "revision" || '${FIELD}' || to_json(${quoted(kind.key)})::VARCHAR || '${FIELD}' || ${renderRow(kind)}`;
}

export interface Line {
  readonly key: string;
  readonly revision: number;
  readonly image: Buffer;
  /** DuckDB may have spelt something otherwise than JavaScript does. */
  readonly needsReparse: boolean;
}

export function* linesIn(kind: Kind, text: Buffer): Generator<Line> {
  const hasEscapes = text.includes('\\u');
  for (let start = 0; start < text.length; ) {
    const lineEnd = text.indexOf(0x0a, start);
    const end = lineEnd === -1 ? text.length : lineEnd;
    const keyStart = text.indexOf(FIELD_BYTE, start) + 1;
    const imageStart = text.indexOf(FIELD_BYTE, keyStart) + 1;
    assert(keyStart > 0 && imageStart > 0 && imageStart <= end, 'a line has revision, key and image');
    const image = text.subarray(imageStart, end);
    yield {
      key: unquoted(text.toString('utf8', keyStart, imageStart - 1)),
      revision: Number(text.toString('latin1', start + 1, keyStart - 1)),
      image,
      needsReparse: kind.needsReparse || text[start] === FREE_FORM || (hasEscapes && image.includes('\\u')),
    };
    start = end + 1;
  }
}

/** The string that a JSON string stands for; nearly none has an escape. */
export function unquoted(json: string): string {
  return json.includes('\\') ? (JSON.parse(json) as string) : json.slice(1, -1);
}

/** As JavaScript spells it. */
export function reparsed(image: Buffer): string {
  return JSON.stringify(JSON.parse(image.toString('utf8')));
}

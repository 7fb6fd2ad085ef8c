import type { ResultForm } from '../query/messages.ts';

/** Content types of requests, and what the Accept header lets an answer be. */

/** The type without its parameters, in lower case; undefined when the charset is one that we can't read. */
export function mediaTypeOf(contentType: string | undefined): string | undefined {
  // Nearly always it is this.
  if (contentType === undefined || contentType === 'application/json') return contentType;
  const [type = '', ...parameters] = contentType.split(';');
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=');
    if (name.trim().toLowerCase() !== 'charset') continue;
    const charset = value
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .toLowerCase();
    if (charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') return undefined;
  }
  return type.trim().toLowerCase();
}

export type ListForm = 'json' | 'ndjson';

export const NDJSON_TYPES: ReadonlySet<string> = new Set(['application/x-ndjson', 'application/ndjson', 'application/jsonl']);

const JSON_TYPES: ReadonlySet<string> = new Set(['application/json']);
const CSV_TYPES: ReadonlySet<string> = new Set(['text/csv']);
const ARROW_TYPES: ReadonlySet<string> = new Set(['application/vnd.apache.arrow.stream']);
const PARQUET_TYPES: ReadonlySet<string> = new Set(['application/vnd.apache.parquet']);

/** How a list is to be written, undefined when the client takes neither form. */
export function acceptedListForm(accept: string | undefined): ListForm | undefined {
  return acceptedForm<ListForm>(accept, LIST_FORMS);
}

/** How the result of a query is to be written, undefined when the client takes no form that there is. */
export function acceptedResultForm(accept: string | undefined): ResultForm | undefined {
  return acceptedForm<ResultForm>(accept, RESULT_FORMS);
}

type Forms<F extends string> = readonly (readonly [form: F, types: ReadonlySet<string>])[];

const LIST_FORMS: Forms<ListForm> = [
  ['json', JSON_TYPES],
  ['ndjson', NDJSON_TYPES],
];
const RESULT_FORMS: Forms<ResultForm> = [...LIST_FORMS, ['csv', CSV_TYPES], ['arrow', ARROW_TYPES], ['parquet', PARQUET_TYPES]];

/** The form that the client likes best; of equals the one that is named most exactly, and then the first. */
function acceptedForm<F extends string>(accept: string | undefined, forms: Forms<F>): F | undefined {
  if (accept === undefined || accept.trim() === '') return forms[0]?.[0];
  const candidates = forms.map(([form, types]) => ({ form, types, quality: 0, exactness: -1 }));
  for (const part of accept.split(',')) {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const quality = qualityIn(parameters);
    const group = /^(\w+)\/\*$/.exec(range)?.[1];
    if (range === '*/*') prefer(candidates, quality, 0);
    else if (group !== undefined)
      prefer(
        candidates.filter(({ types }) => [...types].some((type) => type.startsWith(`${group}/`))),
        quality,
        1,
      );
    else
      prefer(
        candidates.filter(({ types }) => types.has(range)),
        quality,
        2,
      );
  }
  const [best] = candidates.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality || b.exactness - a.exactness);
  return best?.form;
}

/** Whether a page is wanted rather than JSON: browsers name it, and nobody else does. */
export function prefersHtml(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const html: Preference = { quality: 0, exactness: -1 };
  const json: Preference = { quality: 0, exactness: -1 };
  for (const part of accept.split(',')) {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const quality = qualityIn(parameters);
    if (range === 'text/html') prefer([html], quality, 2);
    else if (range === 'application/json') prefer([json], quality, 2);
    else if (range === '*/*') prefer([json], quality, 0);
  }
  return html.quality > 0 && html.quality >= json.quality;
}

interface Preference {
  quality: number;
  /** The most exact range that named it decides its quality. */
  exactness: number;
}

function prefer(preferences: readonly Preference[], quality: number, exactness: number): void {
  for (const preference of preferences) {
    if (exactness <= preference.exactness) continue;
    preference.exactness = exactness;
    preference.quality = quality;
  }
}

function qualityIn(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  if (text === undefined) return 1;
  const quality = Number(text);
  return quality >= 0 && quality <= 1 ? quality : 0;
}

import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
import type { ResultWriter } from './result-writer.ts';
import { unquoted, type ValueText, valueText } from './value-text.ts';

/** Writes the rows of a result as JSON (an array of objects), NDJSON (an object a line) or CSV (RFC 4180, with a header). */
export class TextWriter implements ResultWriter {
  readonly #form: 'json' | 'ndjson' | 'csv';
  readonly #names: readonly string[];
  readonly #labels: readonly string[];
  readonly #texts: readonly ValueText[];
  #rows = 0;

  constructor(form: 'json' | 'ndjson' | 'csv', result: DuckDBResult) {
    this.#form = form;
    this.#names = result.deduplicatedColumnNames();
    this.#labels = this.#names.map((name) => `${JSON.stringify(name)}:`);
    this.#texts = result.columnTypes().map(valueText);
  }

  get rows(): number {
    return this.#rows;
  }

  /** Nothing is compressed. */
  get decodedBytes(): number {
    return 0;
  }

  begin(): Uint8Array {
    if (this.#form === 'json') return Buffer.from('[');
    return Buffer.from(this.#form === 'csv' ? csvLine(this.#names.map(csvText)) : '');
  }

  chunk(chunk: DuckDBDataChunk): Uint8Array {
    const columns = this.#texts.map((text, index) => chunk.getColumnValues(index).map((value) => (value === null ? undefined : text(value))));
    let out = '';
    for (let row = 0; row < chunk.rowCount; row++) {
      const texts = columns.map((column) => column[row]);
      out += this.#row(texts);
      this.#rows += 1;
    }
    return Buffer.from(out);
  }

  end(): Uint8Array {
    return Buffer.from(this.#form === 'json' ? ']' : '');
  }

  #row(texts: readonly (string | undefined)[]): string {
    if (this.#form === 'csv') return csvLine(texts.map(csvOfJson));
    const members = this.#labels.map((label, index) => label + (texts[index] ?? 'null')).join(',');
    if (this.#form === 'ndjson') return `{${members}}\n`;
    return `${this.#rows === 0 ? '' : ','}{${members}}`;
  }
}

function csvLine(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`;
}

/** Nothing for NULL, quotes for an empty text; objects and lists are their JSON. */
function csvOfJson(text: string | undefined): string {
  return text === undefined ? '' : csvText(unquoted(text));
}

function csvText(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

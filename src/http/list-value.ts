import { isDateTime, NORMALISERS } from '../../schemas/formats.ts';
import type { Column } from '../../schemas/kind.ts';

/** A column that can be compared with a value. */
export type Comparable = Exclude<Column, { type: 'json' } | { type: 'object' } | { type: 'list' }>;

export function isComparable(column: Column): column is Comparable {
  return column.type !== 'json' && column.type !== 'object' && column.type !== 'list';
}

const INTEGER = /^-?\d{1,16}$/;
const NUMBER = /^-?\d{1,32}(\.\d{1,32})?([eE][+-]?\d{1,3})?$/;

/** A parameter's text in the type and the stored form of its column; undefined when it is no such value. */
export function columnValue(column: Comparable, text: string): string | number | boolean | undefined {
  switch (column.type) {
    case 'string': {
      const normalise = column.format === undefined ? undefined : NORMALISERS[column.format];
      return normalise === undefined ? text : normalise(text);
    }
    case 'date-time':
      return isDateTime(text) ? NORMALISERS['date-time']?.(text) : undefined;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'integer': {
      const value = INTEGER.test(text) ? Number(text) : Number.NaN;
      return Number.isSafeInteger(value) ? value : undefined;
    }
    case 'number': {
      const value = NUMBER.test(text) ? Number(text) : Number.NaN;
      return Number.isFinite(value) ? value : undefined;
    }
  }
}

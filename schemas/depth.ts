import type { FaultDetail } from '../src/faults.ts';
import { pointerInto } from '../src/json-pointer.ts';
import type { Column, NamedColumn } from './kind.ts';

/**
 * How deep a record may nest. A body is measured before it is parsed, but patches can build, step by step, what no body
 * may bring; and the column store does not survive very deep JSON. Only free-form parts can be deep, so only they are looked at.
 */
export const DEPTH_MAX = 64;

/** The columns on the way to free-form values, and nothing else. */
export interface FreeForm {
  readonly name: string;
  /** Undefined: this column is free-form itself. */
  readonly inside?: readonly FreeForm[];
}

export function freeFormOf(columns: readonly NamedColumn[]): readonly FreeForm[] {
  return columns.flatMap(({ name, column }) => {
    const inner = elementOf(column);
    if (inner.type === 'json') return [{ name }];
    if (inner.type !== 'object') return [];
    const inside = freeFormOf(inner.columns);
    return inside.length === 0 ? [] : [{ name, inside }];
  });
}

function elementOf(column: Column): Column {
  return column.type === 'list' ? elementOf(column.element) : column;
}

/** The first free-form part of a valid record that is nested too deep, or undefined. */
export function depthProblem(freeForm: readonly FreeForm[], record: unknown): FaultDetail | undefined {
  // Nearly always nothing is deep: that is seen without a word about where one is.
  if (freeForm.length === 0 || !isDeeperThan(DEPTH_MAX, record)) return undefined;
  return problemIn(freeForm, record as Readonly<Record<string, unknown>>, 1, () => '');
}

/** @param pointer made only for a problem */
function problemIn(freeForm: readonly FreeForm[], record: Readonly<Record<string, unknown>>, depth: number, pointer: () => string): FaultDetail | undefined {
  for (const { name, inside } of freeForm) {
    const value = record[name];
    if (value === undefined) continue;
    const problem = problemAt(inside, value, depth, () => pointerInto(pointer(), name));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function problemAt(inside: readonly FreeForm[] | undefined, value: unknown, depth: number, pointer: () => string): FaultDetail | undefined {
  if (inside === undefined) {
    return isDeeperThan(DEPTH_MAX - depth, value) ? { pointer: pointer(), detail: `is nested deeper than ${DEPTH_MAX}` } : undefined;
  }
  if (!Array.isArray(value)) return problemIn(inside, value as Readonly<Record<string, unknown>>, depth + 1, pointer);
  for (let index = 0; index < value.length; index++) {
    const problem = problemAt(inside, value[index], depth + 1, () => pointerInto(pointer(), index));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const name in value) {
    if (isDeeperThan(levels - 1, (value as Readonly<Record<string, unknown>>)[name])) return true;
  }
  return false;
}

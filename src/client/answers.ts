import { HoldfastError } from './error.ts';

/** What answers say. */

export function arrayIn<T>(text: string, path: string): readonly T[] {
  const value = jsonIn(text, path);
  if (!Array.isArray(value)) throw new HoldfastError({ code: 'unexpected-answer', message: `${path} answered with something that is no list` });
  return value as readonly T[];
}

export function jsonIn(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HoldfastError({ code: 'unexpected-answer', message: `${path} answered with something that is no JSON`, cause });
  }
}

/** That there is no such record is an answer. */
export async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'not-found') return undefined;
    throw error;
  }
}

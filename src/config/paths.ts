import { resolve } from 'node:path';
import type { ConfigSchema } from './config-schema.ts';
import type { Elements } from './layer.ts';

/** Makes every path in a layer absolute. */
export function resolvePaths(schema: ConfigSchema, elements: Elements, folder: string): void {
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const value = elements[name];
    if (child['x-path'] === true && typeof value === 'string') elements[name] = resolve(folder, value);
    else if (child.properties !== undefined && isElements(value)) resolvePaths(child, value, folder);
  }
}

export function isElements(value: unknown): value is Elements {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

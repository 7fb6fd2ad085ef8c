import { resolve } from 'node:path';
import type { ConfigSchema } from './config-schema.ts';
import { type Elements, isElements } from './elements.ts';

/** Makes every path in a layer absolute. */
export function resolvePaths(schema: ConfigSchema, elements: Elements, folder: string): void {
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const value = Object.hasOwn(elements, name) ? elements[name] : undefined;
    if (child['x-path'] === true && typeof value === 'string') elements[name] = resolve(folder, value);
    else if (child.properties !== undefined && isElements(value)) resolvePaths(child, value, folder);
  }
}

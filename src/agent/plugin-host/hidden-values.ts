import { isWellFormed } from '../../plugin-host/plain-text.ts';
import type { PluginCall, Properties } from '../../protocol/plugin-calls.ts';
import { isSecretName, MASK } from '../../secret-names.ts';

/**
 * A plugin that fails tends to say what it was given. Its words go to callers, into the log and into the journal, so the
 * values of properties whose names say secret are taken out of them.
 */

/** Shorter ones stand in every text by chance, and a mask in their place would tell them. */
const VALUE_CHARS_MIN = 4;

export function secretValuesIn(...all: readonly Properties[]): readonly string[] {
  const values = all.flatMap((properties) => Object.entries(properties).flatMap(([name, value]) => (isSecretName(name) ? [value] : [])));
  return values.filter((value) => value.length >= VALUE_CHARS_MIN);
}

/** Most calls have none, and all of them are asked. */
export function hasSecrets({ input }: PluginCall): boolean {
  return (
    ('callerProperties' in input && hasSecretName(input.callerProperties)) ||
    ('joinProperties' in input && hasSecretName(input.joinProperties)) ||
    ('schedProperties' in input && hasSecretName(input.schedProperties))
  );
}

function hasSecretName(properties: Properties): boolean {
  for (const name in properties) if (isSecretName(name)) return true;
  return false;
}

export function secretValuesOf({ input }: PluginCall): readonly string[] {
  return secretValuesIn(
    'callerProperties' in input ? input.callerProperties : {},
    'joinProperties' in input ? input.joinProperties : {},
    'schedProperties' in input ? input.schedProperties : {},
  );
}

/** The text with a mask in the place of each value, also where it stands as in JSON or in a URL. */
export function withoutValues(text: string, values: readonly string[]): string {
  const spellings = new Set(
    values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1), ...(isWellFormed(value) ? [encodeURIComponent(value)] : [])]),
  );
  // The longest first: one secret may be the beginning of another.
  return [...spellings].sort((a, b) => b.length - a.length).reduce((so, spelling) => so.replaceAll(spelling, MASK), text);
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * What has to be merged into `before` so that it becomes `after` (RFC 7396). Undefined when no merge patch can say it: a
 * null in it means "take away", and free-form objects may have nulls.
 */
export function mergePatchOf(before: Fields, after: Fields): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {};
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) patch[name] = null;
  for (const [name, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    if (isObject(old) && isObject(value)) {
      const inner = mergePatchOf(old, value);
      if (inner === undefined) return undefined;
      if (Object.keys(inner).length > 0) patch[name] = inner;
    } else if (old === undefined || JSON.stringify(old) !== JSON.stringify(value)) {
      if (hasNull(value)) return undefined;
      patch[name] = value;
    }
  }
  return patch;
}

/** Nulls in lists are values like others. */
function hasNull(value: unknown): boolean {
  return value === null || (isObject(value) && Object.values(value).some(hasNull));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What has to be merged into `before` so that it becomes `after` (RFC 7396). Neither has nulls, as records never do. */
export function mergePatchOf(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) patch[name] = null;
  for (const [name, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    if (isObject(old) && isObject(value)) {
      const inner = mergePatchOf(old, value);
      if (Object.keys(inner).length > 0) patch[name] = inner;
    } else if (old === undefined || JSON.stringify(old) !== JSON.stringify(value)) {
      patch[name] = value;
    }
  }
  return patch;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the header `Host` says one of these, in lower case, with or without its port. */
export function isAllowedHost(allowed: ReadonlySet<string>, host = ''): boolean {
  const name = host.toLowerCase();
  return allowed.has(name) || allowed.has(name.replace(/:\d+$/, ''));
}

import type { Route } from '../route.ts';

/**
 * What can be wrong with descriptions and no type can say. It is looked for at every start, which costs next to nothing;
 * the document itself is only made when somebody asks for it.
 * @throws Error that names the route: a defect of the program.
 */
export function checkRoutes(routes: readonly Route[]): void {
  const described = new Map<string, Route>();
  const operationIds = new Set<string>();
  for (const route of routes) {
    const { method, path, about, parameters } = route;
    if ('sameAs' in about) continue;
    described.set(`${method} ${path}`, route);
    if (operationIds.has(about.operationId)) throw new Error(`${method} ${path}: another route is described as ${about.operationId}`);
    operationIds.add(about.operationId);
    const query = typeof about.query === 'function' ? 'any' : (about.query ?? []).map(({ name }) => name);
    if (parameters === 'any' || query === 'any') continue;
    if ([...parameters].sort().join() !== [...query].sort().join()) {
      throw new Error(`${method} ${path} takes the parameters "${parameters.join()}", and its description has "${query.join()}"`);
    }
  }
  for (const { method, path, about } of routes) {
    if (!('sameAs' in about) || described.has(`${method} ${about.sameAs}`)) continue;
    throw new Error(`${method} ${path} is described as the same as ${about.sameAs}, which is not described`);
  }
}

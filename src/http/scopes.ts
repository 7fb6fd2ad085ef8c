/** What a token may allow. */
export type Scope = 'inventory:read' | 'inventory:write' | 'snapshots' | 'secrets:read' | 'query' | 'reservations' | 'admin';

export const SCOPES: readonly Scope[] = ['inventory:read', 'inventory:write', 'snapshots', 'secrets:read', 'query', 'reservations', 'admin'];

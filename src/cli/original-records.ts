/** The tables of node-orchestrator and how their rows become records. */

export interface OriginalTable {
  readonly name: string;
  readonly kind: string;
  /** Column → property, for tables without a JSON column. */
  readonly columns?: Readonly<Record<string, string>>;
}

/** In the order in which they refer to each other. */
export const TABLES: readonly OriginalTable[] = [
  { name: 'bmcs', kind: 'BMC' },
  { name: 'compute_nodes', kind: 'ComputeNode' },
  { name: 'collections', kind: 'NodeCollection' },
  {
    name: 'components',
    kind: 'Component',
    columns: {
      uid: 'UID',
      id: 'ID',
      type: 'Type',
      subtype: 'Subtype',
      role: 'Role',
      sub_role: 'SubRole',
      net_type: 'NetType',
      arch: 'Arch',
      class: 'Class',
      state: 'State',
      flag: 'Flag',
      enabled: 'Enabled',
      sw_status: 'SoftwareStatus',
      nid: 'NID',
      reservation_disabled: 'ReservationDisabled',
      locked: 'Locked',
    },
  },
  { name: 'redfish_endpoints', kind: 'RedfishEndpoint', columns: { id: 'ID', name: 'Name', uri: 'URI', username: 'User', password: 'Password' } },
];

/** What Go writes for a UUID or a time that was never set. */
const UNSET = new Set(['', '00000000-0000-0000-0000-000000000000', '0001-01-01T00:00:00Z']);

/** The record of one row, as JSON. A row that is no JSON object comes out as it is: whoever checks it says so. */
export function originalRecord(table: OriginalTable, text: string): Buffer {
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch {
    return Buffer.from(text, 'utf8');
  }
  const named = table.columns === undefined ? row : renamed(row, table.columns);
  return Buffer.from(JSON.stringify(withoutUnset(named)), 'utf8');
}

function renamed(row: unknown, columns: Readonly<Record<string, string>>): unknown {
  if (typeof row !== 'object' || row === null) return row;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [columns[name] ?? name, value]));
}

/** Takes out what was never set, at every level, and xnames out of the object that some versions wrapped them in. */
function withoutUnset(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUnset);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, child] of Object.entries(value)) {
    const kept = withoutUnset(unwrapped(child));
    if (kept === null || (typeof kept === 'string' && UNSET.has(kept)) || isEmpty(kept)) continue;
    copy[name] = kept;
  }
  return copy;
}

function unwrapped(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  const [name, inner] = entries[0] ?? [];
  return entries.length === 1 && (name === 'Value' || name === 'value') && typeof inner === 'string' ? inner : value;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

import type { DuckDBConnection } from '@duckdb/node-api';
import { done, type Fault, fail, type Result } from '../../faults.ts';

/**
 * What SQL may say: one SELECT over the tables that are there. It is judged by the tree that DuckDB itself reads it as, so
 * that comments, letters and quotes can hide nothing. This is the first wall; the process that it stands in is the other.
 */

/** Functions in FROM that only compute. */
const TABLE_FUNCTIONS: ReadonlySet<string> = new Set(['range', 'generate_series', 'unnest', 'json_each', 'json_tree']);

/**
 * Functions that do more than compute: they read or change what belongs to the connection, or wait. Those that DuckDB itself
 * says have effects, and are not here, only make random numbers or fail.
 */
export const REFUSED_FUNCTIONS: ReadonlySet<string> = new Set([
  'current_connection_id',
  'current_query',
  'current_query_id',
  'current_setting',
  'current_transaction_id',
  'currval',
  'getenv',
  'getvariable',
  'json_serialize_plan',
  'json_serialize_sql',
  'nextval',
  'pg_sleep',
  'setseed',
  'sleep_ms',
  'stats',
  'write_log',
]);

/** Views of DuckDB about itself begin so; a WITH of such a name could stand for them elsewhere in the query. */
const OWN_NAME = /^(?:duckdb|pragma|sqlite|pg|information_schema)(?:_|$)/;

/** Faults: invalid-sql, forbidden-sql. Nothing is run and nothing bound. */
export async function judge(connection: DuckDBConnection, sql: string, tables: ReadonlySet<string>): Promise<Result<undefined>> {
  const tree = await treeOf(connection, sql);
  if (!tree.ok) return tree;
  const names = new Set(tables);
  const refusal = collectNames(tree.value, names) ?? refusalIn(tree.value, names);
  return refusal === undefined ? done(undefined) : { ok: false, fault: refusal };
}

interface ReadTree {
  readonly error: boolean;
  readonly error_type?: string;
  readonly error_message?: string;
  readonly statements?: readonly unknown[];
}

function readTree(text: string): ReadTree | undefined {
  try {
    return JSON.parse(text) as ReadTree;
  } catch {
    return undefined;
  }
}

async function treeOf(connection: DuckDBConnection, sql: string): Promise<Result<unknown>> {
  const statement = await connection.prepare('SELECT json_serialize_sql($1::VARCHAR)');
  statement.bindVarchar(1, sql);
  const text = String((await statement.runAndReadAll()).getRows()[0]?.[0]);
  statement.destroySync();
  const read = readTree(text);
  // DuckDB writes a constant beyond all doubles into it as no JSON has it.
  if (read === undefined) return fail('invalid-sql', "a number in it is too large; infinity is written as 'Infinity'::DOUBLE");
  if (read.error) {
    if (read.error_type === 'not implemented') return fail('forbidden-sql', /\bpivot/i.test(sql) ? ONLY_LISTED_PIVOT : 'only SELECT is allowed here');
    return fail('invalid-sql', read.error_message ?? 'it cannot be read');
  }
  const [statementTree, ...more] = read.statements ?? [];
  if (statementTree === undefined) return fail('invalid-sql', 'there is no statement');
  return more.length > 0 ? fail('forbidden-sql', 'only one statement is allowed') : done(statementTree);
}

/** Without them DuckDB makes a type of the values first, which is a second statement. */
const ONLY_LISTED_PIVOT = "only SELECT is allowed here, and PIVOT with its values listed, as in: ON architecture IN ('arm64', 'x86_64')";

type Node = Readonly<Record<string, unknown>>;

/** Adds the names that WITH makes; a refusal when one of them must not be made. */
function collectNames(tree: unknown, names: Set<string>): Fault | undefined {
  return firstIn(tree, (node) => {
    const { map } = (node['cte_map'] ?? {}) as { map?: readonly { key: string }[] };
    for (const { key } of map ?? []) {
      const name = key.toLowerCase();
      if (OWN_NAME.test(name)) return forbidden(`WITH may not make ${shown(key)}`);
      names.add(name);
    }
    return undefined;
  });
}

function refusalIn(tree: unknown, names: ReadonlySet<string>): Fault | undefined {
  return firstIn(tree, (node) => {
    switch (node['type']) {
      case 'BASE_TABLE':
        return tableRefusal(node, names);
      case 'SHOW_REF':
        return showRefusal(node);
      case 'TABLE_FUNCTION':
        return functionRefusal((node['function'] ?? {}) as Node, true);
      default:
        return node['class'] === 'FUNCTION' || node['class'] === 'WINDOW' ? functionRefusal(node, false) : undefined;
    }
  });
}

function tableRefusal(node: Node, names: ReadonlySet<string>): Fault | undefined {
  const name = textIn(node, 'table_name');
  const isOwn = ['', 'main'].includes(textIn(node, 'schema_name').toLowerCase()) && ['', 'memory'].includes(textIn(node, 'catalog_name').toLowerCase());
  if (isOwn && names.has(name.toLowerCase())) return undefined;
  const detail = `there is no table ${shown(name)} here; SHOW TABLES lists those that are`;
  // A mistake, unless it is something that DuckDB would find elsewhere.
  return isOwn && /^\w+$/.test(name) && !OWN_NAME.test(name.toLowerCase()) ? { code: 'invalid-sql', detail } : forbidden(detail);
}

/** SHOW TABLES, DESCRIBE and SUMMARIZE are SELECTs to DuckDB; the latter two have a query in them, which is judged for itself. */
function showRefusal(node: Node): Fault | undefined {
  const name = textIn(node, 'table_name').replaceAll('"', '');
  const hasQuery = typeof node['query'] === 'object' && node['query'] !== null;
  return hasQuery || name.toLowerCase() === 'tables' ? undefined : forbidden(`SHOW ${shown(name)} is not allowed`);
}

function functionRefusal(node: Node, isTable: boolean): Fault | undefined {
  const name = textIn(node, 'function_name').toLowerCase();
  const isRefused = isTable ? !TABLE_FUNCTIONS.has(name) : REFUSED_FUNCTIONS.has(name);
  if (isRefused) return forbidden(`the function ${shown(name)} is not allowed`);
  const schema = textIn(node, 'schema');
  return schema === '' || schema === 'main' ? undefined : forbidden(`functions of ${shown(schema)} are not allowed`);
}

/** The first answer that any object of the tree gives. Without recursion: the tree is as deep as the caller likes. */
function firstIn(tree: unknown, ask: (node: Node) => Fault | undefined): Fault | undefined {
  const waiting: unknown[] = [tree];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const answer = Array.isArray(value) ? undefined : ask(value as Node);
    if (answer !== undefined) return answer;
    for (const child of Object.values(value)) if (typeof child === 'object' && child !== null) waiting.push(child);
  }
  return undefined;
}

function textIn(node: Node, name: string): string {
  const value = node[name];
  return typeof value === 'string' ? value : '';
}

function forbidden(detail: string): Fault {
  return { code: 'forbidden-sql', detail };
}

const SHOWN_LENGTH_MAX = 80;

function shown(name: string): string {
  return JSON.stringify(name.slice(0, SHOWN_LENGTH_MAX));
}

import type { Column, Kind, NamedColumn, Schema } from '../../../schemas/kind.ts';
import { LIST_LIMIT_MAX } from '../list-query.ts';
import { type Comparable, isComparable } from '../list-value.ts';
import { AT_PARAMETER, type Parameter } from './about.ts';
import type { JsonSchema } from './json-schema.ts';

/** The query parameters of lists, as `list-query.ts` reads them, from the columns of the kind. */
export function listParameters(kind: Kind): readonly Parameter[] {
  const leaves = [...leavesOf(kind.columns, [], false)];
  const texts = new Map(leaves.map(({ name, path }) => [name, textOf(kind.schema, path)]));
  return [
    AT_PARAMETER,
    ...CONTROLS,
    ...leaves.map(({ name, column }) => equalTo(name, column, texts.get(name))),
    ...leaves.flatMap(({ name, column, throughList }) => (throughList || !isMeasured(column) ? [] : comparisons(name, column))),
    ...Object.entries(kind.parameters).map(([name, target]) => oldName(name, target, kind)),
  ];
}

const PROPERTIES: JsonSchema = { type: 'array', minItems: 1, items: { type: 'string', pattern: '^[A-Za-z_][\\w.-]*$' } };
const SORTED: JsonSchema = { type: 'array', minItems: 1, maxItems: 8, items: { type: 'string', pattern: '^-?[A-Za-z_][\\w.-]*$' } };
const NAMED: JsonSchema = { type: 'array', items: { type: 'string', pattern: '^!?[A-Za-z_][\\w.-]*$' } };

const CONTROLS: readonly Parameter[] = [
  {
    name: 'limit',
    description: 'At most so many; where there are more, the header Link leads to them.',
    schema: { type: 'integer', minimum: 1, maximum: LIST_LIMIT_MAX },
  },
  { name: 'after', description: 'Where the page begins: taken from the header Link of the page before.', schema: { type: 'string' } },
  {
    name: 'sort',
    description: 'The order, by up to 8 properties (`a,-b.c`); `-` turns it round. Records without the property come last.',
    schema: SORTED,
    explode: false,
  },
  { name: 'fields', description: 'Only these properties (`a,b.c`), and the key.', schema: PROPERTIES, explode: false },
  { name: 'count', description: 'Also tells, in X-Total-Count, how many fit.', schema: { type: 'boolean' } },
  { name: 'missing', description: 'This property is absent; with `!` in front, it is there. Repeated: all of that.', schema: NAMED },
];

interface Leaf {
  readonly name: string;
  readonly path: readonly string[];
  readonly column: Comparable;
  readonly throughList: boolean;
}

/** The properties that can be compared with a value, inside others too. */
function* leavesOf(columns: readonly NamedColumn[], path: readonly string[], throughList: boolean): Generator<Leaf> {
  for (const { name, column } of columns) {
    const here = [...path, name];
    let inner: Column = column;
    while (inner.type === 'list') inner = inner.element;
    const isInList = throughList || column.type === 'list';
    if (inner.type === 'object') yield* leavesOf(inner.columns, here, isInList);
    else if (isComparable(inner)) yield { name: here.join('.'), path: here, column: inner, throughList: isInList };
  }
}

function equalTo(name: string, column: Comparable, text: string | undefined): Parameter {
  const about = text === undefined ? '' : `${text} `;
  return {
    name,
    description: `${about}Repeated: one of these values; with \`!\` in front: none of them.`,
    schema: { type: 'array', items: { type: 'string', ...exclusionOf(column) } },
  };
}

/** Values come with a `!` in front too, so that they are texts whatever the column is. */
function exclusionOf(column: Comparable): JsonSchema {
  switch (column.type) {
    case 'integer':
      return { pattern: '^!?-?\\d{1,16}$' };
    case 'boolean':
      return { pattern: '^!?(true|false)$' };
    default:
      return {};
  }
}

/** Numbers and times; texts have an order too, but nobody wants four parameters for each of them. */
function isMeasured(column: Comparable): boolean {
  return column.type === 'integer' || column.type === 'number' || column.type === 'date-time';
}

const OPERATORS = { gt: 'Greater than', gte: 'Greater than or equal to', lt: 'Less than', lte: 'Less than or equal to' } as const;

function comparisons(name: string, column: Comparable): readonly Parameter[] {
  const schema: JsonSchema = column.type === 'date-time' ? { type: 'string', format: 'date-time' } : { type: column.type };
  return Object.entries(OPERATORS).map(([operator, words]) => ({ name: `${name}.${operator}`, description: `${words} this.`, schema }));
}

function oldName(name: string, target: string, kind: Kind): Parameter {
  if (target.startsWith('missing=')) {
    return { name, description: `With \`true\` the same as \`${target}\`: a name of node-orchestrator.`, schema: { type: 'boolean' }, deprecated: true };
  }
  const [leaf] = [...leavesOf(kind.columns, [], false)].filter((candidate) => candidate.name === target);
  const items: JsonSchema = { type: 'string', ...(leaf === undefined ? {} : exclusionOf(leaf.column)) };
  return { name, description: `The same as \`${target}\`: a name of node-orchestrator.`, schema: { type: 'array', items }, deprecated: true };
}

/** What the schema says of the property at this path. */
function textOf(root: Schema, path: readonly string[]): string | undefined {
  let schema: Schema | undefined = root;
  let text: string | undefined;
  for (const name of path) {
    schema = schema?.properties?.[name];
    text = schema?.description;
    schema = resolved(root, schema);
    while (schema?.items !== undefined) schema = resolved(root, schema.items);
    text ??= schema?.description;
  }
  return text;
}

function resolved(root: Schema, schema: Schema | undefined): Schema | undefined {
  return schema?.$ref === undefined ? schema : root.$defs?.[schema.$ref.slice('#/$defs/'.length)];
}

/**
 * Filters of lists and feeds. A property with a value: has this value; with a list: one of these; with an object:
 * compares. All of them must hold. A property inside another is named with a dot: `'bmc.xname'`.
 */

export type Scalar = string | number | boolean;

export interface Comparison<V extends Scalar> {
  /** Not this value, none of these; records without the property fit. */
  readonly not?: V | readonly V[];
  readonly gte?: V;
  readonly gt?: V;
  readonly lte?: V;
  readonly lt?: V;
  /** true: the property is absent; false: it is there. */
  readonly missing?: boolean;
}

export type Condition<V extends Scalar> = V | readonly V[] | Comparison<V>;

/** Of an object, or a list of objects, only whether it is there can be asked. Of a list of values, whether one of them fits. */
type ConditionOn<P> = unknown extends P
  ? Condition<Scalar>
  : [P] extends [Scalar]
    ? Condition<P>
    : P extends readonly (infer V extends Scalar)[]
      ? Condition<V>
      : Pick<Comparison<never>, 'missing'>;

export type Where<R> = { readonly [P in keyof R]?: ConditionOn<Exclude<R[P], undefined>> } & { readonly [path: `${string}.${string}`]: Condition<Scalar> };

const OPERATORS = ['gte', 'gt', 'lte', 'lt'] as const;

/** Adds the conditions to `query`. @throws TypeError for what would ask for something else than it says */
export function addConditions(query: URLSearchParams, where: object): void {
  for (const [property, condition] of Object.entries(where) as [string, unknown][]) {
    if (isScalar(condition)) query.append(property, plainValue(property, condition));
    else if (Array.isArray(condition)) for (const value of nonEmpty(property, condition)) query.append(property, plainValue(property, value));
    else if (typeof condition === 'object' && condition !== null) addComparison(query, property, condition);
    // Left out, it would ask for everything.
    else throw new TypeError(`where.${property} is ${condition}`);
  }
}

function addComparison(query: URLSearchParams, property: string, comparison: Comparison<Scalar>): void {
  const names = Object.keys(comparison);
  const unknown = names.find((name) => name !== 'not' && name !== 'missing' && !OPERATORS.some((operator) => operator === name));
  if (unknown !== undefined || names.length === 0) throw new TypeError(`where.${property} has ${unknown === undefined ? 'no operator' : `"${unknown}"`}`);
  const { not, missing } = comparison;
  if (not !== undefined) for (const value of Array.isArray(not) ? nonEmpty(property, not) : [not]) query.append(property, `!${value}`);
  for (const operator of OPERATORS) {
    const value = comparison[operator];
    if (value !== undefined) query.append(`${property}.${operator}`, String(value));
  }
  if (missing !== undefined) query.append('missing', missing ? property : `!${property}`);
}

/** The server reads a `!` at the beginning as "not". */
function plainValue(property: string, value: unknown): string {
  if (!isScalar(value)) throw new TypeError(`where.${property} is no text, number or boolean`);
  if (String(value).startsWith('!')) throw new TypeError(`where.${property}: a value that begins with "!" cannot be asked for; {not: …} excludes one`);
  return String(value);
}

function nonEmpty(property: string, values: readonly unknown[]): readonly unknown[] {
  if (values.length === 0) throw new TypeError(`where.${property} is an empty list, which nothing fits`);
  return values;
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

import { canonicalObject } from './canonical.ts';
import type { Kind, NamedColumn } from './kind.ts';

/**
 * Checked records in two parts. Open members are those that the owner judges by or may change; the others are settled:
 * they pass through it as the text that the image has of them, so that it need not read, normalise and write them again.
 */

type Fields = Record<string, unknown>;

/** Many records of one kind. */
export interface PartedDrafts {
  /** The open members of each. */
  readonly open: readonly Fields[];
  /**
   * For each record the text of each run of settled columns, without braces; empty where it has none of them. All in one
   * piece, because a text of its own costs more than what is in it, and where each ends.
   */
  readonly settled: string;
  readonly ends: Uint32Array;
}

/** One open column, or a run of settled ones. */
type Stretch = { readonly open: string; readonly label: string } | { readonly run: number };

/** How the columns of a kind are parted. */
export interface Parting {
  readonly open: readonly NamedColumn[];
  readonly runs: readonly (readonly NamedColumn[])[];
  /** Both, in canonical order. */
  readonly stretches: readonly Stretch[];
  readonly settledNames: ReadonlySet<string>;
}

/**
 * What rules look at or change of a record, beyond what its schema says is theirs (its key, unique values, secrets and
 * their flags, what only the server sets). `all`: they want whole records, which are not parted.
 */
export const RULED: Readonly<Record<string, readonly string[] | 'all'>> = {
  BMC: 'all',
  ComputeNode: ['xname', 'location_string', 'bmc'],
  NodeCollection: 'all',
};

const PARTINGS = new WeakMap<Kind, { readonly parting: Parting | undefined }>();

/** Undefined when records of this kind go to the owner whole. */
export function partingOf(kind: Kind): Parting | undefined {
  let known = PARTINGS.get(kind);
  if (known === undefined) {
    known = { parting: makeParting(kind) };
    PARTINGS.set(kind, known);
  }
  return known.parting;
}

function makeParting(kind: Kind): Parting | undefined {
  const ruled = RULED[kind.name] ?? [];
  if (ruled === 'all') return undefined;
  const openNames = new Set<string | undefined>([
    kind.key,
    ...kind.serverSet,
    ...kind.uniques.map(({ property }) => property),
    ...kind.secrets.map(({ path, flag }) => (path.length === 1 ? flag : path[0])),
    ...ruled,
    'created_at',
    'updated_at',
    'revision',
  ]);
  const open: NamedColumn[] = [];
  const runs: NamedColumn[][] = [];
  const stretches: Stretch[] = [];
  let run: NamedColumn[] | undefined;
  for (const named of kind.columns) {
    if (openNames.has(named.name)) {
      open.push(named);
      stretches.push({ open: named.name, label: `${JSON.stringify(named.name)}:` });
      run = undefined;
      continue;
    }
    if (run === undefined) {
      run = [];
      stretches.push({ run: runs.length });
      runs.push(run);
    }
    run.push(named);
  }
  return { open, runs, stretches, settledNames: new Set(runs.flat().map(({ name }) => name)) };
}

/** Parts records one by one. */
export class Parter {
  readonly #parting: Parting;
  readonly #open: Fields[] = [];
  readonly #texts: string[] = [];
  readonly #ends: number[] = [];
  #end = 0;

  constructor(parting: Parting) {
    this.#parting = parting;
  }

  /** @param draft is checked, and not changed */
  add(draft: Readonly<Fields>): void {
    const { runs, settledNames } = this.#parting;
    const open: Fields = {};
    for (const name in draft) if (!settledNames.has(name)) open[name] = draft[name];
    this.#open.push(open);
    for (const columns of runs) {
      const text = JSON.stringify(canonicalObject(columns, draft)).slice(1, -1);
      this.#end += text.length;
      this.#texts.push(text);
      this.#ends.push(this.#end);
    }
  }

  /** All that was added. */
  get drafts(): PartedDrafts {
    return { open: this.#open, settled: this.#texts.join(''), ends: Uint32Array.from(this.#ends) };
  }
}

/** The texts of the settled members of one of the records. */
export function settledOf({ runs }: Parting, { settled, ends }: PartedDrafts, index: number): readonly string[] {
  const texts: string[] = [];
  for (let run = index * runs.length; run < (index + 1) * runs.length; run++) texts.push(settled.slice(run === 0 ? 0 : ends[run - 1], ends[run]));
  return texts;
}

/** The same bytes as of the whole record's canonical form. @param record the canonical form of the open members */
export function imageOfParted({ stretches }: Parting, record: Readonly<Fields>, settled: readonly string[]): string {
  let image = '';
  for (const stretch of stretches) {
    const text = 'run' in stretch ? settled[stretch.run] : memberOf(stretch.label, record[stretch.open]);
    if (text !== undefined && text !== '') image += image === '' ? `{${text}` : `,${text}`;
  }
  return image === '' ? '{}' : `${image}}`;
}

/** Text that JSON spells as it is: nearly all of what is open is of this kind, and asking costs less than spelling. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

function memberOf(label: string, value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' && PLAIN.test(value) ? `${label}"${value}"` : label + JSON.stringify(value);
}

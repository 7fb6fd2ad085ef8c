import { normalXname } from '../../../schemas/xname.ts';
import type { Fault, FaultDetail } from '../../faults.ts';
import { type Fields, type Rule, type RuleContext, textOf } from './rule.ts';

const CONFLICTS_NAMED_MAX = 20;

/** A node is in at most one partition and at most one tenant; ad-hoc and job collections are free. */
export const nodeCollectionRule: Rule = {
  kind: 'NodeCollection',
  references: [{ kind: 'NodeCollection', path: ['nodes'], normalForm: 'xname' }],

  beforePut(context, { key, draft, current, origin }) {
    const creator = current === undefined ? origin.subject : current['creator_subject'];
    if (creator === undefined) delete draft['creator_subject'];
    else draft['creator_subject'] = creator;
    const nodes = withoutRepeats(draft['nodes'] as readonly string[]);
    draft['nodes'] = nodes;
    return sharedNodes(context, key, draft);
  },

  afterRestore: sharedNodes,
};

function sharedNodes(context: RuleContext, key: string, collection: Readonly<Fields>): Fault | undefined {
  const type = textOf(collection['type']);
  if (type !== 'partition' && type !== 'tenant') return undefined;
  const errors = takenNodes(context, key, type, collection['nodes'] as readonly string[]);
  const [first] = errors;
  if (first === undefined) return undefined;
  return { code: 'conflict', detail: `a node can be in one ${type} only: ${first.detail}`, errors };
}

function withoutRepeats(xnames: readonly string[]): readonly string[] {
  const seen = new Map<string, string>();
  for (const xname of xnames) {
    const normal = normalXname(xname);
    if (!seen.has(normal)) seen.set(normal, xname);
  }
  return [...seen.values()];
}

function takenNodes(context: RuleContext, key: string, type: string, nodes: readonly string[]): FaultDetail[] {
  const errors: FaultDetail[] = [];
  const rivals = new Map<string, string | undefined>();
  for (const [index, xname] of nodes.entries()) {
    for (const other of context.referrersTo('NodeCollection', 'nodes', xname)) {
      if (other === key) continue;
      if (!rivals.has(other)) {
        const collection = context.get('NodeCollection', other);
        rivals.set(other, collection?.['type'] === type ? String(collection['name']) : undefined);
      }
      const name = rivals.get(other);
      if (name !== undefined) errors.push({ pointer: `/nodes/${index}`, detail: `${xname} is in ${type} "${name}" (${other})` });
      if (errors.length >= CONFLICTS_NAMED_MAX) return errors;
    }
  }
  return errors;
}

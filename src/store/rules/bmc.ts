import { isDeepStrictEqual } from 'node:util';
import { isBmcXname } from '../../../schemas/xname.ts';
import type { Fault } from '../../faults.ts';
import { agreeOnLocation } from './location.ts';
import type { Fields, Rule, RuleContext } from './rule.ts';

const NODES_NAMED_MAX = 5;

/** Nodes carry a copy of their BMC: it changes with it, and a BMC that a node has is not deleted by the way. */
export const bmcRule: Rule = {
  kind: 'BMC',

  beforePut(_context, put) {
    return agreeOnLocation(put.draft, isBmcXname);
  },

  afterPut: renewCopies,

  afterRestore: renewCopies,

  beforeRemove(context, key, _bmc, force) {
    return force ? undefined : neededBy(context, key, 'delete those first, or use ?force=true');
  },

  afterRestoredRemoval(context, key) {
    return neededBy(context, key, 'let that go back as well, with its kind or a wider filter');
  },

  afterRemove(context, key) {
    for (const node of context.referrersTo('ComputeNode', 'bmc.id', key)) {
      context.rewrite('ComputeNode', node, (record) => {
        delete record['bmc'];
      });
    }
    return undefined;
  },
};

function neededBy(context: RuleContext, key: string, remedy: string): Fault | undefined {
  const nodes = context.referrersTo('ComputeNode', 'bmc.id', key);
  if (nodes.length === 0) return undefined;
  const named = nodes.slice(0, NODES_NAMED_MAX).join(', ');
  const more = nodes.length > NODES_NAMED_MAX ? ` and ${nodes.length - NODES_NAMED_MAX} more` : '';
  return { code: 'conflict', detail: `BMC ${key} belongs to ComputeNode ${named}${more}; ${remedy}` };
}

function renewCopies(context: RuleContext, key: string, bmc: Readonly<Fields>): undefined {
  const nodes = context.referrersTo('ComputeNode', 'bmc.id', key);
  if (nodes.length === 0) return;
  const copy = bmcCopy(bmc);
  for (const node of nodes) {
    // A new password changes nothing that a node shows.
    if (isDeepStrictEqual(context.get('ComputeNode', node)?.['bmc'], copy)) continue;
    context.rewrite('ComputeNode', node, (record) => {
      record['bmc'] = copy;
    });
  }
}

/** What a node carries of its BMC's (canonical) record: everything but that record's own bookkeeping. */
export function bmcCopy(bmc: Readonly<Fields>): Fields {
  const { created_at: _created, updated_at: _updated, revision: _revision, ...copy } = bmc;
  return copy;
}

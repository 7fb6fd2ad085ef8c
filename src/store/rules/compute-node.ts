import { isDeepStrictEqual } from 'node:util';
import { canonical } from '../../../schemas/canonical.ts';
import { normalMac } from '../../../schemas/formats.ts';
import { bmcXnameOf, isNodeXname, normalXname } from '../../../schemas/xname.ts';
import { done, type Fault, fail, type Result } from '../../faults.ts';
import { bmcCopy } from './bmc.ts';
import { agreeOnLocation } from './location.ts';
import { type Fields, type Put, type Rule, type RuleContext, textOf } from './rule.ts';

/**
 * A node has one BMC: the one that is given (matched by id, xname or MAC, or new), else the one that its xname implies.
 * The node carries a copy of the BMC's record. A deleted node leaves its collections.
 */
export const computeNodeRule: Rule = {
  kind: 'ComputeNode',
  references: [{ kind: 'ComputeNode', path: ['bmc', 'id'], normalForm: 'exact' }],

  beforePut(context, put) {
    const fault = agreeOnLocation(put.draft, isNodeXname);
    if (fault !== undefined) return fault;
    const unchanged = bmcAsItWas(put);
    if (unchanged !== undefined) {
      put.draft['bmc'] = unchanged;
      return undefined;
    }
    const bmc = bmcOf(context, put);
    if (!bmc.ok) return bmc.fault;
    if (bmc.value === undefined) delete put.draft['bmc'];
    else put.draft['bmc'] = bmcCopy(bmc.value);
    return undefined;
  },

  afterRestore(context, key, node) {
    const id = textOf((node['bmc'] as Fields | undefined)?.['id']);
    if (id === undefined) return undefined;
    const bmc = context.get('BMC', id);
    if (bmc === undefined)
      return {
        code: 'conflict',
        detail: `its BMC ${id} is not there: restore that as well`,
        errors: [{ pointer: '/bmc/id', detail: `there is no BMC ${id}` }],
      };
    const copy = bmcCopy(bmc);
    if (isDeepStrictEqual(node['bmc'], copy)) return undefined;
    context.rewrite('ComputeNode', key, (record) => {
      record['bmc'] = copy;
    });
    return undefined;
  },

  afterRemove(context, _key, node) {
    const xname = textOf(node['xname']);
    if (xname === undefined) return undefined;
    const gone = normalXname(xname);
    for (const key of context.referrersTo('NodeCollection', 'nodes', xname)) {
      context.rewrite('NodeCollection', key, (collection) => {
        collection['nodes'] = (collection['nodes'] as readonly string[]).filter((member) => normalXname(member) !== gone);
      });
    }
    return undefined;
  },
};

/** Go clients write it for an id that is not set. */
const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/**
 * The node's copy of its BMC when a client sends that back as it read it, which is what nearly every change of a node does.
 * The copy changes with the BMC's record and goes with it, so that need not be looked at.
 */
function bmcAsItWas(put: Put): Fields | undefined {
  const given = put.draft['bmc'] as Fields | undefined;
  const copy = put.current?.['bmc'] as Fields | undefined;
  if (given === undefined || copy === undefined || given['id'] !== copy['id']) return undefined;
  if (put.draft['xname'] !== put.current?.['xname']) return undefined;
  for (const name in given) if (given[name] !== copy[name]) return undefined;
  return copy;
}

/** The BMC record that this node gets, stored if it is new or changed. */
function bmcOf(context: RuleContext, put: Put): Result<Fields | undefined> {
  const given = put.draft['bmc'] as Fields | undefined;
  const xname = textOf(put.draft['xname']);
  if (given === undefined || followsOldXname(put, given, xname)) {
    return xname === undefined ? done(undefined) : impliedBmc(context, put, bmcXnameOf(xname));
  }
  const match = matchingBmc(context, given);
  if (!match.ok) return match;
  return match.value === undefined ? newBmc(context, put, given) : changedBmc(context, put, match.value, given);
}

/** An untouched copy of the BMC that the old xname implied does not hold a node back that has moved. */
function followsOldXname(put: Put, given: Fields, xname: string | undefined): boolean {
  const oldXname = textOf(put.current?.['xname']);
  if (oldXname === undefined || xname === undefined || normalXname(oldXname) === normalXname(xname)) return false;
  const bmcXname = textOf(given['xname']);
  return bmcXname !== undefined && normalXname(bmcXname) === normalXname(bmcXnameOf(oldXname)) && isDeepStrictEqual(given, put.current?.['bmc']);
}

function impliedBmc(context: RuleContext, put: Put, xname: string): Result<Fields> {
  const key = context.holderOf('BMC', 'xname', xname);
  const existing = key === undefined ? undefined : context.get('BMC', key);
  if (existing !== undefined) return done(existing);
  const stored = context.store('BMC', undefined, { xname }, put.origin);
  return stored.ok ? done(stored.value.record) : stored;
}

/** The BMC as it is. */
function matchingBmc(context: RuleContext, given: Fields): Result<Fields | undefined> {
  const id = textOf(given['id'])?.toLowerCase();
  if (id !== undefined && id !== NIL_UUID) {
    const named = context.get('BMC', id);
    if (named !== undefined) return done(named);
    return fail('invalid', `there is no BMC ${id}`, [{ pointer: '/bmc/id', detail: 'names no BMC; leave it out to match by xname or MAC address' }]);
  }
  const xname = textOf(given['xname']);
  const mac = textOf(given['mac_address']);
  const byXname = xname === undefined ? undefined : context.holderOf('BMC', 'xname', xname);
  const byMac = mac === undefined ? undefined : context.holderOf('BMC', 'mac_address', normalMac(mac));
  if (byXname !== undefined && byMac !== undefined && byXname !== byMac) {
    return fail('conflict', `the xname of the given bmc belongs to BMC ${byXname}, its MAC address to BMC ${byMac}`);
  }
  const key = byXname ?? byMac;
  return done(key === undefined ? undefined : context.get('BMC', key));
}

function newBmc(context: RuleContext, put: Put, given: Fields): Result<Fields> {
  // A BMC named by its xname alone is the same as an implied one; any other is a client's BMC, and must be complete.
  const namedOnly = Object.keys(given).length === 1 && given['xname'] !== undefined;
  if (!namedOnly) {
    const missing = context.check('BMC', given);
    if (missing.length > 0) return refusedBmc(missing);
    if (given['password'] === undefined) return refusedBmc([{ pointer: '/password', detail: 'is required' }]);
  }
  const stored = context.store('BMC', undefined, given, put.origin);
  return stored.ok ? done(stored.value.record) : stored;
}

function changedBmc(context: RuleContext, put: Put, current: Fields, given: Fields): Result<Fields> {
  const kind = context.kind('BMC');
  const asGiven: Fields = {};
  for (const [name, value] of Object.entries(given)) {
    if (name !== kind.key && !kind.serverSet.includes(name)) asGiven[name] = value;
  }
  // Mostly it comes back as it was read.
  if (Object.entries(asGiven).every(([name, value]) => value === current[name])) return done(current);
  const merged = { ...current, ...asGiven };
  const changes = asGiven['password'] !== undefined || !isDeepStrictEqual(canonical(kind, merged), current);
  if (!changes) return done(current);
  const stored = context.store('BMC', textOf(current[kind.key]), merged, put.origin);
  return stored.ok ? done(stored.value.record) : stored;
}

function refusedBmc(errors: NonNullable<Fault['errors']>): Result<never> {
  return fail(
    'invalid',
    'the given bmc matches no existing BMC and is not complete enough to make one',
    errors.map(({ pointer, detail }) => ({ pointer: `/bmc${pointer}`, detail })),
  );
}

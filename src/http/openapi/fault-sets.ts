import type { FaultCode } from '../../faults.ts';
import type { Route } from '../route.ts';

/** Which faults routes answer with: those that come from what a route is, and sets that several descriptions share. */

/** What stands in front of every handler. */
const EVERYWHERE: readonly FaultCode[] = ['invalid-request', 'invalid-parameter', 'uri-too-long', 'unsupported-media-type', 'internal'];

/** All faults of a route: its own, and those of the way to it. `isOpen`: nobody is asked who he is. */
export function faultsOf({ path, isVital, about }: Route, isOpen: boolean): ReadonlySet<FaultCode> {
  const codes = new Set<FaultCode>(EVERYWHERE);
  if (path.includes('{')) codes.add('invalid-id');
  if (isVital !== true) codes.add('overloaded').add('stopping').add('too-many-requests');
  if (!isOpen) codes.add('unauthorized').add('forbidden').add('too-many-failures');
  if ('faults' in about) for (const code of about.faults) codes.add(code);
  return codes;
}

/** A question to the owner. */
export const QUERY_FAULTS: readonly FaultCode[] = ['recovering', 'outcome-unknown', 'timeout'];
/** A change, which is journaled. */
export const CHANGE_FAULTS: readonly FaultCode[] = [...QUERY_FAULTS, 'not-durable'];
/** A body of JSON. */
export const BODY_FAULTS: readonly FaultCode[] = ['malformed-json', 'invalid-encoding', 'invalid', 'too-large', 'timeout'];
/** A call of a plugin. */
export const PLUGIN_FAULTS: readonly FaultCode[] = [...QUERY_FAULTS, 'not-found', 'plugin-failed', 'plugin-timeout'];
/** A call of a plugin, and what becomes of the reservation. */
export const OPERATION_FAULTS: readonly FaultCode[] = [...PLUGIN_FAULTS, ...CHANGE_FAULTS, 'wrong-state'];

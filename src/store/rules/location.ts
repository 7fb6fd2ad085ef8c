import { normalXname } from '../../../schemas/xname.ts';
import type { Fault } from '../../faults.ts';
import { type Fields, textOf } from './rule.ts';

/**
 * `location_string` and `xname` name the same thing when the location is an xname; any other location is just text.
 * node-orchestrator moved from the one to the other, so its clients send either.
 */
export function agreeOnLocation(draft: Fields, isXname: (text: string) => boolean): Fault | undefined {
  const location = textOf(draft['location_string']);
  if (location === undefined || !isXname(location)) return undefined;
  const xname = textOf(draft['xname']);
  if (xname === undefined) {
    draft['xname'] = location;
    return undefined;
  }
  if (normalXname(xname) === normalXname(location)) return undefined;
  const detail = `names ${location}, but xname is ${xname}`;
  return { code: 'invalid', detail: `location_string ${detail}`, errors: [{ pointer: '/location_string', detail }] };
}

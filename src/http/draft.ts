import { asDraft } from '../../schemas/canonical.ts';
import type { Kind } from '../../schemas/kind.ts';
import type { Kinds } from '../../schemas/registry.ts';
import { done, type FaultDetail, fail, type Result } from '../faults.ts';
import type { Draft } from '../protocol/commands.ts';

/** What is checked before a record goes to the owner. */
export type Checker = Pick<Kinds, 'check'>;

/** Makes a draft of what a client sent, changing it in place. `keepKey`: an upsert may say which record it means. */
export function draftOf(kinds: Checker, kind: Kind, value: unknown, keepKey = false): Result<Draft> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return invalid([{ pointer: '', detail: 'must be an object' }]);
  const draft = asDraft(kind, value as Draft, keepKey);
  const flaws = kinds.check(kind, draft);
  return flaws.length === 0 ? done(draft) : invalid(flaws);
}

export function invalid(flaws: readonly FaultDetail[]): { ok: false; fault: { code: 'invalid'; detail: string; errors: readonly FaultDetail[] } } {
  const [first] = flaws;
  const detail =
    flaws.length === 1 && first !== undefined ? `${first.pointer === '' ? 'the record' : first.pointer} ${first.detail}` : `${flaws.length} places are wrong`;
  return { ok: false, fault: { code: 'invalid', detail, errors: flaws } };
}

/** Drafts of all elements of an array, or every flaw in any of them, with the element's index in front of its pointer. */
export function draftsOf(kinds: Checker, kind: Kind, values: readonly unknown[], flawsMax: number): Result<readonly Draft[]> {
  const drafts: Draft[] = [];
  const flaws: FaultDetail[] = [];
  for (const [index, value] of values.entries()) {
    const draft = draftOf(kinds, kind, value);
    if (draft.ok) drafts.push(draft.value);
    else flaws.push(...flawsAt(index, draft.fault));
    if (flaws.length >= flawsMax) break;
  }
  return flaws.length === 0 ? done(drafts) : invalid(flaws.slice(0, flawsMax));
}

/** What is wrong with one element, as seen from the whole body. */
export function flawsAt(index: number, fault: { readonly detail: string; readonly errors?: readonly FaultDetail[] }): readonly FaultDetail[] {
  if (fault.errors === undefined) return [{ pointer: `/${index}`, detail: fault.detail }];
  return fault.errors.map(({ pointer, detail }) => ({ pointer: `/${index}${pointer}`, detail }));
}

export function tooLarge(bytesMax: number): Result<never> {
  return fail('too-large', `a record may have ${bytesMax} bytes`);
}

import type { Reference } from '../key-index.ts';
import { bmcRule } from './bmc.ts';
import { computeNodeRule } from './compute-node.ts';
import { nodeCollectionRule } from './node-collection.ts';
import type { Rule } from './rule.ts';

/** Every kind that has behaviour of its own; a kind that is not here is its schema and nothing more. */
export const RULES: ReadonlyMap<string, Rule> = new Map([computeNodeRule, bmcRule, nodeCollectionRule].map((rule) => [rule.kind, rule]));

export const REFERENCES: readonly Reference[] = [...RULES.values()].flatMap((rule) => rule.references ?? []);

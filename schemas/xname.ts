/**
 * Cray-style location names ("xnames") as node-orchestrator's `pkg/xnames` defines them: cabinet, chassis, slot, BMC, node.
 */

const NODE = /^x(\d{3,5})c(\d{1,3})s(\d{1,3})b(\d{1,3})n(\d{1,3})$/;
const BMC = /^x(\d{3,5})c(\d{1,3})s(\d{1,3})b(\d{1,3})$/;
const ANY = /^[a-z]{1,16}\d{1,9}([a-z]{1,16}\d{1,9}){0,15}$/;

const CABINET_MAX = 100_000;
const POSITION_MAX = 255;

function inRange(match: RegExpExecArray | null): boolean {
  if (match === null) return false;
  for (let part = 1; part < match.length; part++) {
    if (Number(match[part]) > (part === 1 ? CABINET_MAX : POSITION_MAX)) return false;
  }
  return true;
}

export function isNodeXname(text: string): boolean {
  return inRange(NODE.exec(text));
}

export function isBmcXname(text: string): boolean {
  return inRange(BMC.exec(text));
}

/** Any component's name: letters and numbers in turn (`x1000c0r3`, `d0`, `x3000m0p0`). */
export function isXname(text: string): boolean {
  return ANY.test(text);
}

/** The BMC that a node's xname implies: the same name without the node part, leading zeros kept. */
export function bmcXnameOf(nodeXname: string): string {
  return nodeXname.slice(0, nodeXname.lastIndexOf('n'));
}

const LEADING_ZEROS = /([a-z])0+(?=\d)/g;
const LEADING_ZERO = /[a-z]0\d/;

/** The form in which xnames are compared: `x01000c00s1b0n0` and `x1000c0s1b0n0` name the same place. */
export function normalXname(text: string): string {
  return LEADING_ZERO.test(text) ? text.replace(LEADING_ZEROS, '$1') : text;
}

import { Prng } from './prng.ts';

/**
 * Compute nodes as node-orchestrator's sample data has them, made from a seed: the same seed and count always give the
 * same bytes. Host names repeat, xnames and MAC addresses don't, and each node has a BMC position of its own.
 */

export interface NodeDraft {
  readonly hostname: string;
  readonly xname: string;
  readonly architecture: string;
  readonly boot_mac: string;
  readonly network_interfaces: readonly InterfaceDraft[];
  readonly bmc?: { readonly username: string; readonly password: string; readonly mac_address: string; readonly ipv4_address: string };
  readonly description: string;
}

interface InterfaceDraft {
  readonly interface_name: string;
  readonly mac_address: string;
  readonly ipv4_address: string;
  readonly ipv6_address: string;
  readonly description: string;
}

/** How many nodes there are for each different host name, on average. */
const NODES_PER_HOSTNAME = 1.25;
const SHARE_WITH_BMC = 0.4;
const SHARE_X86 = 0.8;
const INTERFACES_MAX = 4;
/** Chances of one, two, three and four interfaces. */
const INTERFACE_SHARES: readonly number[] = [0.35, 0.4, 0.17, 0.08];

const CABINET_FIRST = 1000;
const CHASSIS_PER_CABINET = 8;
const SLOTS_PER_CHASSIS = 64;
const BMCS_PER_SLOT = 2;
const NODES_PER_CABINET = CHASSIS_PER_CABINET * SLOTS_PER_CHASSIS * BMCS_PER_SLOT;
/** The last cabinet that an xname may name is 100 000. */
export const NODES_MAX: number = (100_000 - CABINET_FIRST) * NODES_PER_CABINET;

/** The nodes one after the other. @param first how many there are before them, whose names and addresses they leave free. */
export function* nodeDrafts(count: number, seed: number, first = 0): Generator<NodeDraft> {
  const prng = new Prng(seed);
  for (let index = first; index < first + count; index++) yield nodeDraft(prng, index, first + count);
}

/** The nodes as NDJSON, a line feed after each. */
export function nodeLines(count: number, seed: number): Buffer {
  return Buffer.concat([...nodeLineParts(count, seed, Number.POSITIVE_INFINITY)]);
}

/** The same in parts of at most so many nodes, each made when it is asked for. */
export function* nodeLineParts(count: number, seed: number, partNodes: number): Generator<Buffer> {
  let parts: Buffer[] = [];
  let text = '';
  let nodes = 0;
  for (const node of nodeDrafts(count, seed)) {
    text += `${JSON.stringify(node)}\n`;
    nodes += 1;
    if (text.length >= TEXT_LENGTH || nodes === partNodes) {
      parts.push(Buffer.from(text));
      text = '';
    }
    if (nodes < partNodes) continue;
    yield Buffer.concat(parts);
    parts = [];
    nodes = 0;
  }
  if (nodes > 0) yield Buffer.concat([...parts, Buffer.from(text)]);
}

const TEXT_LENGTH = 1_000_000;

function nodeDraft(prng: Prng, index: number, count: number): NodeDraft {
  const interfaces: InterfaceDraft[] = [];
  const interfaceCount = drawInterfaceCount(prng);
  for (let position = 0; position < interfaceCount; position++) {
    interfaces.push(interfaceDraft(prng, position, index * INTERFACES_MAX + position));
  }
  const hasBmc = prng.next() < SHARE_WITH_BMC;
  return {
    hostname: `nid${String(prng.below(Math.ceil(count / NODES_PER_HOSTNAME))).padStart(6, '0')}`,
    xname: xnameOf(index),
    architecture: prng.next() < SHARE_X86 ? 'x86_64' : 'arm64',
    boot_mac: macOf(0x10, index * INTERFACES_MAX),
    network_interfaces: interfaces,
    ...(hasBmc
      ? { bmc: { username: 'root', password: `initial-${prng.below(0x7fffffff).toString(36)}`, mac_address: macOf(0x20, index), ipv4_address: ipv4(prng) } }
      : {}),
    description: sentence(prng),
  };
}

function drawInterfaceCount(prng: Prng): number {
  let chance = prng.next();
  for (const [index, share] of INTERFACE_SHARES.entries()) {
    chance -= share;
    if (chance < 0) return index + 1;
  }
  return INTERFACES_MAX;
}

function interfaceDraft(prng: Prng, position: number, number: number): InterfaceDraft {
  return {
    interface_name: position === 0 ? 'eth0' : `${prng.pick(['eth', 'hsn', 'ib', 'ens'])}${position}`,
    mac_address: macOf(0x10, number),
    ipv4_address: ipv4(prng),
    ipv6_address: `fd12:${group(prng)}:${group(prng)}::${group(prng)}:${group(prng)}`,
    description: sentence(prng),
  };
}

/** Each node alone on its BMC, in the order in which a site is filled. */
function xnameOf(index: number): string {
  const cabinet = CABINET_FIRST + Math.floor(index / NODES_PER_CABINET);
  const chassis = Math.floor(index / (SLOTS_PER_CHASSIS * BMCS_PER_SLOT)) % CHASSIS_PER_CABINET;
  const slot = Math.floor(index / BMCS_PER_SLOT) % SLOTS_PER_CHASSIS;
  return `x${cabinet}c${chassis}s${slot}b${index % BMCS_PER_SLOT}n0`;
}

/** Looks random, and is different for each number: multiplying by an odd constant loses nothing modulo 2^32. */
function macOf(series: number, number: number): string {
  const mixed = Math.imul(number, 0x9e3779b1) >>> 0;
  const bytes = [0x02, series, mixed >>> 24, (mixed >>> 16) & 0xff, (mixed >>> 8) & 0xff, mixed & 0xff];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function ipv4(prng: Prng): string {
  return `10.${prng.below(256)}.${prng.below(256)}.${1 + prng.below(254)}`;
}

/** A group of an IPv6 address without leading zeros. */
function group(prng: Prng): string {
  return (0x1000 + prng.below(0xf000)).toString(16);
}

function sentence(prng: Prng): string {
  const subject = prng.pick(['Uplink', 'Second port', 'Management link', 'Spare adapter', 'Storage link', 'Replaced board', 'Test unit']);
  const verb = prng.pick(['leads to', 'was moved to', 'shares a cable with', 'waits for', 'is watched by']);
  const object = prng.pick(['the leaf switch', 'the storage network', 'the operators', 'the spare rack', 'the service network', 'the backup pool']);
  return `${subject} ${verb} ${object} in row ${1 + prng.below(40)}.`;
}

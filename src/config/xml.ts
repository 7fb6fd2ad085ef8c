import { createRequire } from 'node:module';
import type { XMLParser } from 'fast-xml-parser';
import { messageOf } from '../faults.ts';

/** XML as a tree with line numbers: no document type, no entities but the predefined ones, nothing fetched from anywhere. */

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  /** Of the document's root only. */
  readonly namespace: string | undefined;
  /** Without those that have a prefix, and without declarations of namespaces. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Everything between its tags that is no element. */
  readonly text: string;
  readonly line: number;
}

export interface XmlProblem {
  readonly line: number;
  readonly reason: string;
}

const DEPTH_MAX = 32;
const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

const TEXT = '#text';
const CDATA = '#cdata';
const ATTRIBUTES = ':@';

/** As the parser gives it: one property with the name of the element and its content, beside attributes and metadata. */
type ParsedNode = Readonly<Record<string, unknown>>;

/** The root of a document, or undefined with at least one more problem. */
export function parseXml(source: string, problems: XmlProblem[]): XmlElement | undefined {
  const text = source
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .replaceAll('\r', '\n');
  const lineAt = lineCounter(text);
  const doctype = doctypeIn(text);
  if (doctype !== undefined) {
    problems.push({ line: lineAt(doctype), reason: 'a document type (<!DOCTYPE …>) is not read: it could name files and entities' });
    return undefined;
  }
  const verdict = library().XMLValidator.validate(text);
  if (verdict !== true) {
    problems.push({ line: verdict.err.line, reason: verdict.err.msg });
    return undefined;
  }
  let nodes: readonly ParsedNode[];
  try {
    nodes = parser().parse(text) as readonly ParsedNode[];
  } catch (error) {
    problems.push({ line: 1, reason: messageOf(error) });
    return undefined;
  }
  const before = problems.length;
  const [root, second] = nodes.filter((node) => nameOf(node) !== undefined).map((node) => elementOf(node, lineAt, problems));
  if (root === undefined) problems.push({ line: 1, reason: 'holds no element' });
  if (second !== undefined) problems.push({ line: second.line, reason: `${second.name} is a second root` });
  return problems.length === before ? root : undefined;
}

/** Only for who has such a file. */
function library(): typeof import('fast-xml-parser') {
  return createRequire(import.meta.url)('fast-xml-parser') as typeof import('fast-xml-parser');
}

function parser(): XMLParser {
  return new (library().XMLParser)({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    // Entities are ours: the parser would also take those that a document type defines.
    processEntities: false,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    textNodeName: TEXT,
    cdataPropName: CDATA,
    ignoreDeclaration: true,
    ignorePiTags: true,
    captureMetaData: true,
    maxNestedTags: DEPTH_MAX,
  });
}

function elementOf(node: ParsedNode, lineAt: (offset: number) => number, problems: XmlProblem[]): XmlElement {
  const qualified = nameOf(node) ?? '';
  const line = lineAt(offsetOf(node));
  const attributes = new Map<string, string>();
  const namespaces = new Map<string, string>();
  for (const [name, raw] of Object.entries((node[ATTRIBUTES] ?? {}) as Record<string, string>)) {
    // Line ends and tabs in attributes count as blanks, unless they are written as references.
    const value = decoded(raw.replaceAll(/[\t\n]/g, ' '), line, problems);
    if (name === 'xmlns') namespaces.set('', value);
    else if (name.startsWith('xmlns:')) namespaces.set(name.slice('xmlns:'.length), value);
    else if (!name.includes(':')) attributes.set(name, value);
  }
  const children: XmlElement[] = [];
  let text = '';
  for (const child of node[qualified] as readonly ParsedNode[]) {
    if (TEXT in child) text += decoded(String(child[TEXT]), line, problems);
    else if (CDATA in child) text += (child[CDATA] as readonly ParsedNode[]).map((part) => String(part[TEXT])).join('');
    else children.push(elementOf(child, lineAt, problems));
  }
  const [prefix, local] = qualified.includes(':') ? (qualified.split(':', 2) as [string, string]) : ['', qualified];
  return { name: local, namespace: namespaces.get(prefix), attributes, children, text, line };
}

function nameOf(node: ParsedNode): string | undefined {
  return Object.keys(node).find((key) => key !== ATTRIBUTES && key !== TEXT && key !== CDATA);
}

function offsetOf(node: ParsedNode): number {
  const metadata: unknown = Reflect.get(node, library().XMLParser.getMetaDataSymbol() as unknown as symbol);
  const { startIndex } = metadata as { readonly startIndex?: number };
  return startIndex ?? 0;
}

function decoded(text: string, line: number, problems: XmlProblem[]): string {
  return text.replaceAll(/&([^;&]*);/g, (whole, name: string) => {
    const character = PREDEFINED.get(name) ?? characterOf(name);
    if (character === undefined) problems.push({ line, reason: `${whole} is no entity that is known here` });
    return character ?? whole;
  });
}

/** `#233` or `#xe9`. */
function characterOf(reference: string): string | undefined {
  const [, hexadecimal, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(reference) ?? [];
  const point = hexadecimal !== undefined ? Number.parseInt(hexadecimal, 16) : decimal !== undefined ? Number(decimal) : 0;
  const isCharacter = point === 9 || point === 10 || point === 13 || (point >= 0x20 && point <= 0x10_ffff && !(point >= 0xd800 && point <= 0xdfff));
  return isCharacter ? String.fromCodePoint(point) : undefined;
}

/** Where a document type begins; comments and CDATA may talk about one. */
function doctypeIn(text: string): number | undefined {
  for (let at = text.indexOf('<!'); at !== -1; at = text.indexOf('<!', at)) {
    const end = text.startsWith('<!--', at) ? '-->' : text.startsWith('<![CDATA[', at) ? ']]>' : undefined;
    if (end === undefined) return at;
    const closed = text.indexOf(end, at);
    // What does not end is for the validator to tell.
    if (closed === -1) return undefined;
    at = closed;
  }
  return undefined;
}

/** Elements come in the order of the document, so that each line end is counted once. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let counted = 0;
  return (offset) => {
    for (; counted < offset; counted++) if (text.charCodeAt(counted) === 0x0a) line += 1;
    return line;
  };
}

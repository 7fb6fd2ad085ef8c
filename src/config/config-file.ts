import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import { messageOf, StartFailure } from '../faults.ts';
import { CONFIG_SCHEMA } from './config-schema.ts';
import { checkLayer, type Elements, type Mistake } from './layer.ts';
import { resolvePaths } from './paths.ts';

const FILE_BYTES_MAX = 1024 * 1024;

/**
 * The elements of a YAML file; paths in it start at its folder.
 * @throws StartFailure when the file cannot be read at all.
 */
export function readConfigFile(path: string, mistakes: Mistake[]): Elements {
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    for (const error of document.errors) mistakes.push({ place: `${path}, line ${lines.linePos(error.pos[0]).line}`, element: '', reason: error.message });
    return {};
  }
  let content: unknown;
  try {
    content = document.toJS();
  } catch (error) {
    // Aliases that multiply beyond reason.
    mistakes.push({ place: path, element: '', reason: messageOf(error) });
    return {};
  }
  if (content === null || content === undefined) return {};
  if (typeof content !== 'object' || Array.isArray(content)) {
    mistakes.push({ place: path, element: '', reason: 'must hold sections like server: and storage:' });
    return {};
  }
  const place = (element: readonly string[]): string => {
    const line = lineOf(document, element, lines);
    return line === undefined ? path : `${path}, line ${line}`;
  };
  const elements = checkLayer(CONFIG_SCHEMA, content as Elements, { fromText: false, place }, mistakes);
  resolvePaths(CONFIG_SCHEMA, elements, dirname(path));
  return elements;
}

function readText(path: string): string {
  let bytes: Buffer;
  try {
    if (statSync(path).size > FILE_BYTES_MAX) throw new Error(`it is larger than ${FILE_BYTES_MAX} bytes`);
    bytes = readFileSync(path);
  } catch (error) {
    throw new StartFailure(`cannot read the configuration file ${path}: ${messageOf(error)}`, 2);
  }
  return bytes.toString('utf8');
}

/** The line of an element's key. */
function lineOf(document: Document, element: readonly string[], lines: LineCounter): number | undefined {
  const name = element.at(-1);
  if (name === undefined) return undefined;
  const parent = element.length === 1 ? document.contents : document.getIn(element.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  for (const { key } of parent.items) {
    if (isNode(key) && String(key) === name && key.range) return lines.linePos(key.range[0]).line;
  }
  return undefined;
}

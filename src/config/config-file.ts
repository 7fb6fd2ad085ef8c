import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Document, LineCounter } from 'yaml';
import { messageOf, StartFailure } from '../faults.ts';
import { CONFIG_SCHEMA } from './config-schema.ts';
import { type Elements, isElements, type Path } from './elements.ts';
import { checkLayer, type Layer, type Mistake } from './layer.ts';
import { resolvePaths } from './paths.ts';

const FILE_BYTES_MAX = 1024 * 1024;

/** Only for who has a file: it is a tenth of what a start loads. */
const require = createRequire(import.meta.url);

export interface ConfigFile extends Layer {
  readonly path: string;
  /** The file with the line of an element, or of what is around it. */
  place(element: Path): string;
}

/**
 * The elements of a YAML file; paths in it start at its folder.
 * @throws StartFailure when the file cannot be read at all.
 */
export function readConfigFile(path: string, mistakes: Mistake[]): ConfigFile {
  const { LineCounter, parseDocument } = require('yaml') as typeof import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: lines, prettyErrors: false });
  const place = (element: Path): string => {
    const line = lineOf(document, element, lines);
    return line === undefined ? path : `${path}, line ${line}`;
  };
  const content = contentOf(document, path, lines, mistakes);
  const layer = checkLayer(content, { fromText: false, place }, mistakes);
  for (const elements of [layer.elements, layer.given]) resolvePaths(CONFIG_SCHEMA, elements, dirname(path));
  return { ...layer, path, place };
}

/** Empty when it is not to be understood. */
function contentOf(document: Document, path: string, lines: LineCounter, mistakes: Mistake[]): Elements {
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
  if (isElements(content)) return content;
  mistakes.push({ place: path, element: '', reason: 'must hold sections like server: and storage:' });
  return {};
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

/** The line of an element's key, of an item, or of the nearest thing around it that has one. */
function lineOf(document: Document, element: Path, lines: LineCounter): number | undefined {
  const { isMap, isNode, isSeq } = require('yaml') as typeof import('yaml');
  let offset: number | undefined;
  let node: unknown = document.contents;
  for (const step of element) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isNode(key) && String(key) === step);
      if (pair === undefined) break;
      if (isNode(pair.key) && pair.key.range) offset = pair.key.range[0];
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      if (isNode(node) && node.range) offset = node.range[0];
    } else break;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

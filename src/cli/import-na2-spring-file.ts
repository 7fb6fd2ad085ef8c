import { extname } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { messageOf } from '../faults.ts';
import { CliFailure, EXIT } from './failure.ts';

/**
 * A configuration file of Spring Boot, YAML or properties, as a flat list of settings. Names come in Spring's canonical
 * form (`server.ssl.key-store`), however they were written: `keyStore`, `key_store` and `KEYSTORE` mean the same there.
 */
export interface SpringSettings {
  /** By name without dashes, lower case. */
  get(name: string): string | undefined;
  /** As they were written. */
  readonly names: readonly string[];
  /** Names of profiles whose parts of the file were passed over. */
  readonly profiles: readonly string[];
}

const SPRING_NAME = /^(?:server|na2|spring|logging)\./;

/** @throws CliFailure when it is neither. */
export function readSpring(file: string, text: string): SpringSettings {
  const settings = new Map<string, { readonly name: string; readonly value: string }>();
  const profiles: string[] = [];
  const add = (name: string, value: string): void => void settings.set(canonical(name), { name, value });
  const extension = extname(file).toLowerCase();
  const isProperties = extension === '.properties';
  const flaw = isProperties ? undefined : addYaml(text, add, profiles);
  if (flaw !== undefined && (extension === '.yml' || extension === '.yaml')) throw new CliFailure(EXIT.usage, `${file}: ${flaw}`);
  if (flaw !== undefined || isProperties) addProperties(text, add);
  if (![...settings.keys()].some((name) => SPRING_NAME.test(name)))
    throw new CliFailure(EXIT.usage, `${file} is neither the XML file nor the Spring file of NodeAgent2: it has no setting like server.port or na2.config`);
  return {
    get: (name) => settings.get(canonical(name))?.value,
    names: [...settings.values()].map(({ name }) => name),
    profiles,
  };
}

export function canonical(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}

type Add = (name: string, value: string) => void;

/** The reason why the text is no map in YAML, or undefined: properties are one long word there, or a mistake. */
function addYaml(text: string, add: Add, profiles: string[]): string | undefined {
  const documents = parseAllDocuments(text, { prettyErrors: false });
  const parts: Map<string, { readonly name: string; readonly value: string }>[] = [];
  for (const document of 'empty' in documents ? [] : documents) {
    const [error] = document.errors;
    if (error !== undefined) return error.message;
    let content: unknown;
    try {
      content = document.toJS();
    } catch (failure) {
      return messageOf(failure);
    }
    if (content === null || content === undefined) continue;
    if (typeof content !== 'object' || Array.isArray(content)) return 'holds no settings';
    const part = new Map<string, { readonly name: string; readonly value: string }>();
    flatten(content, '', (name, value) => void part.set(canonical(name), { name, value }));
    parts.push(part);
  }
  for (const part of parts) {
    const profile = part.get('spring.profiles') ?? part.get('spring.config.activate.onprofile');
    if (profile !== undefined) profiles.push(profile.value);
    else for (const { name, value } of part.values()) add(name, value);
  }
  return undefined;
}

function flatten(value: unknown, name: string, add: Add): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) {
      if (Array.isArray(value)) flatten(child, `${name}[${key}]`, add);
      else flatten(child, name === '' ? key : `${name}.${key}`, add);
    }
  } else add(name, value === null || value === undefined ? '' : String(value));
}

/** As java.util.Properties reads them: `name=value`, `name: value`, lines that go on after a backslash, `\uXXXX`. */
function addProperties(text: string, add: Add): void {
  const lines = text.replaceAll(/\r\n?/g, '\n').split('\n');
  for (let index = 0; index < lines.length; index++) {
    let line = (lines[index] ?? '').trimStart();
    if (line === '' || line.startsWith('#') || line.startsWith('!')) continue;
    while (/(?<!\\)(?:\\\\)*\\$/.test(line) && index + 1 < lines.length) {
      index += 1;
      line = line.slice(0, -1) + (lines[index] ?? '').trimStart();
    }
    const [, name, value] = /^((?:\\.|[^\\=:\s])+)\s*[=:\s]?\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) add(unescaped(name), unescaped(value ?? ''));
  }
}

function unescaped(text: string): string {
  const letters: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };
  return text.replaceAll(/\\(u[0-9a-fA-F]{4}|.)/g, (_whole, escaped: string) =>
    escaped.length === 5 ? String.fromCharCode(Number.parseInt(escaped.slice(1), 16)) : (letters[escaped] ?? escaped),
  );
}

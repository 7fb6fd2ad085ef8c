import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../faults.ts';
import type { AgentSource, Report } from './agent-source.ts';
import { closest } from './closest.ts';
import type { Elements, Path } from './elements.ts';
import { periodOf, periodText } from './period.ts';
import { parseXml, type XmlElement, type XmlProblem } from './xml.ts';

/**
 * NodeAgent2's own configuration file, as its schema AgentConfig.xsd has it and as earlier versions had it. What it says
 * is brought into the shape of the YAML section; mistakes name its own elements.
 */

const NAMESPACE = 'http://geni-orca.renci.org/xml/node-agent2/AgentConfig';
const FILE_BYTES_MAX = 1024 * 1024;
/** As in the schema of the YAML section. */
const ENDPOINTS_MAX = 256;
const ADVANCE_TICKS_MAX = 100_000;

/** NodeAgent2's own plugins, under both names of their packages. */
const BUILT_IN_CLASSES: Readonly<Record<string, string>> = {
  'org.renci.nodeagent2.null_agent.Main': 'null',
  'orca.nodeagent2.null_agent.Main': 'null',
  'org.renci.nodeagent2.exec.Main': 'exec',
  'orca.nodeagent2.exec.Main': 'exec',
};

const UNITS = ['week', 'day', 'hour', 'minute', 'second'] as const;
const PLUGIN_PARTS = ['jar', 'mainClass', 'schedulePeriod', 'renewAdvanceTicks', 'config', 'properties', 'description'] as const;

/** The XML element that says what an element of the YAML shape says. */
const XML_NAMES: Readonly<Record<string, string>> = { name: '@name', plugin: 'jar', export: 'mainClass' };

/** Undefined when the file cannot be read or is no such XML. */
export function readAgentXml(file: string, report: Report): AgentSource | undefined {
  const text = readText(file, report);
  if (text === undefined) return undefined;
  const problems: XmlProblem[] = [];
  const root = parseXml(text, problems);
  for (const { line, reason } of problems) report.mistakes.push({ place: `${file}, line ${line}`, element: '', reason });
  return root === undefined ? undefined : new AgentReader(file, report).read(root);
}

function readText(file: string, { mistakes }: Report): string | undefined {
  try {
    if (statSync(file).size > FILE_BYTES_MAX) throw new Error(`it is larger than ${FILE_BYTES_MAX} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    mistakes.push({ place: file, element: '', reason: `cannot be read: ${messageOf(error)}` });
    return undefined;
  }
}

class AgentReader {
  readonly #file: string;
  readonly #report: Report;
  /** The lines of elements, by their names in mistakes. */
  readonly #lines = new Map<string, number>();

  constructor(file: string, report: Report) {
    this.#file = file;
    this.#report = report;
  }

  read(root: XmlElement): AgentSource | undefined {
    if (root.name !== 'agentConfig') {
      this.#wrong('', root, `the root is ${root.name} and not agentConfig`);
      return undefined;
    }
    if (root.namespace !== undefined && root.namespace !== NAMESPACE) this.#wrong('', root, `its namespace is ${root.namespace} and not ${NAMESPACE}`);
    this.#knownOnly(root, '', ['password'], ['tick', 'plugins']);
    const tick = this.#only(root, '', 'tick');
    const plugins = this.#only(root, '', 'plugins');
    const tickText = tick === undefined ? undefined : this.#period(tick, 'tick');
    if (plugins !== undefined) this.#knownOnly(plugins, 'plugins', [], ['plugin']);
    const listed = (plugins?.children ?? []).filter(({ name }) => name === 'plugin');
    if (plugins !== undefined && listed.length > ENDPOINTS_MAX) this.#wrong('plugins', plugins, `there are more than ${ENDPOINTS_MAX} plugins`);
    return {
      file: this.#file,
      tick: tickText,
      endpoints: listed.slice(0, ENDPOINTS_MAX).map((plugin, index) => this.#endpoint(plugin, `plugins/plugin[${index + 1}]`)),
      password: root.attributes.get('password'),
      at: (path) => this.#at(xmlName(path)),
    };
  }

  #endpoint(plugin: XmlElement, at: string): Elements {
    this.#lines.set(at, plugin.line);
    this.#knownOnly(plugin, at, ['name'], PLUGIN_PARTS);
    const name = plugin.attributes.get('name');
    if (name === undefined) this.#wrong(`${at}/@name`, plugin, 'is missing');
    const period = this.#only(plugin, at, 'schedulePeriod');
    const config = this.#text(plugin, at, 'config')?.trim();
    const description = this.#text(plugin, at, 'description');
    const properties = this.#only(plugin, at, 'properties', false);
    return withoutAbsent({
      name,
      ...this.#module(plugin, at),
      schedulePeriod: period === undefined ? undefined : this.#period(period, `${at}/schedulePeriod`),
      renewAdvanceTicks: this.#ticks(plugin, at),
      config: config === '' ? undefined : config,
      properties: properties === undefined ? undefined : this.#properties(properties, `${at}/properties`),
      description,
    });
  }

  #ticks(plugin: XmlElement, at: string): number | undefined {
    const text = this.#text(plugin, at, 'renewAdvanceTicks')?.trim();
    if (text === undefined) return undefined;
    const ticks = /^\+?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (ticks <= ADVANCE_TICKS_MAX) return ticks;
    this.#wrong(`${at}/renewAdvanceTicks`, plugin, `"${text}" is no whole number from 0 to ${ADVANCE_TICKS_MAX}`);
    return undefined;
  }

  #module(plugin: XmlElement, at: string): { plugin?: string; export?: string } {
    const jar = this.#text(plugin, at, 'jar')?.trim();
    const mainClass = this.#text(plugin, at, 'mainClass')?.trim();
    const builtIn = mainClass !== undefined && Object.hasOwn(BUILT_IN_CLASSES, mainClass) ? BUILT_IN_CLASSES[mainClass] : undefined;
    if (builtIn !== undefined) {
      this.#remark(`${at}/mainClass`, plugin, `${mainClass} is the plugin ${builtIn} that is built in here; its jar is not used`);
      return { plugin: builtIn };
    }
    if (jar === undefined || jar === '') {
      this.#wrong(`${at}/jar`, plugin, 'is missing');
      return {};
    }
    if (mainClass === undefined || mainClass === '' || mainClass === 'default') return { plugin: jar };
    if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(mainClass)) {
      this.#remark(`${at}/mainClass`, plugin, `${mainClass} is no name that a JavaScript module could export; its default export is taken`);
      return { plugin: jar };
    }
    return { plugin: jar, export: mainClass };
  }

  #properties(parent: XmlElement, at: string): Readonly<Record<string, string>> {
    this.#knownOnly(parent, at, [], ['property']);
    const entries = new Map<string, string>();
    for (const [index, property] of parent.children.filter(({ name }) => name === 'property').entries()) {
      const place = `${at}/property[${index + 1}]`;
      this.#knownOnly(property, place, ['name', 'value'], ['name', 'value']);
      const [name, value] = ['name', 'value'].map((part) => {
        const text = this.#attributeOrText(property, place, part);
        if (text === undefined) this.#wrong(`${place}/@${part}`, property, 'is missing');
        return text;
      });
      if (name === undefined || value === undefined) continue;
      if (entries.has(name)) this.#remark(place, property, `the property ${name} is there twice; the later one is taken`);
      entries.set(name, value);
    }
    return Object.fromEntries(entries);
  }

  /** `length` and `unit` as attributes or as elements, or the unit as an empty element: `<minute/>`. */
  #period(element: XmlElement, at: string): string | undefined {
    this.#knownOnly(element, at, ['length', 'unit'], ['length', 'unit', ...UNITS]);
    const length = this.#attributeOrText(element, at, 'length');
    const named = element.children.filter(({ name }) => UNITS.some((unit) => unit === name)).map(({ name }) => name);
    const written = this.#attributeOrText(element, at, 'unit');
    const [unit, another] = written === undefined ? named : [written, ...named];
    if (length === undefined) this.#wrong(`${at}/@length`, element, 'is missing');
    if (unit === undefined) this.#wrong(`${at}/@unit`, element, 'is missing');
    if (another !== undefined) this.#wrong(`${at}/@unit`, element, `is there twice: ${unit} and ${another}`);
    if (length === undefined || unit === undefined || another !== undefined) return undefined;
    const period = periodOf(length, unit);
    if (typeof period !== 'string') return periodText(period);
    this.#wrong(at, element, period);
    return undefined;
  }

  #attributeOrText(element: XmlElement, at: string, name: string): string | undefined {
    const attribute = element.attributes.get(name);
    const child = this.#only(element, at, name, false);
    if (attribute !== undefined && child !== undefined) this.#wrong(`${at}/${name}`, child, 'is there twice: as an attribute and as an element');
    return attribute ?? child?.text;
  }

  /** The text of a child that holds nothing else. */
  #text(parent: XmlElement, at: string, name: string): string | undefined {
    const child = this.#only(parent, at, name, false);
    if (child !== undefined) this.#knownOnly(child, `${at}/${name}`, [], []);
    return child?.text;
  }

  /** The one child of this name. */
  #only(parent: XmlElement, at: string, name: string, isNeeded = true): XmlElement | undefined {
    const place = at === '' ? name : `${at}/${name}`;
    const [first, second] = parent.children.filter((child) => child.name === name);
    if (first === undefined && isNeeded) this.#wrong(place, parent, 'is missing');
    if (first !== undefined) this.#lines.set(place, first.line);
    if (second !== undefined) this.#wrongIn(second.line, place, 'is there twice');
    return first;
  }

  #knownOnly(element: XmlElement, at: string, attributes: readonly string[], children: readonly string[]): void {
    const inside = at === '' ? '' : `${at}/`;
    for (const name of element.attributes.keys()) {
      if (!attributes.includes(name)) this.#wrong(`${inside}@${name}`, element, unknown(name, attributes));
    }
    for (const child of element.children) {
      if (!children.includes(child.name)) this.#wrong(`${inside}${child.name}`, child, unknown(child.name, children));
    }
    const text = element.text.trim();
    if (children.length > 0 && text !== '') this.#wrong(at, element, `has text where only elements belong: "${text.slice(0, 40)}"`);
  }

  /** @param around where it is, or should be. */
  #wrong(at: string, around: XmlElement, reason: string): void {
    this.#wrongIn(this.#lines.get(at) ?? around.line, at, reason);
  }

  #wrongIn(line: number, at: string, reason: string): void {
    this.#report.mistakes.push({ place: `${this.#file}, line ${line}`, element: at, reason });
  }

  #remark(at: string, element: XmlElement, text: string): void {
    this.#report.remarks.push(`${this.#file}, line ${this.#lines.get(at) ?? element.line}: ${at}: ${text}`);
  }

  #at(name: string): { place: string; element: string } {
    for (let around = name; around !== ''; around = around.slice(0, Math.max(0, around.lastIndexOf('/')))) {
      const line = this.#lines.get(around);
      if (line !== undefined) return { place: `${this.#file}, line ${line}`, element: name };
    }
    return { place: this.#file, element: name };
  }
}

/** `['endpoints', 2, 'plugin']` is `plugins/plugin[3]/jar`: XPath counts from 1. */
function xmlName([section, index, part]: Path): string {
  if (section !== 'endpoints' || typeof index !== 'number') return String(section);
  const plugin = `plugins/plugin[${index + 1}]`;
  return part === undefined ? plugin : `${plugin}/${XML_NAMES[part] ?? part}`;
}

function unknown(name: string, known: readonly string[]): string {
  const meant = closest(name, known);
  if (meant !== undefined) return `unknown; did you mean ${meant}?`;
  return known.length === 0 ? 'unknown; only text belongs here' : `unknown; known here: ${known.join(', ')}`;
}

function withoutAbsent(elements: Elements): Elements {
  return Object.fromEntries(Object.entries(elements).filter(([, value]) => value !== undefined));
}

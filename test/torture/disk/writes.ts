import type { Prng } from '../../../bench/prng.ts';
import type { Command } from '../../../src/protocol/commands.ts';
import { packMessage } from '../../../src/protocol/wire.ts';
import type { State } from './owner-process.ts';

/** Writes of all forms over a few names, so that many of them meet: some are refused, and that is as it should be. */

const COMPONENTS = 12;
const CONTROLLERS = 8;
const REQUEST_HASH = 'the same request';

/** @param number of the step: no two steps write the same. */
export function batchOf(numbers: Prng, number: number): readonly Command[] {
  return Array.from({ length: numbers.pick([1, 1, 2, 5]) }, (_, index) => writeOf(numbers, number * 10 + index));
}

function writeOf(numbers: Prng, number: number): Command {
  const component = componentName(numbers.below(COMPONENTS));
  const controller = controllerName(numbers.below(CONTROLLERS));
  switch (numbers.below(9)) {
    case 0:
      return { kind: 'record.create', input: { kind: 'Component', records: [componentOf(numbers, component, number)], asArray: false, origin: {} } };
    case 1:
    case 2:
      return {
        kind: 'record.replace',
        input: { kind: 'Component', name: component, record: componentOf(numbers, component, number), origin: {}, upsert: true },
      };
    case 3:
      return {
        kind: 'record.patch',
        input: { kind: 'Component', name: component, patch: { type: 'merge', document: { NID: number } }, origin: {} },
      };
    case 4:
      return { kind: 'record.delete', input: { kind: 'Component', name: component, force: false } };
    case 5:
      return { kind: 'record.create', input: { kind: 'BMC', records: [controllerOf(controller, number)], asArray: false, origin: {} } };
    case 6:
      return {
        kind: 'record.patch',
        input: { kind: 'BMC', name: controller, patch: { type: 'merge', document: { password: `secret ${number}` } }, origin: {} },
      };
    case 7:
      return {
        kind: 'bulk.partial',
        input: { kind: 'Component', records: componentsOf(numbers, number, 3), options: { upsert: true, dryRun: false }, origin: {} },
      };
    default:
      return rememberedWrite(`key ${number}`, number);
  }
}

/** A write whose answer is remembered; sent again, it must not be done again. */
export function rememberedWrite(key: string, number = 0): Command {
  return {
    kind: 'record.create',
    input: {
      kind: 'Component',
      records: [{ ID: `x${5000 + number}c0`, Type: 'Node' }],
      asArray: false,
      origin: {},
      idempotency: { key, requestHash: REQUEST_HASH },
    },
  };
}

/** An all-or-nothing bulk, which the journal has in several frames when there are enough of them. */
export function bulkOf(numbers: Prng, number: number): readonly Command[] {
  const options = { upsert: true, dryRun: false };
  const bulkId = `bulk ${number}`;
  const packedRecords = packMessage(componentsOf(numbers, number, 1 + numbers.below(COMPONENTS)));
  return [
    { kind: 'bulk.stage', input: { kind: 'Component', bulkId, firstIndex: 0, packedRecords, options, origin: {} } },
    { kind: 'bulk.commit', input: { kind: 'Component', bulkId, options } },
  ];
}

/** Brings some records back to what they were; what is there now and was not then goes. */
export function restoreOf(numbers: Prng, number: number, now: State, then: State): readonly Command[] {
  const places = [...new Set([...now.records.keys(), ...then.records.keys()])].filter(() => numbers.next() < 0.5);
  const entries = places.map((place) => {
    const [kind = '', key = ''] = place.split('/');
    const text = then.records.get(place);
    return [kind, key, text === undefined ? null : Buffer.from(text.slice(text.indexOf(' ') + 1))];
  });
  const bulkId = `restore ${number}`;
  return [
    { kind: 'restore.stage', input: { bulkId, firstIndex: 0, entries: entries.length, packedEntries: packMessage(entries) } },
    { kind: 'restore.judge', input: { bulkId, wholeKinds: [], changesMax: 0 } },
    { kind: 'restore.commit', input: { bulkId } },
  ];
}

function componentsOf(numbers: Prng, number: number, count: number): Record<string, unknown>[] {
  const first = numbers.below(COMPONENTS);
  return Array.from({ length: count }, (_, index) => componentOf(numbers, componentName((first + index) % COMPONENTS), number));
}

function componentOf(numbers: Prng, name: string, number: number): Record<string, unknown> {
  // Some frames are shorter than a sector, some are several sectors long.
  return { ID: name, Type: 'Node', NID: number, Subtype: 'x'.repeat(numbers.pick([0, 10, 100, 700])) };
}

function controllerOf(mac: string, number: number): Record<string, unknown> {
  return { username: 'root', password: `secret ${number}`, mac_address: mac };
}

function componentName(index: number): string {
  return `x${1000 + index}c0`;
}

function controllerName(index: number): string {
  return `02:00:00:00:00:0${index}`;
}

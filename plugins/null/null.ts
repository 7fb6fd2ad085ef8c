import { randomInt } from 'node:crypto';
import type { Plugin, PluginReturn, Properties } from '../plugin.ts';

/** The plugin that does nothing: what NodeAgent2's Null-Agent answers, to the letter, its slips of the pen included. */

const ID_LENGTH = 10;
const ID_CHARACTERS = '0123456789abcdefghijklmnopqrstuvwxyz';

export default function nullPlugin(): Plugin {
  return {
    initialize: () => undefined,
    join: () => ok(randomId(), { key1: 'val1', key2: 'val2', key3: 'string35' }),
    leave: (reservationId) => ok(reservationId, { key11: 'val11', key21: 'val21', key31: 'stgring46' }),
    modify: (reservationId) => ok(reservationId, { key12: 'val12', key22: 'val22', key32: 'String67' }),
    renew: (reservationId) => ok(reservationId, { key13: 'val13', key23: 'val23', key33: 'string78' }),
    status: (reservationId, schedProperties) => ok(reservationId, schedProperties),
    // There is no substrate, so nothing is ever left of an interrupted join, and nothing is held.
    find: () => undefined,
  };
}

function ok(reservationId: string, properties: Properties): PluginReturn {
  return { status: 0, reservationId, properties };
}

function randomId(): string {
  let id = '';
  while (id.length < ID_LENGTH) id += ID_CHARACTERS.charAt(randomInt(ID_CHARACTERS.length));
  return id;
}

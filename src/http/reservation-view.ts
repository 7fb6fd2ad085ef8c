import type { Kind } from '../../schemas/kind.ts';
import { HIDDEN_PROPERTIES, type ReservationImage, type ReservationState } from '../protocol/reservations.ts';
import { etagOf, noneMatchFits } from './etag.ts';
import type { Exchange } from './exchange.ts';
import type { Projection } from './projection.ts';
import { JSON_TYPE } from './record-answer.ts';

/** What is shown of a reservation: its record, without what only the server needs. Secrets are masked in it already. */

export const STATES: Readonly<Record<ReservationState, true>> = {
  joining: true,
  active: true,
  renewing: true,
  modifying: true,
  leaving: true,
  'renew-failed': true,
  'leave-failed': true,
  unknown: true,
  orphaned: true,
  closed: true,
};

/** The end of the year 9999: times have four digits for the year. */
export const TIME_MS_MAX = 253_402_300_799_999;

/** The kind as clients see it: what is hidden can be neither shown nor asked for. */
export function shownKind(kind: Kind): Kind {
  return { ...kind, columns: kind.columns.filter(({ name }) => !HIDDEN_PROPERTIES.has(name)) };
}

/** The projection that shows all that is shown. */
export function wholeOf(shown: Kind): Projection {
  return { branches: new Map(shown.columns.map(({ name }) => [name, { branches: new Map() }])) };
}

/** One reservation, with its revision as the ETag. */
export function replyReservation(exchange: Exchange, shown: Kind, image: ReservationImage): void {
  const etag = etagOf(image.revision);
  const { ifNoneMatch } = exchange.head.headers;
  const isKnown = exchange.head.method !== 'POST' && ifNoneMatch !== undefined && noneMatchFits(ifNoneMatch, etag);
  if (isKnown) exchange.reply({ status: 304, headers: [['ETag', etag]] });
  else exchange.reply({ status: 200, headers: [JSON_TYPE, ['ETag', etag]], body: JSON.stringify(shownOf(shown, image)) });
}

function shownOf({ columns }: Kind, image: ReservationImage): object {
  const members: Readonly<Record<string, unknown>> = { ...image };
  return Object.fromEntries(columns.filter(({ name }) => members[name] !== undefined).map(({ name }) => [name, members[name]]));
}

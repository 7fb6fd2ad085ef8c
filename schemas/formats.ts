import { isIPv4, isIPv6 } from 'node:net';
import { parseUuid } from '../src/ids.ts';
import { isBmcXname, isNodeXname, isXname } from './xname.ts';

/**
 * The `format`s that kinds may use: how a value is checked and, where several spellings mean the same, what it becomes
 * before it is stored. Generated validators call these functions, so a format means the same everywhere.
 */

const MAC = /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i;
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,255}$/;

export function isMacAddress(text: string): boolean {
  return MAC.test(text);
}

const NORMAL_MAC = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/;

/** Lower case with colons: the form in which MAC addresses are stored and compared. */
export function normalMac(text: string): string {
  // Mostly it is that already; the same string need not be hashed again where it is looked up.
  if (NORMAL_MAC.test(text)) return text;
  return text.toLowerCase().replaceAll('-', ':');
}

/**
 * RFC 3339, years 0001 to 9999. A leap second (`:60`) is refused: neither JavaScript nor DuckDB can hold it.
 */
export function isDateTime(text: string): boolean {
  const match = DATE_TIME.exec(text);
  if (match === null) return false;
  const [, year, month, day] = match;
  // Date.parse rolls 30 February over to March instead of refusing it.
  const lastDay = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate();
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > lastDay || Number(match[4]) > 23) return false;
  const time = Date.parse(text.toUpperCase());
  return time >= FIRST_MS && time <= LAST_MS;
}
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** UTC with `Z` and as many of six fraction digits as are not zero: microseconds are what the column holds. */
export function normalDateTime(text: string): string {
  // All records of a batch have the same times: the last answer is nearly always the next one too.
  if (text !== lastDateTime.given) lastDateTime = { given: text, normal: normalised(text) };
  return lastDateTime.normal;
}
let lastDateTime = { given: '', normal: '' };

/** As `normalised` writes it. */
const NORMAL_DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{0,5}[1-9])?Z$/;

function normalised(text: string): string {
  if (NORMAL_DATE_TIME.test(text)) return text;
  const match = DATE_TIME.exec(text);
  if (match === null) return text;
  const wholeSecond = text.slice(0, 19).toUpperCase() + (match[8] ?? 'Z').toUpperCase();
  const utc = new Date(Date.parse(wholeSecond)).toISOString().slice(0, 19);
  const fraction = (match[7] ?? '').slice(0, 6).replace(/0+$/, '');
  return fraction === '' ? `${utc}Z` : `${utc}.${fraction}Z`;
}

function isUri(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(text) && URL.canParse(text);
}

export const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  uuid: (text) => parseUuid(text) !== undefined,
  ipv4: isIPv4,
  // A zone index (`fe80::1%eth0`) means something on one machine only.
  ipv6: (text) => isIPv6(text) && !text.includes('%'),
  'mac-address': isMacAddress,
  'date-time': isDateTime,
  email: (text) => EMAIL.test(text),
  uri: isUri,
  'xname-node': isNodeXname,
  'xname-bmc': isBmcXname,
  xname: isXname,
};

/** Formats of which several spellings are one value. */
export const NORMALISERS: Readonly<Record<string, (text: string) => string>> = {
  uuid: (text) => text.toLowerCase(),
  'mac-address': normalMac,
  'date-time': normalDateTime,
};

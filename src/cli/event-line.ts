import pc from 'picocolors';
import type { FeedEvent } from '../client/client.ts';
import { cell } from './table.ts';

/** By which people know a record. */
const NAMES = ['ID', 'xname', 'name', 'hostname'];
/** They change with every change. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['updated_at', 'revision']);
const PROPERTIES_SHOWN = 6;
const WHAT_WIDTH = 24;

/** An event for people: when, what, which, and what changed where the event says that. */
export function eventLine(event: FeedEvent): string {
  const isFitting = !('matches' in event) || event.matches;
  const parts = [pc.dim(cell(event.time)), paintOf(event)(cell(whatOf(event)).padEnd(WHAT_WIDTH)), nameOf(event)];
  if ('isPatch' in event && event.isPatch) parts.push(pc.dim(changesIn(event.data)));
  if (!isFitting) parts.push(pc.dim('(fits no more)'));
  return parts.filter((part) => part !== '').join('  ');
}

function whatOf(event: FeedEvent): string {
  switch (event.topic) {
    case 'record':
      return `${event.kind} ${event.change}`;
    case 'reservation':
      return `reservation ${event.state}`;
    case 'reset':
      return 'reset';
    default:
      return `${event.topic} ${event.signal}`;
  }
}

function paintOf(event: FeedEvent): (text: string) => string {
  const what = event.topic === 'record' ? event.change : event.topic === 'reservation' ? event.state : event.topic === 'reset' ? 'failed' : event.signal;
  if (what === 'created' || what === 'active' || what === 'taken') return pc.green;
  if (what === 'deleted' || what === 'closed' || what === 'purged') return pc.red;
  return /failed|unknown|orphaned|expiring/.test(what) ? pc.magenta : pc.yellow;
}

/** The key, and what people call it when the event has that. */
function nameOf(event: FeedEvent): string {
  const key = 'subject' in event ? cell(event.subject) : '';
  const data: Readonly<Record<string, unknown>> = typeof event.data === 'object' && event.data !== null ? { ...event.data } : {};
  if (event.topic === 'reservation' && !event.isPatch) return `${key}  ${cell(`${event.data.endpoint}/${event.data.reservation_id ?? '-'}`)}`;
  if (event.topic !== 'record' || event.isPatch) return key;
  const names = NAMES.flatMap((name) => (typeof data[name] === 'string' ? [cell(data[name])] : []));
  return [key, ...names.filter((name) => name !== key)].join('  ');
}

function changesIn(patch: object): string {
  const changed = Object.entries(patch).filter(([name]) => !BOOKKEEPING.has(name));
  const shown = changed.slice(0, PROPERTIES_SHOWN).map(([name, value]) => `${cell(name)}=${value === null ? '(none)' : cell(value)}`);
  return [...shown, ...(changed.length > PROPERTIES_SHOWN ? [`and ${changed.length - PROPERTIES_SHOWN} more`] : [])].join(' ');
}

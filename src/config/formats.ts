import { isIP } from 'node:net';
import { parsePeriod } from './period.ts';
import { parseSchedule } from './snapshot-schedule.ts';

/** The formats of the configuration's schema: the reason why a text is not of its format, or undefined. */
export const CONFIG_FORMATS: Readonly<Record<string, (text: string) => string | undefined>> = {
  'snapshot-schedule': (text) => reasonIn(parseSchedule(text)),
  period: (text) => reasonIn(parsePeriod(text)),
  'http-url': (text) => (/^https?:\/\//i.test(text) && URL.canParse(text) ? undefined : 'must be a URL that starts with http:// or https://'),
  network(text) {
    const [address = '', bits, ...more] = text.split('/');
    const bitsMax = isIP(address) === 6 ? 128 : 32;
    // With a zone it is the address of one machine's interface, and no network.
    const isRight =
      isIP(address) !== 0 && !address.includes('%') && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax));
    return isRight ? undefined : `"${text}" is neither an address nor a network like 10.0.0.0/8`;
  },
  'figure-name': (text) => (/^[a-z_][a-z0-9_]{0,99}$/.test(text) ? undefined : `"${text}" is no name: lower-case letters, digits and _, and no digit first`),
  'variable-name': (text) => {
    if (!/^[A-Za-z_]\w*$/.test(text)) return `"${text}" is no name of an environment variable`;
    return text.startsWith('HOLDFAST_') ? `${text} is for the server alone` : undefined;
  },
};

function reasonIn(parsed: object | string): string | undefined {
  return typeof parsed === 'string' ? parsed : undefined;
}

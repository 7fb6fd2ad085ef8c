/**
 * Which property names say that their value is a secret. Plugins and callers choose the names, so nobody can declare
 * them: the words in a name decide. Masking too much costs a look into the substrate, masking too little a password.
 */

/** What is shown in the place of a secret. */
export const MASK = '******';

/** What means a secret wherever it stands in a word (`dbpassword`, `tokenid`); `secretary` and `tokenizer` are other words. */
const INSIDE = /password|passwd|passphrase|passcode|credential|pwd|secret(?!ar[iy])|token(?!i[sz])/;
/** What means a secret as a word or at the end of one that was written together: `dbpass`, `wifikey`, `rocommunity` (of SNMP). */
const AT_END = /(?:pass|pw|psk|creds|keys?|community)$/;
/** Words that end like that and mean something else. */
const ORDINARY: ReadonlySet<string> = new Set(
  `bypass compass encompass surpass trespass overpass underpass allpass bandpass highpass lowpass
   donkey flunkey hockey hotkey jockey lackey monkey turkey whiskey`.split(/\s+/),
);
const PUBLIC_KEY = /pub(?:lic)?keys?$/;
/** `key1`, `key2`, … are what people call things that need no name. */
const NUMBERED_KEY = /^key\d/i;
const PUBLIC: ReadonlySet<string> = new Set(['public', 'pub']);
/** A community of BGP is a route's label, no password. */
const BGP = 'bgp';

/** The same few names come again and again. */
const KNOWN = new Map<string, boolean>();
const KNOWN_MAX = 4096;

/** Whether the values of a property with this name are never shown, logged or kept in clear text. */
export function isSecretName(name: string): boolean {
  const known = KNOWN.get(name);
  if (known !== undefined) return known;
  const isSecret = saysSecret(name);
  if (KNOWN.size >= KNOWN_MAX) KNOWN.clear();
  KNOWN.set(name, isSecret);
  return isSecret;
}

function saysSecret(name: string): boolean {
  const words = wordsOf(name);
  for (const [index, word] of words.entries()) {
    if (INSIDE.test(word)) return true;
    if (AT_END.test(word) && !isHarmless(word, words[index - 1], index === 0 && NUMBERED_KEY.test(name))) return true;
  }
  return false;
}

function isHarmless(word: string, before: string | undefined, isNumberedKey: boolean): boolean {
  if (word === 'key' || word === 'keys') return isNumberedKey || PUBLIC.has(before ?? '');
  if (word === 'community') return before === BGP;
  return PUBLIC_KEY.test(word) || word === `${BGP}community` || ORDINARY.has(word.endsWith('keys') ? word.slice(0, -1) : word);
}

/** The same properties with a mask in the place of every secret. */
export function maskSecrets(properties: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  // Not by assignment: `__proto__` is a name like any other.
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, isSecretName(name) ? MASK : value]));
}

/** `oscars.apiKey2` → oscars, api, key. */
function wordsOf(name: string): readonly string[] {
  const parted = name.replaceAll(/(\p{Ll})(?=\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$1$2 ');
  return parted
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');
}

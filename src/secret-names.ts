/**
 * Which property names say that their value is a secret. Plugins and callers choose the names, so nobody can declare
 * them: the words in a name decide. Masking too much costs a look into the substrate, masking too little a password.
 */

/** What is shown in the place of a secret. */
export const MASK = '******';

/** Words that mean a secret alone, inside a word that was written together (`dbpassword`), or as its end (`authtoken`). */
const SECRET = /password|passwd|passphrase|credential|(?:secret|token)s?$/;
/** Words that mean a secret only when they stand alone: `bypass` and `monkey` are none. */
const WORDS: ReadonlySet<string> = new Set(['pass', 'pw', 'pwd', 'key', 'keys']);
/** Written together, what would be two words otherwise. */
const KEYS = /^(?:access|api|auth|encryption|master|private|secret|shared|signing|ssh)keys?$/;
/** `key1`, `key2`, … are what people call things that need no name. */
const NUMBERED_KEY = /^key\d/i;
const PUBLIC: ReadonlySet<string> = new Set(['public', 'pub']);

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
    if (SECRET.test(word) || KEYS.test(word)) return true;
    if (!WORDS.has(word)) continue;
    const isKey = word.startsWith('key');
    if (!(isKey && index === 0 && NUMBERED_KEY.test(name)) && !(isKey && PUBLIC.has(words[index - 1] ?? ''))) return true;
  }
  return false;
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

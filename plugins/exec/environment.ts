import type { Properties } from '../plugin.ts';

/**
 * The environment of a script: what the plugin itself sees, which is the endpoint's allow-list, and the reservation's
 * properties as variables. Properties come from callers, so they neither replace what the server gives nor set what
 * changes how programs are found, loaded or run.
 */

const NAME = /^[A-Z_][A-Z0-9_]*$/;
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Families of tools that scripts start. A prefix shuts out ordinary names too (`git.url`); where those are likely, what the tool reads is named instead. */
const PREFIXES = `ANSIBLE_ AWS_ BASH_ CURL_ DOCKER_ DYLD_ GIT_ GLIBC_ GOOGLE_ HOLDFAST_ JAVA_ KUBE LD_ LIBVIRT_ MALLOC_ NPM_ OPENSSL_ PERL
   PIP_ PYTHON RUBY SSH_ TF_ VAULT_ VIRSH_ WGET XDG_`.split(/\s+/);
/** `node.name` and `os.version` are properties of machines: of these two only what Node.js and OpenStack read is shut out. */
const NODE_JS = `CHANNEL_ COMPILE_CACHE DEBUG DISABLE_ EXTRA_ ICU_DATA NO_WARNINGS OPTIONS PATH PENDING_ PRESERVE_ REDIRECT_ REPL_ SKIP_ TEST_ TLS_
   UNIQUE_ID USE_ V8_`.split(/\s+/);
const OPENSTACK = `ACCESS_TOKEN APPLICATION_CREDENTIAL AUTH CACERT CERT CLIENT CLOUD DEFAULT_DOMAIN DOMAIN IDENTITY INSECURE INTERFACE KEY PASSCODE
   PASSWORD PROJECT PROTOCOL PROXY REGION SERVICE SYSTEM_SCOPE TENANT TOKEN TRUST URL USER`.split(/\s+/);
/** Each service of OpenStack has one: `OS_COMPUTE_ENDPOINT_OVERRIDE`. The token goes there. */
const OPENSTACK_ENDPOINT = /^OS_.*ENDPOINT/;
const FAMILIES = [...PREFIXES, ...NODE_JS.map((name) => `NODE_${name}`), ...OPENSTACK.map((name) => `OS_${name}`)];
const DANGEROUS = new Set(
  `PATH IFS ENV PS4 CDPATH GLOBIGNORE SHELLOPTS BASHOPTS PROMPT_COMMAND FPATH ZDOTDIR SHELL HOME TMPDIR TZ TZDIR UNTIL
   GCONV_PATH GETCONF_DIR LOCPATH NLSPATH HOSTALIASES LOCALDOMAIN RES_OPTIONS RESOLV_HOST_CONF TERMCAP TERMINFO TERMINFO_DIRS
   GEM_HOME GEM_PATH BUNDLE_GEMFILE CLASSPATH JDK_JAVA_OPTIONS _JAVA_OPTIONS
   LUA_PATH LUA_CPATH LUA_INIT PHPRC PHP_INI_SCAN_DIR TCLLIBPATH AWKPATH AWKLIBPATH R_PROFILE R_ENVIRON
   EDITOR VISUAL PAGER BROWSER LESSOPEN LESSCLOSE MANPAGER NETRC INPUTRC
   SUDO_ASKPASS RSYNC_RSH CVS_RSH TAR_OPTIONS GREP_OPTIONS MAKEFLAGS MAKEFILES CC CXX
   HTTP_PROXY HTTPS_PROXY FTP_PROXY ALL_PROXY NO_PROXY SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE REQUESTS_CA_BUNDLE BOTO_CONFIG
   KRB5_CONFIG KRB5CCNAME`.split(/\s+/),
);

export interface ScriptEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** Names of properties that were left out, as the caller wrote them. */
  readonly leftOut: readonly string[];
}

/**
 * @param base what the script would see without properties.
 * @param properties from the weakest to the strongest: later ones win.
 * @param own what the plugin itself tells the script; nothing replaces it.
 */
export function scriptEnvironment(
  base: Readonly<Record<string, string | undefined>>,
  properties: readonly Properties[],
  own: Readonly<Record<string, string>>,
): ScriptEnvironment {
  const given: Record<string, string> = { PATH: DEFAULT_PATH };
  for (const [name, value] of Object.entries(base)) if (value !== undefined) given[name] = value;
  const variables: Record<string, string> = {};
  const leftOut = new Set<string>();
  for (const [property, value] of properties.flatMap((one) => Object.entries(one))) {
    const name = variableOf(property);
    if (isAllowed(name) && !Object.hasOwn(given, name) && !value.includes('\0')) variables[name] = value;
    else leftOut.add(property);
  }
  return { variables: { ...variables, ...given, ...own }, leftOut: [...leftOut] };
}

/** `unit.vlan.tag` is `UNIT_VLAN_TAG`. */
export function variableOf(property: string): string {
  return property.toUpperCase().replaceAll('.', '_');
}

function isAllowed(name: string): boolean {
  if (!NAME.test(name) || DANGEROUS.has(name) || OPENSTACK_ENDPOINT.test(name)) return false;
  return !FAMILIES.some((prefix) => name.startsWith(prefix));
}

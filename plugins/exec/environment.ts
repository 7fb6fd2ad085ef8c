import type { Properties } from '../plugin.ts';

/**
 * The environment of a script: what the plugin itself sees, which is the endpoint's allow-list, and the reservation's
 * properties as variables. Properties come from callers, so they neither replace what the server gives nor set what
 * changes how programs are found, loaded or run.
 */

const NAME = /^[A-Z_][A-Z0-9_]*$/;
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const DANGEROUS_PREFIXES = ['BASH_', 'DYLD_', 'GIT_CONFIG', 'HOLDFAST_', 'LD_', 'MALLOC_', 'NODE_EXTRA_', 'NPM_CONFIG_', 'OPENSSL_', 'PERL5', 'PYTHON', 'XDG_'];
const DANGEROUS = new Set(
  `PATH IFS ENV PS4 CDPATH GLOBIGNORE SHELLOPTS BASHOPTS PROMPT_COMMAND FPATH ZDOTDIR SHELL HOME TMPDIR TZ TZDIR UNTIL
   GCONV_PATH GETCONF_DIR LOCPATH NLSPATH GLIBC_TUNABLES HOSTALIASES LOCALDOMAIN RES_OPTIONS RESOLV_HOST_CONF TERMCAP TERMINFO TERMINFO_DIRS
   NODE_OPTIONS NODE_PATH NODE_V8_COVERAGE NODE_REPL_EXTERNAL_MODULE NODE_TLS_REJECT_UNAUTHORIZED NODE_REDIRECT_WARNINGS NODE_CHANNEL_FD NODE_COMPILE_CACHE
   PERLLIB PERLIO_DEBUG RUBYOPT RUBYLIB GEM_HOME GEM_PATH BUNDLE_GEMFILE CLASSPATH JAVA_HOME JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
   LUA_PATH LUA_CPATH LUA_INIT PHPRC PHP_INI_SCAN_DIR TCLLIBPATH AWKPATH AWKLIBPATH R_PROFILE R_ENVIRON
   EDITOR VISUAL PAGER BROWSER LESSOPEN LESSCLOSE MANPAGER
   GIT_SSH GIT_SSH_COMMAND GIT_EXEC_PATH GIT_ASKPASS GIT_EDITOR GIT_SEQUENCE_EDITOR GIT_PAGER GIT_EXTERNAL_DIFF GIT_PROXY_COMMAND GIT_TEMPLATE_DIR GIT_DIR
   SSH_ASKPASS SSH_AUTH_SOCK SUDO_ASKPASS RSYNC_RSH CVS_RSH TAR_OPTIONS GREP_OPTIONS MAKEFLAGS MAKEFILES CC CXX
   HTTP_PROXY HTTPS_PROXY FTP_PROXY ALL_PROXY NO_PROXY SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE CURL_HOME CURL_CA_BUNDLE REQUESTS_CA_BUNDLE
   KRB5_CONFIG KRB5CCNAME KUBECONFIG DOCKER_HOST DOCKER_CONFIG ANSIBLE_CONFIG`.split(/\s+/),
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
function variableOf(property: string): string {
  return property.toUpperCase().replaceAll('.', '_');
}

function isAllowed(name: string): boolean {
  return NAME.test(name) && !DANGEROUS.has(name) && !DANGEROUS_PREFIXES.some((prefix) => name.startsWith(prefix));
}

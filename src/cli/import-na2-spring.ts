import { basename, extname } from 'node:path';
import { stringify } from 'yaml';
import { canonical, readSpring, type SpringSettings } from './import-na2-spring-file.ts';
import { onOneLine, shellWord } from './import-na2-text.ts';

/** NodeAgent2's Spring file as YAML of this server; what has no counterpart is named, with the reason, and left out. */

const SPRING_PORT = 8080;

/** Settings that are taken over here. */
const TAKEN = ['server.port', 'server.address', 'na2.config', 'server.ssl.enabled'] as const;
const KEY_STORE = ['key-store', 'key-store-type', 'key-store-password', 'key-alias', 'key-password'].map((name) => `server.ssl.${name}`);

/** Why settings are left out, by how their names begin, the first that fits. */
const REASONS: readonly (readonly [string, string])[] = [
  ['logging.', "log4j's files, levels and patterns have no counterpart: Holdfast logs one line for each event to standard output (log.level, log.format)"],
  ['spring.datasource.', 'the database of the schedule: Holdfast keeps reservations in its data folder; take them over with holdfast import-na2 --schedule'],
  ['spring.jpa.', 'about the database of the schedule, which is not used any more'],
  ['server.ssl.trust-store', 'certificates of clients are not asked for'],
  ['server.ssl.client-auth', 'certificates of clients are not asked for'],
  ['server.ssl.', 'protocols and ciphers are those of OpenSSL'],
  ['server.context-path', 'routes are at the root of the server; a proxy can put a path before them'],
  ['server.servlet.context-path', 'routes are at the root of the server; a proxy can put a path before them'],
  ['server.', "a setting of Spring's own web server"],
  ['security.', "the user is admin, with the password of NodeAgent2's XML file"],
  ['spring.security.', "the user is admin, with the password of NodeAgent2's XML file"],
  ['spring.', "a setting of Spring's own"],
  ['management.', "a setting of Spring's own; GET /health tells how the server is"],
];

export function springYaml(file: string, text: string): string {
  const settings = readSpring(file, text);
  const leftOut = new LeftOut();
  const lines = [
    `# From ${onOneLine(basename(file))} of NodeAgent2, by holdfast import-na2. Relative paths start at the folder of this file now;`,
    '# NodeAgent2 took them from the folder that it was started in.',
    'server:',
    ...addressLines(settings, leftOut),
    ...tlsLines(settings, leftOut),
    'agent:',
    ...agentLines(settings),
  ];
  for (const name of settings.names) {
    if (isTaken(name)) continue;
    leftOut.add(name, REASONS.find(([begin]) => canonical(name).startsWith(canonical(begin)))?.[1] ?? 'Holdfast has nothing like it');
  }
  for (const profile of settings.profiles) leftOut.add(`the part for the profile ${profile}`, 'bring in what of it was in use');
  return `${[...lines, ...leftOut.lines()].join('\n')}\n`;
}

/** What is not taken over; settings with the same reason in one line. */
class LeftOut {
  readonly #namesByReason = new Map<string, string[]>();

  add(name: string, reason: string): void {
    const names = this.#namesByReason.get(reason) ?? [];
    names.push(name);
    this.#namesByReason.set(reason, names);
  }

  lines(): readonly string[] {
    if (this.#namesByReason.size === 0) return [];
    return ['', '# Left out:', ...[...this.#namesByReason].map(([reason, names]) => `# - ${onOneLine(`${names.join(', ')}: ${reason}`)}`)];
  }
}

function isTaken(name: string): boolean {
  return [...TAKEN, ...KEY_STORE].some((taken) => canonical(taken) === canonical(name));
}

function addressLines(settings: SpringSettings, leftOut: LeftOut): readonly string[] {
  const address = usable(settings, 'server.address', leftOut);
  const port = usable(settings, 'server.port', leftOut);
  const isPort = port !== undefined && /^\d{1,5}$/.test(port) && Number(port) <= 65_535;
  if (port !== undefined && !isPort) leftOut.add('server.port', `"${port}" is no port`);
  return [
    ...(address === undefined ? ['  # Without server.address, Spring Boot listens on every address; 127.0.0.1 is for this machine only.'] : []),
    `  host: ${scalar(address ?? '0.0.0.0')}`,
    `  port: ${isPort ? Number(port) : SPRING_PORT}`,
  ];
}

function tlsLines(settings: SpringSettings, leftOut: LeftOut): readonly string[] {
  const store = settings.get('server.ssl.key-store')?.trim() ?? '';
  if (store === '') return [];
  if (settings.get('server.ssl.enabled')?.trim().toLowerCase() === 'false') {
    leftOut.add('server.ssl.key-store', 'server.ssl.enabled is false');
    return [];
  }
  // A command that does not fit into its line would end the comment.
  if (store.startsWith('classpath:') || store.includes('${') || /[\r\n]/.test(store + (settings.get('server.ssl.key-alias') ?? ''))) {
    leftOut.add('server.ssl.key-store', `"${store}" is no path; make the PEM files for server.tls from it by hand`);
    return [];
  }
  return [
    '  # TLS is from PEM files here. In the folder that NodeAgent2 was started in, bash makes them from its key store:',
    ...keyStoreCommands(store.replace(/^file:(\/\/(?=\/))?/, ''), settings).map((command) => `  #   ${command}`),
    '  tls:',
    '    keyFile: tls/key.pem',
    '    certFile: tls/certificate.pem',
  ];
}

/** Passwords come from the environment: neither this file nor the list of processes shows them. */
function keyStoreCommands(store: string, settings: SpringSettings): readonly string[] {
  const type = (settings.get('server.ssl.key-store-type') ?? '').trim().toUpperCase();
  const isPkcs12 = type === '' ? ['.p12', '.pfx', '.pkcs12'].includes(extname(store).toLowerCase()) : type === 'PKCS12';
  const alias = settings.get('server.ssl.key-alias')?.trim() ?? '';
  const keyPassword = settings.get('server.ssl.key-password') ?? '';
  const hasKeyPassword = !isPkcs12 && alias !== '' && keyPassword !== '' && keyPassword !== (settings.get('server.ssl.key-store-password') ?? '');
  const commands = ['umask 077; mkdir -p tls', "read -rsp 'server.ssl.key-store-password: ' STORE_PASSWORD; export STORE_PASSWORD"];
  if (hasKeyPassword) commands.push("read -rsp 'server.ssl.key-password: ' KEY_PASSWORD; export KEY_PASSWORD");
  const pkcs12 = isPkcs12 ? shellWord(store) : 'tls/keystore.p12';
  if (!isPkcs12) {
    const chosen = alias === '' ? '' : ` -srcalias ${shellWord(alias)}`;
    const keyPasswords = hasKeyPassword ? ' -srckeypass:env KEY_PASSWORD -destkeypass:env STORE_PASSWORD' : '';
    commands.push(
      `keytool -importkeystore -srckeystore ${shellWord(store)} -srcstorepass:env STORE_PASSWORD${chosen}${keyPasswords} -destkeystore ${pkcs12} -deststoretype PKCS12 -deststorepass:env STORE_PASSWORD`,
    );
  }
  const openssl = `openssl pkcs12 -in ${pkcs12} -passin env:STORE_PASSWORD`;
  commands.push(`${openssl} -nocerts -nodes -out tls/key.pem`, `{ ${openssl} -clcerts -nokeys; ${openssl} -cacerts -nokeys; } > tls/certificate.pem`);
  if (isPkcs12) commands.push('(OpenSSL 3 wants -legacy with a store that Java 8 made.)');
  else commands.push(`rm ${pkcs12}`);
  return commands;
}

function agentLines(settings: SpringSettings): readonly string[] {
  const config = settings.get('na2.config')?.trim() ?? '';
  if (config === '' || config.includes('${')) return ["  # na2.config named NodeAgent2's XML file: name it here.", '  #config: na2.xml'];
  return [`  config: ${scalar(config)}`];
}

/** Undefined when it is not there, or is only known to Spring. */
function usable(settings: SpringSettings, name: string, leftOut: LeftOut): string | undefined {
  const value = settings.get(name)?.trim() ?? '';
  if (!value.includes('${')) return value === '' ? undefined : value;
  leftOut.add(name, `"${value}" has a placeholder`);
  return undefined;
}

function scalar(value: string): string {
  // JSON's way to write a text is one of YAML's, and has one line.
  return /[\r\n]/.test(value) ? JSON.stringify(value) : stringify(value, { lineWidth: 0 }).trimEnd();
}

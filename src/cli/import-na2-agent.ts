import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';
import { Document, isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { checkAgent } from '../config/agent-checks.ts';
import type { AgentSource, Report } from '../config/agent-source.ts';
import { readAgentXml } from '../config/agent-xml.ts';
import { describeMistakes } from '../config/config.ts';
import { isPath, missingModule } from '../config/plugin-module.ts';
import { writeFileDurably } from '../durable-file.ts';
import { messageOf } from '../faults.ts';
import { isSecretName } from '../secret-names.ts';
import { CliFailure, EXIT } from './failure.ts';
import { onOneLine, shellWord } from './import-na2-text.ts';
import { say } from './output.ts';

/**
 * NodeAgent2's XML file as the YAML section `agent`. It is read and checked as the server does it, except that modules of
 * plugins may still be missing: they are told in comments, because they are what a move from Java has to bring.
 * @param file absolute.
 * @param passwordFile absolute; gets the password, which is never printed.
 */
export function agentYaml(file: string, passwordFile: string | undefined): string {
  const report: Report = { mistakes: [], remarks: [] };
  const source = readAgentXml(file, report);
  if (source !== undefined) checkAgent(source, report);
  if (source === undefined || report.mistakes.length > 0) throw new CliFailure(EXIT.refused, describeMistakes(report.mistakes));
  for (const remark of report.remarks) say(remark);
  if (passwordFile !== undefined) writePassword(source, passwordFile);
  const document = new Document({
    agent: {
      ...(passwordFile === undefined ? {} : { passwordFile }),
      tick: source.tick,
      endpoints: source.endpoints,
    },
  });
  document.commentBefore = heading(file, source);
  const agent = document.get('agent');
  if (isMap(agent)) {
    if (passwordFile === undefined) commentKey(agent, 'tick', passwordComment(file, source));
    commentEndpoints(agent.get('endpoints'), source, dirname(file));
  }
  return document.toString({ lineWidth: 0, blockQuote: false });
}

function heading(file: string, source: AgentSource): string {
  const lines = [` From ${onOneLine(basename(file))} of NodeAgent2, by holdfast import-na2.`];
  const isRelative = source.endpoints.some(
    ({ plugin, config }) => (typeof plugin === 'string' && isPath(plugin) && !isAbsolute(plugin)) || (typeof config === 'string' && !isAbsolute(config)),
  );
  if (isRelative) lines.push(` Relative paths start at the folder of this file; the XML file was in ${onOneLine(dirname(file))}.`);
  const secrets = source.endpoints.flatMap(({ properties }) => Object.keys(properties ?? {}).filter(isSecretName));
  if (secrets.length > 0) lines.push(` It has secrets (${onOneLine(secrets.join(', '))}): keep it to its owner, chmod 600.`);
  return lines.join('\n');
}

function passwordComment(file: string, { password }: AgentSource): string {
  if (password === undefined) return ' The XML file has no password for the user admin; without one, HTTP Digest is not offered.\npasswordFile: agent-password';
  return [
    ' The password of the user admin does not belong into this file. Write it to a file of its own with',
    `   holdfast import-na2 ${shellWord(file)} --password-file agent-password`,
    ' and name that below, or give it to the server as HOLDFAST_AGENT_PASSWORD.',
    'passwordFile: agent-password',
  ].join('\n');
}

function commentEndpoints(endpoints: unknown, source: AgentSource, folder: string): void {
  if (!isSeq(endpoints)) return;
  for (const [index, item] of endpoints.items.entries()) {
    const plugin = source.endpoints[index]?.['plugin'];
    const missing = typeof plugin === 'string' ? missingModule(plugin, folder) : undefined;
    if (missing === undefined || !isMap(item)) continue;
    say(`${source.at(['endpoints', index, 'plugin']).place}: ${missing}`);
    commentKey(item, 'plugin', ` STILL MISSING: ${onOneLine(missing)}`);
  }
}

function commentKey(map: YAMLMap, name: string, comment: string): void {
  for (const { key } of map.items) if (isScalar(key) && key.value === name) key.commentBefore = comment;
}

function writePassword({ password }: AgentSource, path: string): void {
  if (password === undefined || password === '') throw new CliFailure(EXIT.usage, '--password-file: the XML file has no password');
  // Whatever is there may be somebody else's secret.
  if (existsSync(path)) throw new CliFailure(EXIT.usage, `--password-file: ${path} exists already`);
  try {
    writeFileDurably(path, `${password}\n`, 0o600);
  } catch (error) {
    throw new CliFailure(EXIT.usage, `--password-file: cannot write ${path}: ${messageOf(error)}`);
  }
  say(`wrote the password of admin to ${path}`);
}

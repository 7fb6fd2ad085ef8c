import { strict as assert } from 'node:assert';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentConfig } from '../../src/agent/endpoint-config.ts';
import { type ConfigSources, type LoadedConfig, loadConfigWithRemarks } from '../../src/config/config.ts';
import { StartFailure } from '../../src/faults.ts';
import { packageRoot } from '../../src/package-root.ts';

/** Configurations with an agent, as files that are really there. */

export const AGENT_FILES: string = join(packageRoot(), 'test', 'config', 'agent-files');

interface Context {
  after(fn: () => void): void;
}

/** A folder for one test with these files in it, for their owner only. */
export function folderWith(context: Context, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-agent-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o600);
  }
  return folder;
}

export function load(folder: string, part: Partial<ConfigSources> = {}): LoadedConfig {
  return loadConfigWithRemarks({ environment: {}, flags: [], workingDirectory: folder, ...part });
}

/** The agent of a YAML file with this text. */
export function agentOf(context: Context, yaml: string, files: Readonly<Record<string, string>> = {}): AgentConfig {
  const folder = folderWith(context, { 'holdfast.yaml': yaml, ...files });
  return load(folder, { file: 'holdfast.yaml' }).config.agent;
}

/** The lines that a start would end with, each without its folder. */
export function mistakesOf(folder: string, part: Partial<ConfigSources>): readonly string[] {
  try {
    load(folder, part);
  } catch (error) {
    assert.ok(error instanceof StartFailure, String(error));
    assert.equal(error.exitCode, 2);
    const text = error.message.replace(/^the configuration has (a mistake: |\d+ mistakes:\n)/, '');
    return text.split('\n').map((line) => line.trim().replaceAll(`${folder}/`, '').replaceAll(folder, '.'));
  }
  return assert.fail('the configuration was accepted');
}

export function yamlMistakes(context: Context, yaml: string, files: Readonly<Record<string, string>> = {}): readonly string[] {
  return mistakesOf(folderWith(context, { 'holdfast.yaml': yaml, ...files }), { file: 'holdfast.yaml' });
}

export function xmlMistakes(context: Context, xml: string): readonly string[] {
  return mistakesOf(folderWith(context, { 'agent.xml': xml }), { environment: { HOLDFAST_AGENT_CONFIG: 'agent.xml' } });
}

/** One element that was given by name outside of the file. */
export interface Given {
  /** As the mistake names it: `HOLDFAST_PORT`, `--port`. */
  readonly name: string;
  readonly path: readonly string[];
  readonly value: string;
}

const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  HOLDFAST_HOST: ['server', 'host'],
  HOLDFAST_PORT: ['server', 'port'],
  HOLDFAST_HTTP_THREADS: ['server', 'httpThreads'],
  HOLDFAST_DATA_DIR: ['storage', 'directory'],
  HOLDFAST_SCHEMA_DIR: ['storage', 'schemaDirectory'],
  HOLDFAST_SNAPSHOT_EVERY: ['snapshots', 'every'],
  HOLDFAST_RETAIN: ['snapshots', 'retain'],
  HOLDFAST_RESTORE: ['snapshots', 'restore'],
  HOLDFAST_AGENT_CONFIG: ['agent', 'config'],
  HOLDFAST_LOG_LEVEL: ['log', 'level'],
};

/** What the environment says. An empty variable counts as not set: that is how container files leave things out. */
export function givenInEnvironment(environment: Readonly<Record<string, string | undefined>>): Given[] {
  const given: Given[] = [];
  for (const [name, path] of Object.entries(VARIABLES)) {
    const value = environment[name];
    if (value !== undefined && value !== '') given.push({ name, path, value });
  }
  return given;
}

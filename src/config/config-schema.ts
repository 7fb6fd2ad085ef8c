/**
 * The JSON Schema of the configuration: what elements there are, their limits and their defaults. The defaults that the
 * server uses are read from here and stand nowhere else.
 */

/** The part of JSON Schema that the configuration uses. */
export interface ConfigSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly properties?: Readonly<Record<string, ConfigSchema>>;
  readonly required?: readonly string[];
  /** A schema: a map with entries of any name. */
  readonly additionalProperties?: false | ConfigSchema;
  readonly items?: ConfigSchema;
  readonly maxItems?: number;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  /** Those of formats.ts. `period`: text like `3m`, or a map of length and unit. */
  readonly format?: string;
  /** The element is a number of these; text such as `5m` or `1GiB` is converted. */
  readonly 'x-unit'?: 'ms' | 'seconds' | 'bytes';
  /** The element is a path; relative ones in a file start at the file's folder. */
  readonly 'x-path'?: true;
  /** A plain number means an object with this one property. */
  readonly 'x-shorthand'?: string;
}

/** What Ajv says of one mistake. */
export interface ConfigError {
  readonly keyword: string;
  /** A JSON pointer. */
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
  /** The value that is one. */
  readonly data?: unknown;
}

/** The compiled schema. After `false`, `errors` are those of this call. */
export interface ConfigValidator {
  (value: unknown): boolean;
  readonly errors?: readonly ConfigError[] | null;
}

const KIB = 1024;
const MIB = KIB * KIB;
const GIB = KIB * MIB;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

function timeLimit(defaultMs: number): ConfigSchema {
  return { type: 'integer', 'x-unit': 'ms', minimum: SECOND_MS, maximum: DAY_MS, default: defaultMs };
}

/** One endpoint of the agent. What an endpoint of NodeAgent2's XML does not say has these defaults, too. */
export const ENDPOINT_SCHEMA: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'plugin', 'schedulePeriod'],
  properties: {
    name: { type: 'string', description: 'The last part of its routes.' },
    plugin: { type: 'string', minLength: 1, description: 'null, exec, simulator, a package, or a path that begins with ./, ../ or /.' },
    export: { type: 'string', minLength: 1, default: 'default', description: 'The export of the module that makes the plugin.' },
    schedulePeriod: { type: 'string', format: 'period', description: 'How long a reservation lasts unless it is renewed; 0 is never renewed.' },
    renewAdvanceTicks: { type: 'integer', minimum: 0, maximum: 100_000, default: 1, description: 'How many ticks before its end a reservation is renewed.' },
    config: { type: 'string', minLength: 1, description: 'A file for the plugin.' },
    properties: { type: 'object', additionalProperties: { type: 'string' }, default: {}, description: 'Settings for the plugin.' },
    description: { type: 'string', description: 'What GET /description answers.' },
    isolation: { type: 'string', enum: ['thread', 'process'], default: 'thread' },
    threads: { type: 'integer', minimum: 1, maximum: 64, default: 2 },
    concurrentCalls: { type: 'integer', minimum: 1, maximum: 1000, default: 1, description: 'Calls at once in each thread.' },
    concurrentRenewals: { type: 'integer', minimum: 1, maximum: 64_000, description: 'Renewals at once, at most; half of all calls when absent.' },
    queueLength: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 1024,
      description: 'Calls that may wait: well below limits.inFlight, or one endpoint that hangs takes the whole server.',
    },
    memory: { type: 'integer', 'x-unit': 'bytes', minimum: 32 * MIB, maximum: 64 * GIB, default: 256 * MIB, description: 'Of each thread.' },
    env: { type: 'array', maxItems: 1000, items: { type: 'string', format: 'variable-name' }, default: [], description: 'Variables that the plugin may see.' },
    user: { type: 'string', minLength: 1, description: 'The account of the process; for isolation process.' },
    timeLimits: {
      type: 'object',
      additionalProperties: false,
      properties: {
        join: timeLimit(5 * MINUTE_MS),
        leave: timeLimit(5 * MINUTE_MS),
        modify: timeLimit(5 * MINUTE_MS),
        renew: timeLimit(5 * MINUTE_MS),
        status: timeLimit(30 * SECOND_MS),
        find: timeLimit(30 * SECOND_MS),
        list: timeLimit(30 * SECOND_MS),
      },
    },
    renewRetries: { type: 'integer', minimum: 0, maximum: 1000, default: 0, description: 'Attempts after a failed renewal, before the end.' },
  },
};

/** One query that is asked again and again. */
export const SAVED_QUERY_SCHEMA: ConfigSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'sql', 'every'],
  properties: {
    name: { type: 'string', format: 'figure-name', description: 'Of the figure.' },
    description: { type: 'string', minLength: 1, description: 'What the figure tells.' },
    sql: { type: 'string', minLength: 1, description: 'A SELECT with a column value, and those that labels names.' },
    at: { type: 'string', minLength: 1, default: 'now', description: 'As in POST /query.' },
    every: { type: 'integer', 'x-unit': 'ms', minimum: SECOND_MS, maximum: DAY_MS, description: 'How long after it was answered it is asked again.' },
    labels: { type: 'array', maxItems: 10, items: { type: 'string', format: 'figure-name' }, default: [], description: 'Columns that tell the rows apart.' },
  },
};

export const CONFIG_SCHEMA: ConfigSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Holdfast configuration',
  type: 'object',
  additionalProperties: false,
  properties: {
    server: {
      type: 'object',
      additionalProperties: false,
      properties: {
        host: { type: 'string', minLength: 1, default: '127.0.0.1', description: 'The address to listen on.' },
        port: { type: 'integer', minimum: 0, maximum: 65_535, default: 8080, description: 'The port; 0 takes a free one.' },
        httpThreads: { type: 'integer', minimum: 1, maximum: 64, default: 1, description: 'Threads that have the connections; 1: the main thread has them.' },
        allowedOrigins: {
          type: 'array',
          maxItems: 100,
          items: { type: 'string', minLength: 1 },
          description: 'Origins of other sites, such as https://dashboard.example, whose pages may open the feed as a WebSocket.',
        },
        allowedHosts: {
          type: 'array',
          maxItems: 100,
          items: { type: 'string', minLength: 1 },
          description: 'What the header Host of a request may say, with or without the port. Anything when absent.',
        },
        trustedProxies: {
          type: 'array',
          maxItems: 100,
          items: { type: 'string', format: 'network' },
          description: 'Addresses and networks of proxies: a client is then who their X-Forwarded-For names last.',
        },
        tls: {
          type: 'object',
          additionalProperties: false,
          required: ['keyFile', 'certFile'],
          properties: {
            keyFile: { type: 'string', minLength: 1, 'x-path': true, description: 'The private key, PEM.' },
            certFile: { type: 'string', minLength: 1, 'x-path': true, description: 'The certificate and its chain, PEM.' },
          },
        },
      },
    },
    storage: {
      type: 'object',
      additionalProperties: false,
      properties: {
        directory: { type: 'string', minLength: 1, 'x-path': true, default: './holdfast-data', description: 'The data folder.' },
        schemaDirectory: { type: 'string', minLength: 1, 'x-path': true, description: 'A folder of further kinds, one JSON Schema each.' },
        journalSync: {
          type: 'string',
          enum: ['always', 'interval'],
          default: 'always',
          description: 'When an answered write is on disk: before its answer, or at the latest one interval after it.',
        },
        journalSyncIntervalMs: { type: 'integer', 'x-unit': 'ms', minimum: 1, maximum: HOUR_MS, default: 100 },
        journalKeepBytes: {
          type: 'integer',
          'x-unit': 'bytes',
          minimum: 0,
          maximum: 1024 * GIB,
          default: GIB,
          description: 'Journal that is kept though snapshots have it: how far back the feed can be resumed.',
        },
        lagChangesMax: { type: 'integer', minimum: 1, maximum: 10_000_000, default: 65_536, description: 'How many changes the working set may be behind.' },
        lagMs: { type: 'integer', 'x-unit': 'ms', minimum: 1, maximum: HOUR_MS, default: 1000, description: 'How long the working set may be behind.' },
      },
    },
    snapshots: {
      type: 'object',
      additionalProperties: false,
      properties: {
        every: { type: 'string', format: 'snapshot-schedule', default: '5m', description: 'An interval (60s, 5m, 1h) or a cron expression of 5 or 6 fields.' },
        retain: {
          type: 'object',
          additionalProperties: false,
          'x-shorthand': 'newest',
          properties: {
            newest: { type: 'integer', minimum: 1, maximum: 100_000, default: 24 },
            hourly: { type: 'integer', minimum: 0, maximum: 100_000, default: 0 },
            daily: { type: 'integer', minimum: 0, maximum: 100_000, default: 0 },
            weekly: { type: 'integer', minimum: 0, maximum: 100_000, default: 0 },
          },
        },
        onShutdown: { type: 'boolean', default: true },
        journalBytesMax: {
          type: 'integer',
          'x-unit': 'bytes',
          minimum: MIB,
          maximum: 1024 * GIB,
          default: GIB,
          description: 'A journal of this size brings a snapshot on.',
        },
        restore: { type: 'boolean', default: true, description: 'False puts what is there aside and starts empty.' },
      },
    },
    auth: {
      type: 'object',
      additionalProperties: false,
      properties: {
        reads: { type: 'string', enum: ['public', 'token'], default: 'public', description: 'Whether reading the inventory needs a token.' },
        algorithm: { type: 'string', enum: ['HS256', 'RS256', 'ES256', 'EdDSA'], default: 'HS256' },
        secretFile: { type: 'string', minLength: 1, 'x-path': true, description: 'The shared secret of HS256, at least 32 bytes.' },
        previousSecretFile: { type: 'string', minLength: 1, 'x-path': true, description: 'The secret of before, of which tokens are still accepted.' },
        jwksFile: { type: 'string', minLength: 1, 'x-path': true },
        jwksUrl: { type: 'string', format: 'http-url' },
        issuer: { type: 'string', minLength: 1 },
        audience: { type: 'string', minLength: 1 },
        leewaySeconds: { type: 'integer', 'x-unit': 'seconds', minimum: 0, maximum: 120, default: 30 },
      },
    },
    agent: {
      type: 'object',
      additionalProperties: false,
      properties: {
        config: { type: 'string', minLength: 1, 'x-path': true, description: "NodeAgent2's XML file, instead of tick and endpoints." },
        passwordFile: { type: 'string', minLength: 1, 'x-path': true, description: 'The password of the HTTP Digest user admin.' },
        digestMd5: { type: 'boolean', default: true, description: 'Whether MD5 is offered beside SHA-256.' },
        nonceLifetime: { type: 'integer', 'x-unit': 'ms', minimum: SECOND_MS, maximum: DAY_MS, default: 5 * MINUTE_MS },
        tick: { type: 'string', format: 'period', default: '1m', description: 'How often is looked for what is to be renewed.' },
        closedRetention: { type: 'integer', 'x-unit': 'ms', minimum: 0, maximum: 3650 * DAY_MS, default: 7 * DAY_MS },
        endpoints: { type: 'array', maxItems: 256, items: ENDPOINT_SCHEMA },
      },
    },
    metrics: {
      type: 'object',
      additionalProperties: false,
      properties: {
        access: { type: 'string', enum: ['public', 'token'], default: 'public', description: 'Whether GET /metrics needs a token.' },
      },
    },
    query: {
      type: 'object',
      additionalProperties: false,
      properties: {
        enabled: { type: 'boolean', default: true, description: 'Whether SQL can be asked at all.' },
        timeLimit: { type: 'integer', 'x-unit': 'ms', minimum: 100, maximum: HOUR_MS, default: 10 * SECOND_MS, description: 'For one query.' },
        rowsMax: { type: 'integer', minimum: 1, maximum: 1_000_000_000, default: 1_000_000, description: 'Rows of one result.' },
        bytesMax: { type: 'integer', 'x-unit': 'bytes', minimum: KIB, maximum: 64 * GIB, default: 64 * MIB, description: 'Bytes of one result.' },
        memory: {
          type: 'integer',
          'x-unit': 'bytes',
          minimum: 64 * MIB,
          maximum: 1024 * GIB,
          default: GIB,
          description: 'Of each process, beside what Node needs.',
        },
        children: { type: 'integer', minimum: 1, maximum: 64, default: 2, description: 'Processes, and so queries at once.' },
        saved: { type: 'array', maxItems: 100, items: SAVED_QUERY_SCHEMA },
      },
    },
    log: {
      type: 'object',
      additionalProperties: false,
      properties: {
        level: { type: 'string', enum: ['debug', 'info', 'warn', 'error'], default: 'info' },
        format: { type: 'string', enum: ['auto', 'json', 'pretty'], default: 'auto', description: 'auto: pretty on a terminal, JSON otherwise.' },
      },
    },
    history: {
      type: 'object',
      additionalProperties: false,
      properties: {
        memoryBytes: {
          type: 'integer',
          'x-unit': 'bytes',
          minimum: 64 * MIB,
          maximum: 1024 * GIB,
          default: GIB,
          description: 'What states of the past may take in memory; they are given back when nobody asks for them.',
        },
      },
    },
    limits: {
      type: 'object',
      additionalProperties: false,
      properties: {
        bodyBytes: { type: 'integer', 'x-unit': 'bytes', minimum: KIB, maximum: GIB, default: 16 * MIB, description: 'The largest body of one request.' },
        bulkBytes: {
          type: 'integer',
          'x-unit': 'bytes',
          minimum: KIB,
          maximum: 64 * GIB,
          default: GIB,
          description: 'The largest body of a bulk request.',
        },
        inFlight: { type: 'integer', minimum: 1, maximum: 1_000_000, default: 4096, description: 'Requests that may be under way at once.' },
        inFlightPerAddress: { type: 'integer', minimum: 1, maximum: 1_000_000, default: 3072, description: 'Those of one address.' },
        connections: { type: 'integer', minimum: 8, maximum: 1_000_000, default: 10_000, description: 'Connections that may be open at once.' },
        connectionsPerAddress: { type: 'integer', minimum: 1, maximum: 1_000_000, default: 4096, description: 'Those of one address.' },
        requestsPerSecond: { type: 'integer', minimum: 0, maximum: 1_000_000, default: 0, description: 'Requests of one address; 0 is any number.' },
        feedsPerAddress: { type: 'integer', minimum: 1, maximum: 1_000_000, default: 1024, description: 'Subscribers of the feed at one address.' },
        pastPerCaller: { type: 'integer', minimum: 1, maximum: 64, default: 16, description: 'Requests about the past that one caller may have under way.' },
        queriesPerCaller: { type: 'integer', minimum: 1, maximum: 80, default: 8, description: 'SQL queries that one caller may have under way.' },
        requestTimeLimitMs: { type: 'integer', 'x-unit': 'ms', minimum: 100, maximum: HOUR_MS, default: 30_000 },
      },
    },
  },
};

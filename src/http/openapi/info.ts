import type { Kind } from '../../../schemas/kind.ts';
import { DIGEST_REALM, DIGEST_USER } from '../digest.ts';
import { SCOPES, type Scope } from '../scopes.ts';
import type { JsonSchema } from './json-schema.ts';

/** What the description says of the whole API. */

export function infoOf(version: string): JsonSchema {
  return {
    title: 'Holdfast',
    version,
    summary: 'What nodes a site has, and what is reserved on its substrates',
    description: TEXT,
    license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
  };
}

const TEXT = `Keeps hold of what nodes a site has (the inventory) and of what is reserved on its substrates.

**Paths.** Every path below \`/inventory\` also works without it, and with a kind's name in any case or one of its aliases, for clients of node-orchestrator: \`/ComputeNode\` and \`/nodes\` are \`/inventory/ComputeNode\`. These paths are the same operations and are not listed again; \`x-holdfast-aliases\` names them. \`HEAD\` works wherever \`GET\` does, and \`OPTIONS\` tells the methods of a path in \`Allow\`.

**Schemas.** Each kind has three: \`ComputeNode\` is what is read, \`ComputeNode-write\` what is sent, \`ComputeNode-patch\` a merge patch. Of what is read only the key is sure to be there, because \`fields\` leaves out the rest. Newline-delimited JSON is described by \`x-holdfast-line\`, the schema of one line, and Server-Sent Events by \`x-holdfast-event\`.

**Problems.** Every error is a problem (RFC 9457). \`x-holdfast-codes\` lists the codes that an answer may have; \`/problems\` explains them.

**Request ids.** Every answer has an \`X-Request-Id\`. A client may send its own (letters, digits and \`._:-\`, at most 128).`;

/** What each scope allows, as docs/api.md has it; a test compares them. */
export const SCOPE_TEXTS: Readonly<Record<Scope, string>> = {
  'inventory:read': 'reading records and schemas, where reading is not public',
  'inventory:write': 'creating, changing and deleting records',
  snapshots: 'listing, taking and going back to snapshots',
  'secrets:read': 'reading secrets',
  query: 'SQL over all records and reservations',
  reservations: "NodeAgent2's calls, reading reservations",
  admin: 'renewing, releasing and taking over reservations by hand',
};

export const SECURITY_SCHEMES: JsonSchema = {
  token: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: `A JWT; \`holdfast token\` makes one. Its claim \`scope\` holds words that each allow something:\n\n${SCOPES.map((scope) => `- \`${scope}\`: ${SCOPE_TEXTS[scope]}`).join('\n')}\n\nA token without that claim may read and write the inventory.`,
  },
  digest: {
    type: 'http',
    scheme: 'digest',
    description: `HTTP Digest (RFC 7616) as \`${DIGEST_USER}\` in the realm \`${DIGEST_REALM}\`: means the scope \`reservations\`. Offered where a password is configured.`,
  },
};

const TAGS: readonly JsonSchema[] = [
  { name: 'NodeAgent2', description: "NodeAgent2's calls, for clients that were written for it: provision, change, tear down, and see what will be renewed." },
  { name: 'Reservations', description: 'Reservations as records: what is held, what goes wrong, and what an administrator can do about it.' },
  { name: 'Feed', description: 'Every change as it happens, as a WebSocket or as Server-Sent Events.' },
  { name: 'Schemas', description: 'The JSON Schemas of the kinds.' },
  { name: 'Snapshots', description: 'Snapshots of everything, on demand.' },
  { name: 'History', description: 'What has changed between two moments.' },
  { name: 'SQL', description: 'A `SELECT` over the records, a snapshot, or all snapshots.' },
  { name: 'Problems', description: 'What the errors mean.' },
  { name: 'Server', description: 'What is here, and how it is.' },
];

/** A heading for each kind, then the others. */
export function tagsOf(kinds: readonly Kind[]): readonly JsonSchema[] {
  const names = new Set(kinds.map(({ name }) => name));
  const ofKinds = kinds.map(({ name, schema }) => ({ name, ...(schema.description === undefined ? {} : { description: schema.description }) }));
  return [...ofKinds, ...TAGS.filter(({ name }) => !names.has(String(name)))];
}

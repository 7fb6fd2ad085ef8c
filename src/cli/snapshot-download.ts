import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Client, HoldfastError, type SnapshotWithFiles, type StreamAnswer } from '../client/client.ts';
import { messageOf } from '../faults.ts';
import { CliFailure, EXIT } from './failure.ts';

/**
 * Fetches a snapshot into a folder of its own, each file compared with its checksum. A file has its name only when it is
 * complete, so a download that was broken off can be begun again: what is there and sound is not fetched twice.
 */
export async function downloadSnapshot(client: Client, snapshot: SnapshotWithFiles, into: string, tell: (line: string) => void): Promise<string> {
  const folder = join(into, `snapshot=${snapshot.name}`);
  mkdirSync(folder, { recursive: true });
  for (const { name, sha256 } of snapshot.files) {
    // The name becomes a path on this machine, whatever a server says.
    if (!/^\w[\w.-]*$/.test(name)) throw new CliFailure(EXIT.refused, `the server names a file "${name}"`);
    const path = join(folder, name);
    if (existsSync(path)) {
      const isSound = (await sha256OfFile(path)) === sha256;
      tell(`${name}: ${isSound ? 'there already' : 'there, but damaged: fetched again'}`);
      if (isSound) continue;
    }
    const hash = createHash('sha256');
    const answer = await fetched(client, snapshot.name, name);
    if (answer === undefined) {
      tell(`${name}: left out, the token may not read it`);
      continue;
    }
    try {
      await pipeline(answer.body, hashing(hash), createWriteStream(`${path}.part`));
    } catch (error) {
      throw new CliFailure(EXIT.unreachable, `${name} could not be fetched: ${messageOf(error)}`);
    }
    if (hash.digest('hex') !== sha256) throw new CliFailure(EXIT.refused, `${name} does not match its checksum`);
    renameSync(`${path}.part`, path);
    tell(name);
  }
  return folder;
}

/** Undefined when the token lacks the scope for this file: reservations are not for everybody who may read snapshots. */
async function fetched(client: Client, snapshot: string, file: string): Promise<StreamAnswer | undefined> {
  try {
    return await client.snapshots.fetch(snapshot, file);
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'forbidden') return undefined;
    throw error;
  }
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function hashing(hash: ReturnType<typeof createHash>): (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* hashed(chunks) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
}

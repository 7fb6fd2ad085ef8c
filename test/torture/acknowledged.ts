import assert from 'node:assert/strict';
import type { Answer, ServerProcess } from '../support/server-process.ts';

/** What clients of a server were told of records that they made, and whether it is so. */

export const PATH = '/inventory/ComputeNode';

export class Acknowledged {
  /** By id, the record as it was acknowledged. */
  readonly texts: Map<string, string> = new Map<string, string>();
  /** How many there are of which nobody was told what became. */
  unknown = 0;

  /** @returns the answer */
  add(answer: Answer): Answer {
    if (answer.status === 201) {
      assert.ok(!this.texts.has(answer.json.id), `${answer.json.id} was made twice`);
      this.texts.set(answer.json.id, answer.text);
    } else if (answer.json.code === 'outcome-unknown') this.unknown += 1;
    return answer;
  }

  /** The one that was acknowledged first. */
  get firstId(): string {
    const [id = ''] = this.texts.keys();
    return id;
  }
}

/** All that was acknowledged is there as it was told, and beyond it no more than nobody was told of: nothing that was refused. */
export async function expectAll(server: ServerProcess, told: readonly Acknowledged[]): Promise<void> {
  const { json, status } = await server.request('GET', PATH);
  assert.equal(status, 200);
  const found = new Map<string, unknown>(json.map((record: { id: string }) => [record.id, record]));
  assert.equal(found.size, json.length, 'none is there twice');
  let known = 0;
  let unknown = 0;
  for (const each of told) {
    for (const [id, text] of each.texts) assert.deepEqual(found.get(id), JSON.parse(text), id);
    known += each.texts.size;
    unknown += each.unknown;
  }
  assert.ok(found.size >= known && found.size <= known + unknown, `${found.size} records, ${known} acknowledged, ${unknown} unknown`);
}

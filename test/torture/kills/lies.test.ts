import assert from 'node:assert/strict';
import { readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeFrameHeader, FRAME_HEADER_BYTES, SEGMENT_HEADER_BYTES } from '../../../src/store/journal-format.ts';
import type { FeedEvent } from '../../support/feed-client.ts';
import { type Asked, Asking, type Part } from './asked.ts';
import { Era } from './era.ts';
import { type Fields, World } from './world.ts';

/** What the comparison after a kill must not overlook: each of these is a server that lies. */

const AT = '2026-11-22T10:00:00.000Z';

/** A server's feed, and what a client has asked for and heard of it. */
class Story {
  readonly world = new World();
  readonly asking = new Asking();
  readonly #records = new Map<string, Fields>();

  /** A change as the feed tells it. */
  tell(kind: string, key: string, fields: Fields | undefined, more: Partial<FeedEvent> = {}): void {
    const sequence = this.world.sequence + 1;
    const before = this.#records.get(`${kind} ${key}`);
    const created = before?.['created_at'] ?? AT;
    const record = fields === undefined ? before : { id: key, ...fields, created_at: created, updated_at: AT, revision: sequence };
    if (fields === undefined) this.#records.delete(`${kind} ${key}`);
    else this.#records.set(`${kind} ${key}`, record as Fields);
    const what = fields === undefined ? 'deleted' : before === undefined ? 'created' : 'updated';
    const time = new Date(Date.parse(AT) + sequence).toISOString();
    const event = {
      specversion: '1.0',
      id: `1-${sequence}`,
      source: 'urn:x',
      type: `holdfast.${kind}.${what}`,
      subject: key,
      time,
      sequence: String(sequence),
      data: record,
    };
    this.asking.explain(this.world.take({ ...event, ...more }));
  }

  ask(marks: readonly string[], more: Partial<Asked> = {}): Asked {
    const request = { method: 'POST', path: '/', body: '', headers: {} };
    const parts = marks.map((mark): Part => ({ mark, expected: () => node(mark) }));
    const asked: Asked = { form: 'post', kind: 'ComputeNode', request, parts, isAtomic: true, outcome: 'acknowledged', sentAfter: 0, ...more };
    this.asking.add(asked);
    return asked;
  }

  settle(): void {
    this.world.assertRules();
    this.asking.settle((sequence) => this.world.change(sequence));
  }
}

function node(mark: string, xname = `x1c0s0b0n${mark.slice(1)}`): Fields {
  return { hostname: 'h', xname, architecture: 'arm64', description: mark };
}

function lie(name: string, message: RegExp, tell: (story: Story) => void): void {
  test(name, () => {
    const story = new Story();
    assert.throws(() => {
      tell(story);
      story.settle();
    }, message);
  });
}

test('a server that does not lie is believed', () => {
  const story = new Story();
  story.ask(['w1']);
  story.ask(['w2', 'w3']);
  story.ask(['w4', 'w5'], { outcome: 'unknown' });
  story.ask(['w6'], { outcome: 'refused' });
  story.tell('ComputeNode', 'a', node('w1'));
  story.tell('ComputeNode', 'b', node('w2'));
  story.tell('ComputeNode', 'c', node('w3'));
  story.settle();
  story.ask([], { removes: 'a' });
  story.tell('ComputeNode', 'a', undefined);
  story.settle();
});

lie('an acknowledged write that is lost is noticed', /w1 is lost/, (story) => void story.ask(['w1']));

lie('an acknowledged deletion that is lost is noticed', /was deleted/, (story) => {
  story.ask(['w1']);
  story.tell('ComputeNode', 'a', node('w1'));
  story.ask([], { removes: 'a' });
});

lie('a refused write that is there is noticed', /was refused, and has happened/, (story) => {
  story.ask(['w1'], { outcome: 'refused' });
  story.tell('ComputeNode', 'a', node('w1'));
});

lie('half of a bulk is noticed', /1 of 2/, (story) => {
  story.ask(['w1', 'w2'], { outcome: 'unknown' });
  story.tell('ComputeNode', 'a', node('w1'));
});

lie('a write in the middle of a bulk is noticed', /in the middle of it/, (story) => {
  story.ask(['w1', 'w3']);
  story.ask(['w2']);
  for (const mark of ['w1', 'w2', 'w3']) story.tell('ComputeNode', mark, node(mark));
});

lie('another content than was asked for is noticed', /asked for/, (story) => {
  story.ask(['w1']);
  story.tell('ComputeNode', 'a', { ...node('w1'), hostname: 'other' });
});

lie('another content than was acknowledged is noticed', /is what was acknowledged/, (story) => {
  const asked = story.ask(['w1']);
  story.tell('ComputeNode', 'a', node('w1'));
  for (const part of asked.parts) part.acknowledged = { revision: 1, record: { ...node('w1'), id: 'a' } };
});

lie('another revision than was acknowledged is noticed', /the revision that was acknowledged/, (story) => {
  const asked = story.ask(['w1']);
  for (const part of asked.parts) part.acknowledged = { revision: 7 };
  story.tell('ComputeNode', 'a', node('w1'));
});

lie('a write that nobody has asked for is noticed', /asked for by nobody/, (story) => story.tell('ComputeNode', 'a', node('w1')));

lie('a write that happens twice is noticed', /has done already/, (story) => {
  story.ask(['w1']);
  story.tell('ComputeNode', 'a', node('w1'));
  story.tell('ComputeNode', 'b', node('w1', 'x1c0s0b0n9'));
});

lie('a deleted record that is back is noticed', /asked for by nobody/, (story) => {
  story.ask(['w1']);
  story.tell('ComputeNode', 'a', node('w1'));
  story.ask([], { removes: 'a' });
  story.tell('ComputeNode', 'a', undefined);
  story.settle();
  story.tell('ComputeNode', 'a', node('w1'));
});

lie('a write that comes before what its sender knew is noticed', /before it was asked for/, (story) => {
  story.ask(['w1'], { sentAfter: 3 });
  story.tell('ComputeNode', 'a', node('w1'));
});

lie('a write whose condition did not hold is noticed', /one revision only/, (story) => {
  story.ask(['w1']);
  story.tell('ComputeNode', 'a', node('w1'));
  story.ask(['w2'], { ifMatch: 7 });
  story.tell('ComputeNode', 'a', node('w2'));
});

lie('a unique value that two records have is noticed', /belongs to a and b/, (story) => {
  story.ask(['w1', 'w2'], { parts: ['w1', 'w2'].map((mark) => ({ mark, expected: () => node(mark, 'x1c0s0b0n0') })) });
  story.tell('ComputeNode', 'a', node('w1', 'x1c0s0b0n0'));
  story.tell('ComputeNode', 'b', node('w2', 'x1c0s0b0n0'));
});

lie('a node in two partitions is noticed', /in a partition belongs to a and b/, (story) => {
  const collection = (mark: string): Fields => ({ name: mark, type: 'partition', nodes: ['x1c0s0b0n0'], description: mark });
  story.ask(['w1', 'w2'], { kind: 'NodeCollection', parts: ['w1', 'w2'].map((mark) => ({ mark, expected: () => collection(mark) })) });
  story.tell('NodeCollection', 'a', collection('w1'));
  story.tell('NodeCollection', 'b', collection('w2'));
});

lie('a node that shows a BMC as it is not is noticed', /shows its BMC/, (story) => {
  story.tell('BMC', 'b', { xname: 'x1c0s0b0' });
  story.ask(['w1']);
  story.tell('ComputeNode', 'a', { ...node('w1'), bmc: { id: 'b', xname: 'x1c0s0b9' } });
});

for (const [what, sequence] of [
  ['a gap in the sequences', '7'],
  ['a sequence that comes twice', '1'],
] as const) {
  lie(`${what} is noticed`, /without a gap and without a repeat/, (story) => {
    story.ask(['w1', 'w2']);
    story.tell('ComputeNode', 'a', node('w1'));
    story.tell('ComputeNode', 'b', node('w2'), { sequence });
  });
}

lie('a deletion of what is not there is noticed', /which is not there/, (story) => {
  story.ask([], { removes: 'a' });
  story.tell('ComputeNode', 'a', undefined, { data: {} });
});

test('a journal that has lost its last acknowledged frame is noticed at the next start', async (context) => {
  const era = await Era.begin([], { count: () => undefined });
  context.after(() => era.close(false));
  await era.round(1, 0);
  era.site.tamper = () => cutFrom(join(era.site.directory, 'journal'), era.heardOf);
  await assert.rejects(era.end(1), /is lost|was deleted|cannot go on|is in no change/);
});

/** Cuts the journal off before the frame that has a change in it, as if that had never been written. */
function cutFrom(directory: string, sequence: number): void {
  const name =
    readdirSync(directory)
      .sort()
      .findLast((each) => Number(each.slice(0, 16)) <= sequence) ?? '';
  const bytes = readFileSync(join(directory, name));
  for (let offset = SEGMENT_HEADER_BYTES; ; ) {
    const frame = decodeFrameHeader(bytes, offset);
    assert.ok(frame !== undefined, `change ${sequence} is in the last segment`);
    if (frame.firstSequence + frame.count > sequence) {
      truncateSync(join(directory, name), offset);
      return;
    }
    offset += FRAME_HEADER_BYTES + frame.payloadBytes;
  }
}

import { join } from 'node:path';
import { type Figure, median } from '../figure.ts';
import { callWell, download } from '../http.ts';
import { startUws } from '../peers/start-uws.ts';
import { atRest } from '../process-facts.ts';
import type { Site } from '../site.ts';

const TARGET_RATIO = 2;

/** All nodes as one JSON array, and the same bytes from a bare uWebSockets.js that has them ready, in turns. */
export async function measureList(site: Site): Promise<readonly Figure[]> {
  const { runs } = site.options;
  const { port, pid } = await site.server();
  const path = '/inventory/ComputeNode';
  const like = await callWell(port, { path });
  const peer = await startUws(like, join(site.scratch, 'answer'));
  const ours: number[] = [];
  const theirs: number[] = [];
  try {
    await atRest(pid);
    for (let run = 0; run < runs; run++) {
      ours.push((await download(port, path)).seconds);
      theirs.push((await download(peer.port, path)).seconds);
    }
  } finally {
    await peer.child.end('SIGKILL');
  }
  const seconds = median(ours);
  const megabytes = like.body.length / 1e6;
  return [
    {
      figure: 'list',
      value: seconds,
      unit: 's',
      better: 'lower',
      limit: { what: 'the same bytes from a bare uWebSockets.js', value: median(theirs) },
      target: TARGET_RATIO,
      runs,
      details: { MB: megabytes, MBPerSecond: megabytes / seconds },
    },
  ];
}

import { connect } from 'node:net';
import type { Plugin } from '../../../plugins/plugin.ts';
import faults from './faults.ts';

/** A plugin that needs its substrate to start: it connects to the port that its properties name. */
export default function startsOnce(): Plugin {
  return {
    ...faults(),
    initialize: (_config, properties) =>
      new Promise((resolve, reject) => {
        connect(Number(properties['port']), '127.0.0.1')
          .once('connect', () => resolve())
          .once('error', reject);
      }),
  };
}

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Ports that the system gives to nobody by itself: connections of other programs are not on them. */
const PORT_MIN = 10_000;
const PORT_MAX = 32_000;
const PORTS_TRIED_MAX = 100;

/** A port that nobody has, on loopback. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < PORTS_TRIED_MAX; tried++) {
    const port = randomInt(PORT_MIN, PORT_MAX);
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${PORTS_TRIED_MAX} ports is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

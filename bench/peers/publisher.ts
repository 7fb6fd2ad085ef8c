import { startServer } from '../../src/http/server.ts';
import { argumentOf, tell } from '../program.ts';

/**
 * uWebSockets.js by itself, in a process of its own: sends messages of one size to everybody who is connected, at a rate.
 * It prints its port, and begins when it is sent SIGUSR2.
 */

export interface PublisherTask {
  readonly messageBytes: number;
  readonly messagesPerSecond: number;
  readonly seconds: number;
}

export const PUBLISHER_PROGRAM: URL = new URL(import.meta.url);

const CHANNEL = 'all';
const GATHER_MS = 20;

async function serve({ messageBytes, messagesPerSecond, seconds }: PublisherTask): Promise<number> {
  const server = await startServer({ host: '127.0.0.1', port: 0 }, (res, req, context) => {
    let key = '';
    req.forEach((name, value) => {
      if (name === 'sec-websocket-key') key = value;
    });
    if (context === undefined) res.end();
    else
      res.upgrade(
        { open: (socket) => void socket.subscribe(CHANNEL), drained: () => undefined, pinged: () => undefined, closed: () => undefined },
        key,
        '',
        '',
        context,
      );
  });
  process.on('SIGUSR2', () => {
    const startMs = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const elapsedMs = performance.now() - startMs;
      const wanted = Math.floor((Math.min(elapsedMs, seconds * 1000) * messagesPerSecond) / 1000);
      const head = `{"time":"${new Date().toISOString()}"`;
      const message = Buffer.from(head.padEnd(messageBytes, ' '));
      for (; sent < wanted; sent++) server.publish(CHANNEL, message);
      if (elapsedMs > seconds * 1000) clearInterval(timer);
    }, GATHER_MS);
  });
  return server.port;
}

const task = argumentOf(import.meta.url) as PublisherTask | undefined;
if (task !== undefined) tell(await serve(task));

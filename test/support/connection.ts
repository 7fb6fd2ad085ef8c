import { Agent, request as httpRequest } from 'node:http';
import type { ServerProcess } from './server-process.ts';

/** A connection that stays the same one. */
export class Connection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: string;
  readonly #token: string;

  constructor(server: ServerProcess) {
    this.#url = server.url;
    this.#token = server.token;
  }

  call(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const headers = method === 'GET' ? {} : { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' };
      const call = httpRequest(`${this.#url}${path}`, { agent: this.#agent, method, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      });
      call.on('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

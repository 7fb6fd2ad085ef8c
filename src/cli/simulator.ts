import type { Command } from 'commander';
import { messageOf } from '../faults.ts';
import { CliFailure, EXIT } from './failure.ts';
import { printJson, say } from './output.ts';

interface SimulatorOptions {
  readonly port: string;
}

const PORT_MAX = 65_535;

export function addSimulator(program: Command): void {
  program
    .command('simulator')
    .description('run the simulated substrate, for demonstrations and tests of your own; endpoints with the plugin "simulator" speak to it')
    .option('--port <port>', 'the port on the loopback address; 0 takes a free one', '7070')
    .action(async (_options: unknown, self: Command) => {
      const { port: given } = self.opts<SimulatorOptions>();
      const port = Number(given);
      if (!/^\d+$/.test(given) || port > PORT_MAX) throw new CliFailure(EXIT.usage, `--port: "${given}" is no port from 0 to ${PORT_MAX}`);
      const { startSubstrate } = await import('../../plugins/simulator/substrate.ts');
      const substrate = await startSubstrate({ port }).catch((error: unknown) => {
        throw new CliFailure(EXIT.refused, `the substrate cannot listen on port ${port}: ${messageOf(error)}`);
      });
      printJson({ url: substrate.url });
      say(`the substrate runs until Ctrl-C; its ledger: curl ${substrate.url}/ledger`);
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
      });
      await substrate.close();
    });
}

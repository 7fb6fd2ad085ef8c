import type { Client, Feed, RecordOf, Where } from '../../src/client/client.ts';

/**
 * What the compiler must take and what it must refuse. Nothing of it runs: where a line that is expected to be wrong is
 * not, the build fails.
 */
export async function typesOf(client: Client): Promise<void> {
  const nodes = client.kind('ComputeNode');

  // Reads have what the server sets, and no secrets.
  const node = await nodes.get('x3000c0s17b1n0');
  const hostname: string | undefined = node?.hostname;
  const revision: number | undefined = node?.revision;
  // @ts-expect-error there may be no such record
  node.hostname;
  // @ts-expect-error not a property of a node
  node?.colour;
  // @ts-expect-error answers have no secrets
  node?.spec?.bmc_password;
  const bmc = await client.kind('BMC').get('x3000c0s17b1');
  // @ts-expect-error answers have no secrets
  bmc?.password;
  // @ts-expect-error a BMC that the server made from an xname has no user name
  const user: string = bmc?.username ?? bmc?.username;

  // Writes have secrets, and nothing that only the server sets.
  await nodes.create({ hostname: 'n', architecture: 'x86_64', spec: { bmc_password: 'p' }, bmc: { xname: 'x3000c0s17b1', password: 'p' } });
  // @ts-expect-error the architecture is required
  await nodes.create({ hostname: 'n' });
  // @ts-expect-error only the server sets it
  await nodes.create({ hostname: 'n', architecture: 'x86_64', revision: 1 });
  // @ts-expect-error a text, not a number
  await nodes.create({ hostname: 7, architecture: 'x86_64' });
  // @ts-expect-error a new BMC needs its password
  await client.kind('BMC').create({ username: 'root', mac_address: '00:00:5e:00:53:b1' });
  await client.kind('BMC').replace('x3000c0s17b1', { username: 'root', mac_address: '00:00:5e:00:53:b1' });
  await nodes.createMany([{ hostname: 'n', architecture: 'x86_64' }]);
  if (node !== undefined) await nodes.replace(node.id, { ...node, hostname: 'm' }, { ifMatch: node.revision });
  await nodes.importAll(nodes.list(), { upsert: true });
  await nodes.importEach([{ id: '0195d2a0-0000-7000-8000-000000000001', hostname: 'n', architecture: 'x' }], { onRefused: ({ item }) => item.hostname });
  // @ts-expect-error no draft of a node
  await nodes.importEach([{ hostnam: 'n' }]);

  await nodes.patch('x', { description: null, boot_data: { kernel_url: 'http://k' } });
  await nodes.patch('x', [{ op: 'replace', path: '/description', value: 'd' }]);
  // @ts-expect-error not a property of a node
  await nodes.patch('x', { descripton: 'd' });
  // @ts-expect-error an operation that there is not
  await nodes.patch('x', [{ op: 'append', path: '/description', value: 'd' }]);
  // @ts-expect-error a deletion takes no idempotency key
  await nodes.delete('x', { idempotencyKey: 'k' });

  // Filters know properties, values and operators.
  const components = client.kind('Component');
  for await (const component of components.list({ where: { State: 'Ready', NID: { gte: 8, not: [9, 10] }, Enabled: true }, sort: '-NID', limit: 10 })) {
    const state: RecordOf<'Component'>['State'] = component.State;
    const key: string = component.UID;
    void [state, key];
  }
  nodes.list({ where: { 'bmc.xname': 'x3000c0s17b1', network_interfaces: { missing: true }, xname: { missing: false } } });
  // @ts-expect-error not a property of a component
  components.list({ where: { Stat: 'Ready' } });
  // @ts-expect-error not a state
  components.list({ where: { State: 'ready' } });
  // @ts-expect-error not an operator
  components.list({ where: { NID: { near: 8 } } });
  // @ts-expect-error an object is only there or not
  nodes.list({ where: { boot_data: 'x' } });
  for await (const part of nodes.list({ fields: ['hostname'] })) {
    // @ts-expect-error what was not asked for may be absent
    part.hostname.length;
  }

  // Kinds of a site are what the caller says.
  interface Rack {
    readonly name: string;
    readonly height_units?: number;
  }
  const rack = await client.kind<Rack>('Rack').get('r1');
  const units: number | undefined = rack?.height_units;
  const untyped: unknown = (await client.kind('Rack').get('r1'))?.['anything'];
  // @ts-expect-error not a property of a rack
  await client.kind<Rack>('Rack').create({ title: 'r1' });

  // Events have the record of their kind.
  for await (const event of client.feed({ kinds: ['ComputeNode', 'reservations'], keys: ['k'] })) {
    if (event.topic === 'record') {
      const name: string = event.data.hostname;
      const sequence: number = event.sequence;
      void [name, sequence];
    } else if (event.topic === 'reservation') void event.data.endpoint;
    else if (event.topic === 'reset') void event.data.reason;
    else void event.signal;
    // @ts-expect-error not asked for
    if (event.topic === 'snapshot') void event;
  }
  for await (const event of client.feed({ kinds: ['ComputeNode'], where: { architecture: 'x86_64' }, patch: true })) {
    if (event.topic === 'reset') continue;
    if (event.isPatch) {
      const changed: string | null | undefined = event.data.hostname;
      void changed;
    } else {
      const name: string = event.data.hostname;
      void name;
    }
  }
  for await (const event of client.feed()) {
    if (event.topic === 'record' && event.kind === 'BMC') void event.data.mac_address;
  }
  // @ts-expect-error not a property of a node
  client.feed({ kinds: ['ComputeNode'], where: { hostnam: 'x' } });
  const racks: Feed<unknown> = client.feed({ kinds: ['Rack'], where: { anything: 7 } });

  const where: Where<RecordOf<'NodeCollection'>> = { type: ['partition', 'tenant'], nodes: 'x3000c0s17b1n0' };
  await client.reservations.count({ where: { state: { not: 'closed' } }, properties: { vlan: ['7', '8'] } });
  // @ts-expect-error not a state of a reservation
  await client.reservations.count({ where: { state: 'gone' } });
  // @ts-expect-error properties are texts
  await client.reservations.join('try-it', { vlan: 7 });
  void [hostname, revision, user, units, untyped, racks, where];
}

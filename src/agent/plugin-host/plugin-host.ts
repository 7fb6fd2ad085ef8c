import { done, type Result } from '../../faults.ts';
import type { PluginFeatures, PluginHost } from '../../protocol/plugin-calls.ts';
import type { EndpointConfig } from '../endpoint-config.ts';
import { EndpointHost, type HostOptions } from './endpoint-host.ts';
import { environmentOf, specOf } from './plugin-spec.ts';
import { planLaunch } from './process-launch.ts';
import { ProcessRooms } from './process-rooms.ts';
import type { Rooms } from './room.ts';
import { ThreadRooms } from './thread-rooms.ts';

/**
 * Starts the plugin of one endpoint, in threads or in processes, as its configuration says.
 * Fault: plugin-failed, with a sentence that says what is wrong with the plugin; nothing of it runs then.
 */
export async function openPluginHost(
  endpoint: EndpointConfig,
  options: HostOptions,
): Promise<Result<{ readonly host: PluginHost; readonly features: PluginFeatures }>> {
  const rooms = await roomsOf(endpoint, options.instance);
  if (!rooms.ok) return rooms;
  const host = new EndpointHost(endpoint, rooms.value, options);
  const opened = await host.open();
  if (opened.ok) return done({ host, features: opened.value });
  await host.close(0);
  return opened;
}

async function roomsOf(endpoint: EndpointConfig, instance: string): Promise<Result<Rooms>> {
  const spec = specOf(endpoint, instance);
  if (!spec.ok) return spec;
  const environment = environmentOf(endpoint, instance);
  if (endpoint.isolation === 'thread') return done(new ThreadRooms(endpoint, spec.value, environment));
  const launch = await planLaunch(endpoint);
  if (!launch.ok) return launch;
  return done(new ProcessRooms(endpoint.threads, launch.value, spec.value, environment));
}

/** The control socket in the data folder: how the command line talks to the running server. */
import { readFileSync } from 'node:fs';
import { adminApi } from '../edge/http/admin/api.ts';
import { serveControl } from '../edge/http/control-socket.ts';
import type { HttpServer } from '../edge/http/server.ts';
import type { Config } from './config/config.ts';
import type { OpenDoor } from './listeners.ts';
import type { House } from './wire.ts';

export type Control = HttpServer;

/** Of package.json. */
export const VERSION: string = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string })
  .version;

export function openControl(house: House, doors: readonly OpenDoor[], config: Config): Promise<Control> {
  const { accounts, queue, reader, ground } = house;
  const { clock } = ground;
  const api = adminApi({
    accounts,
    queue,
    journeys: reader,
    clock,
    minimumPassword: config.limits.minimumPassword,
    about: { version: VERSION, hostName: house.settings.hostName, startedAt: clock.now(), data: config.data },
    listeners: () => doors.map(({ protocol, host, port }) => ({ protocol, host, port })),
    onTrouble: (incident, error) => ground.onTrouble(`admin ${incident}`, error),
  });
  return serveControl(api, config.data);
}

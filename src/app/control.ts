/** The control socket in the data folder: how the command line talks to the running server. */
import { readFileSync } from 'node:fs';
import { serveControl } from '../edge/http/control-socket.ts';
import type { FetchHandler, HttpServer } from '../edge/http/server.ts';
import type { Config } from './config/config.ts';
import type { OpenDoor } from './listeners.ts';
import type { House } from './wire.ts';

export type Control = HttpServer;

/** Of package.json. */
export const VERSION: string = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string })
  .version;

/** The admin API and all it is made of are loaded with the first request: 20 MB that a server nobody asks anything can do without. */
export function openControl(house: House, doors: readonly OpenDoor[], config: Config): Promise<Control> {
  const startedAt = house.ground.clock.now();
  let api: Promise<FetchHandler> | undefined;
  return serveControl(async (request, line) => {
    api ??= openApi(house, { doors, config, startedAt });
    return (await api)(request, line);
  }, config.data);
}

type About = Readonly<{ doors: readonly OpenDoor[]; config: Config; startedAt: number }>;

async function openApi(house: House, { doors, config, startedAt }: About): Promise<FetchHandler> {
  const { adminApi } = await import('../edge/http/admin/api.ts');
  const { accounts, queue, reader, ground } = house;
  const { clock } = ground;
  return adminApi({
    accounts,
    queue,
    journeys: reader,
    clock,
    minimumPassword: config.limits.minimumPassword,
    about: { version: VERSION, hostName: house.settings.hostName, startedAt, data: config.data },
    listeners: () => doors.map(({ protocol, host, port }) => ({ protocol, host, port })),
    onTrouble: (incident, error) => ground.onTrouble(`admin ${incident}`, error),
  });
}

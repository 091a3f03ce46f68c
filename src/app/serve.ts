/** `eigenpost serve`: the house on real ground, from a config file, until it is told to stop. */
import { mkdirSync } from 'node:fs';
import { DnsResolver, systemServers } from '../adapter/dns/resolver.ts';
import { type Log, openLog } from '../adapter/log/json.ts';
import { openSqliteStore } from '../adapter/sqlite/client.ts';
import { systemClock } from '../adapter/system/clock.ts';
import { systemDice } from '../adapter/system/dice.ts';
import { isGlobal } from '../codec/net/ip-scope.ts';
import { IdMaker } from '../core/ids.ts';
import { isRefusal } from '../core/refusal.ts';
import type { TlsOffer } from '../edge/net/tls-session.ts';
import { openKeyring } from '../service/keys/keyring.ts';
import { openCertificate } from './certificate.ts';
import type { Config } from './config/config.ts';
import { loadRootKey, mayMakeKey } from './config/root-key.ts';
import { type Control, openControl } from './control.ts';
import { keepTidy } from './keep-tidy.ts';
import { doorSentence, type OpenDoor, openDoors } from './listeners.ts';
import { StartFault } from './start-fault.ts';
import { buildHouse, type House, type HouseSettings } from './wire.ts';

export type Running = Readonly<{ house: House; doors: readonly OpenDoor[]; close(graceMs: number): Promise<void> }>;

/** How the demo differs from the real thing. */
export type Variation = Readonly<{ settings?: Partial<HouseSettings>; tls?: TlsOffer; nextFree?: boolean; log?: Log }>;

export async function startServer(config: Config, variation: Variation = {}): Promise<Running> {
  // SECURITY: whatever is made from here on is this user's alone.
  process.umask(0o077);
  const log = variation.log ?? openLog('info');
  const dice = systemDice();
  const rootKey = readRootKey(config);
  const store = await openSqliteStore({
    dir: config.data,
    thread: new URL('./storage-thread.ts', import.meta.url),
    onDeath: (error) => log.error({ where: 'storage', error: describe(error) }, 'trouble'),
  }).catch((error: unknown) => {
    throw new StartFault(error instanceof Error ? error.message : String(error));
  });
  // What is to be closed when the start goes wrong half way: the house, once it stands, closes the store after its queue.
  let close = (): Promise<void> => store.close();
  try {
    const opened = await openKeyring(store.directory, rootKey, dice);
    if (!opened.ok) throw new StartFault(opened.why);
    const resolver = new DnsResolver({
      clock: systemClock,
      dice,
      servers: config.resolver === null ? systemServers() : [{ host: config.resolver.address, port: config.resolver.port }],
    });
    const tls = variation.tls ?? (await openCertificate(config, dice));
    const ground = {
      store,
      keyring: opened.keyring,
      clock: systemClock,
      dice,
      ids: new IdMaker(() => Date.now()),
      resolver,
      tls,
      onTrouble: (where: string, error: unknown) => log.error({ where, error: describe(error) }, 'trouble'),
    };
    const house = await buildHouse(ground, { ...settingsOf(config), ...variation.settings });
    close = () => house.close(0);
    return await openUp(house, config, { ...variation, log });
  } catch (error) {
    await close();
    throw error;
  }
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

function readRootKey(config: Config): Uint8Array {
  mkdirSync(config.data, { recursive: true, mode: 0o700 });
  const credentials = process.env['CREDENTIALS_DIRECTORY'];
  const root = loadRootKey({ file: config.rootKeyFile, data: config.data, credentials, mayMake: mayMakeKey(config.data) });
  if (!root.ok) throw new StartFault(`${root.what} ${root.remedy}`);
  return root.key;
}

function settingsOf(config: Config): HouseSettings {
  const { smarthost, outbound, retry, limits } = config;
  return {
    hostName: config.hostName,
    sizeLimit: limits.messageBytes,
    mxPort: outbound.mxPort,
    mayReach: outbound.privateAddresses ? () => true : isGlobal,
    minimumPassword: limits.minimumPassword,
    retryMinutes: retry.minutes,
    delayNoticeMs: retry.delayNoticeMs,
    giveUpMs: retry.giveUpMs,
    source: config.source,
    ...(smarthost === null
      ? {}
      : {
          smarthost: {
            via: 'smarthost',
            host: smarthost.host,
            port: smarthost.port,
            tls: smarthost.tls,
            ...(smarthost.auth === null ? {} : { auth: smarthost.auth }),
            ...(smarthost.ca === null ? {} : { ca: smarthost.ca.pem }),
          },
        }),
  };
}

async function openUp(house: House, config: Config, variation: Variation & { log: Log }): Promise<Running> {
  for (const { domain, route } of config.relays) {
    const refused =
      house.accounts.resolve({ local: 'postmaster', domain }).found === 'relay'
        ? undefined
        : await house.accounts.addRelay({ name: domain, route });
    if (isRefusal(refused))
      throw new StartFault(`the relay domain ${domain} of the config is hosted here already. Take it out of one of the two.`);
  }
  const limits = { total: config.limits.connections, perAddress: config.limits.connectionsPerAddress };
  const doors = await openDoors(house, config.listeners, {
    limits,
    ...(variation.nextFree === undefined ? {} : { nextFree: variation.nextFree }),
  }).catch((error: unknown) => {
    throw new StartFault(doorSentence(error));
  });
  const control = await openControl(house, doors, config);
  const stopTidying = keepTidy({ ...house.ground, accounts: house.accounts });
  return { house, doors, close: (graceMs) => closeAll({ house, doors, control, stopTidying }, graceMs) };
}

type Everything = Readonly<{ house: House; doors: readonly OpenDoor[]; control: Control; stopTidying(): void }>;

/** Doors first, so that nothing new comes in; the store last. */
async function closeAll({ house, doors, control, stopTidying }: Everything, graceMs: number): Promise<void> {
  stopTidying();
  await Promise.all(doors.map((door) => door.close(graceMs)));
  await control.close();
  await house.close(graceMs);
}

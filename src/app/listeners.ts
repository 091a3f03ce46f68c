/** Opens every door the config names, and closes them all again. */
import type { Clock } from '../core/ports/clock.ts';
import { listenImap } from '../edge/imap/server.ts';
import type { Listener, ListenOptions } from '../edge/net/listener.ts';
import { listenMx, listenSubmission } from '../edge/smtp-in/server.ts';
import { openFace } from './http-face.ts';
import type { ListenConfig, Protocol } from './config/config.ts';
import type { House } from './wire.ts';

export type OpenDoor = Readonly<{ protocol: Protocol; host: string; port: number; close(withinMs: number): Promise<void> }>;
export type DoorLimits = Readonly<{ total: number; perAddress: number }>;

/** With `nextFree`, a taken port gives way to the next free one (the demo); otherwise it is an error. */
export type DoorOptions = Readonly<{ limits?: DoorLimits; nextFree?: boolean }>;

/** Ports looked at after a taken one. */
const PORTS_TRIED = 50;

type Place = Readonly<{ host: string; port: number }>;

function open(
  house: House,
  door: ListenConfig,
  options: Omit<ListenOptions, 'onConnection' | 'refusal' | 'tls'>,
): Promise<Pick<Listener, 'address' | 'close'>> {
  const { ground, accounts, mailboxes, pipeline, settings } = house;
  const { tls, dice } = ground;
  const clock: Clock = ground.clock;
  const onTrouble = (incident: string, trouble: unknown): void => ground.onTrouble(`${door.protocol} ${incident}`, trouble);
  const smtp = { doorkeeper: pipeline, signIn: accounts.signIn, dice, tls, allowsPlaintext: door.signInWithoutTls, onTrouble };
  const imap = {
    accounts,
    mailboxes,
    clock,
    dice,
    tls,
    allowsPlaintext: door.signInWithoutTls,
    messageLimit: settings.sizeLimit,
    onTrouble,
  };
  switch (door.protocol) {
    case 'smtp':
      return listenMx(smtp, options);
    case 'submission':
      return listenSubmission(smtp, options);
    case 'submissions':
      return listenSubmission({ ...smtp, tls: undefined }, { ...options, tls });
    case 'imap':
      return listenImap(imap, options);
    case 'imaps':
      return listenImap({ ...imap, tls: undefined }, { ...options, tls });
    case 'https':
      return openFace(house, { ...options, tls, allowsPlaintext: false });
    case 'http':
      return openFace(house, { ...options, allowsPlaintext: door.signInWithoutTls });
  }
}

const isTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

async function openAt(house: House, door: ListenConfig, options: DoorOptions): Promise<OpenDoor> {
  const onBug = (bug: unknown): void => house.ground.onTrouble(door.protocol, bug);
  for (let step = 0; ; step++) {
    const place: Place = { host: door.host, port: door.port === 0 ? 0 : door.port + step };
    try {
      const listener = await open(house, door, { ...place, onBug, ...(options.limits === undefined ? {} : { limits: options.limits }) });
      return { protocol: door.protocol, host: door.host, port: listener.address.port, close: (withinMs) => listener.close(withinMs) };
    } catch (error) {
      if (!isTaken(error) || options.nextFree !== true || step >= PORTS_TRIED) throw error;
    }
  }
}

/** All or none: where one cannot be opened, the others are closed again. */
export async function openDoors(house: House, doors: readonly ListenConfig[], options: DoorOptions = {}): Promise<readonly OpenDoor[]> {
  const opened: OpenDoor[] = [];
  try {
    // One after the other: `nextFree` must see what the one before took.
    for (const door of doors) opened.push(await openAt(house, door, options));
    return opened;
  } catch (error) {
    await Promise.all(opened.map((door) => door.close(0)));
    throw error;
  }
}

/** What an operator can do about a port that does not open. */
export function doorSentence(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const at = error instanceof Error && 'port' in error ? `port ${String(error.port)}` : 'a port';
  if (code === 'EADDRINUSE') return `${at} is taken by another program. Stop that program, or choose another port in the config.`;
  if (code === 'EACCES')
    return `this user may not open ${at}. Ports below 1024 need the right CAP_NET_BIND_SERVICE, or sockets from systemd.`;
  if (code === 'EADDRNOTAVAIL') return 'an address to listen on is not one of this machine.';
  return error instanceof Error ? error.message : String(error);
}

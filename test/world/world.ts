/**
 * A small internet in one process: a school's house with real listeners, real
 * DNS over loopback, other people's servers of any character, and people who
 * write and read. Dice are seeded; the clock is the test's own unless it asks
 * for the machine's.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecureContext } from 'node:tls';
import { DnsResolver } from '../../src/adapter/dns/resolver.ts';
import { serveZones, type ZoneServer } from '../../src/adapter/dns/zone-server.ts';
import { type FakeClock, fakeClock } from '../../src/adapter/memory/clock.ts';
import { seededDice } from '../../src/adapter/memory/dice.ts';
import { memoryKeyMaker } from '../../src/adapter/memory/key-maker.ts';
import { memoryStore } from '../../src/adapter/memory/store.ts';
import { openSqliteStore } from '../../src/adapter/sqlite/client.ts';
import { systemClock } from '../../src/adapter/system/clock.ts';
import { serverContext } from '../../src/adapter/tls/profile.ts';
import { selfMadeAuthority } from '../../src/adapter/tls/self-made.ts';
import { ELSEWHERE, Elsewhere } from '../../src/app/demo/internet/elsewhere.ts';
import { type OpenDoor, openDoors } from '../../src/app/listeners.ts';
import { buildHouse, type Ground, type House, type HouseSettings } from '../../src/app/wire.ts';
import type { Zones } from '../../src/codec/dns/zone.ts';
import { IdMaker } from '../../src/core/ids.ts';
import type { OrganisationId } from '../../src/core/ids.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import type { Dice } from '../../src/core/ports/dice.ts';
import type { KeyMaker } from '../../src/core/ports/key-maker.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { isRefusal, type Refusal } from '../../src/core/refusal.ts';
import { openKeyring } from '../../src/service/keys/keyring.ts';
import type { Viewer } from '../../src/service/journey/journey.ts';
import { Disk } from './disk.ts';
import type { DiskFault } from './disk-hooks.ts';
import { escapes, guardNetwork } from './network.ts';
import { type Neighbour, Neighbours } from './peer.ts';
import { Person } from './person.ts';
import { Smtp, type SmtpMail, type Sent } from './smtp.ts';
import type { Place } from './talk.ts';
import { until } from './until.ts';
import { addDomain, internet } from './zones.ts';

export const DOMAIN = 'delinde.test';
export const HOST_NAME = `mail.${DOMAIN}`;
/** Another organisation under the same roof. */
export const OTHER_DOMAIN = 'stek.test';
/** Monday morning. */
export const START = Date.UTC(2026, 2, 2, 9, 0, 0);

export type WorldOptions = Readonly<{
  store?: 'memory' | 'sqlite';
  clock?: 'fake' | 'system';
  seed?: string;
  settings?: Partial<HouseSettings>;
  /** Troubles the house may have; without it any trouble fails the test at `close`. */
  mayHaveTrouble?: boolean;
  /** The data folder stays when the world ends, until `dropFolder`. */
  keepFolder?: boolean;
}>;

export type World = Readonly<{
  house: House;
  zones: Zones;
  neighbours: Neighbours;
  /** `mx.elsewhere.test`, whose people have habits. */
  elsewhere: Neighbour;
  /** PEM of the authority that signed everybody's certificate. */
  ca: string;
  /** The data folder; null in memory. */
  folder: string | null;
  /** What went wrong inside, as an operator's log would have it. */
  troubles: readonly string[];
  place(protocol: OpenDoor['protocol']): Place;
  people: Readonly<Record<'noor' | 'bram' | 'emma' | 'olga', Person>>;
  /** A newcomer at the school. */
  newPerson(local: string, more?: Readonly<{ name?: string; quota?: number; language?: 'en' | 'nl'; admin?: boolean }>): Promise<Person>;
  organisations: Readonly<{ school: OrganisationId; other: OrganisationId }>;
  admin: Viewer;
  /** A stranger's server brings mail to port 25. */
  stranger(mail: SmtpMail, more?: Readonly<{ tls?: boolean; helo?: string; ip?: string }>): Promise<Sent>;
  /** Another domain with a server of its own. */
  neighbour(domain: string, character?: Partial<Parameters<Neighbours['add']>[0]>): Promise<Neighbour>;
  /** Lets time pass (fake clock), stopping at every retry until the queue is at rest. */
  pass(ms: number): Promise<void>;
  /** Until nothing is due or under way. */
  quiet(): Promise<void>;
  now(): number;
  /** Every commit fails like this until it is mended with ''. `after`: it was done all the same (memory only). */
  breakDisk(fault: DiskFault, how?: Readonly<{ after?: boolean; times?: number }>): void;
  close(): Promise<void>;
  dropFolder(): void;
}>;

/** Long enough for R-25, and easily found where it must not be. */
const passwordOf = (local: string): string => `a long word for ${local} 1`;
/** Retries within one `pass`: five days have fewer than fifty. */
const RETRIES_LIMIT = 500;

/** `EIGENPOST_STORE=sqlite` plays everything on the real store. */
const USUAL_STORE = process.env['EIGENPOST_STORE'] === 'sqlite' ? 'sqlite' : 'memory';
const STORAGE_THREAD = new URL('../../src/app/storage-thread.ts', import.meta.url);

type Authority = Awaited<ReturnType<typeof selfMadeAuthority>>;

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  guardNetwork();
  const dice = seededDice(options.seed ?? 'world');
  const clock = options.clock === 'system' ? systemClock : fakeClock(START);
  const authority = await newAuthority(dice);
  const neighbours = new Neighbours(async (name) => serverContext(await authority.issue([name])));
  const zones = internet();
  const dns = await serveZones(zones);
  const sendBack = { to: undefined as Place | undefined };
  const elsewhere = await neighbours.add(new Elsewhere((answer) => void bring(sendBack.to, answer)));
  addDomain(zones, { name: ELSEWHERE, mx: [{ host: elsewhere.host, addresses: [elsewhere.ip] }] });
  const troubles: string[] = [];
  const ground = await layGround({ options, clock, dice, dns, authority, troubles });
  const house = await buildHouse(ground.ground, {
    hostName: HOST_NAME,
    sizeLimit: 1_048_576,
    mxPort: neighbours.port,
    mayReach: () => true,
    authorities: [authority.certificate],
    courierTimeouts: { connect: 5_000, greeting: 5_000 },
    ...options.settings,
  });
  const doors = await openDoors(house, DOORS);
  sendBack.to = placeOf(doors, authority, 'smtp');
  const settled = await settle(house, doors, authority);
  return worldOf({ ...settled, house, doors, zones, dns, neighbours, elsewhere, authority, troubles, clock, options, ...ground });
}

const DOORS = (['smtp', 'submission', 'submissions', 'imap', 'imaps', 'http'] as const).map((protocol) => ({
  protocol,
  host: '127.0.0.1',
  port: 0,
  signInWithoutTls: false,
}));

function newAuthority(dice: Dice): Promise<Authority> {
  return selfMadeAuthority({
    name: 'the authority of the test',
    now: Date.now(),
    serial: () => `01${Buffer.from(dice.bytes(8)).toString('hex')}`,
  });
}

type GroundAsk = Readonly<{
  options: WorldOptions;
  clock: Clock;
  dice: Dice;
  dns: ZoneServer;
  authority: Authority;
  troubles: string[];
}>;
type Laid = Readonly<{ ground: Ground; resolver: DnsResolver; folder: string | null; disk: Disk }>;

async function layGround({ options, clock, dice, dns, authority, troubles }: GroundAsk): Promise<Laid> {
  const { store, keyring, folder, disk } = await openStore(options, clock, dice);
  const resolver = new DnsResolver({ clock, dice, servers: [{ host: dns.host, port: dns.port }] });
  const context: SecureContext = serverContext(await authority.issue([HOST_NAME, 'localhost', '127.0.0.1']));
  const ground: Ground = {
    store,
    keyring,
    clock,
    dice,
    ids: new IdMaker(() => clock.now()),
    resolver,
    tls: { context: () => context, contextFor: () => context },
    onTrouble: (where, error) => void troubles.push(`${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  };
  return { ground, resolver, folder, disk };
}

async function openStore(
  { store: kind = USUAL_STORE }: WorldOptions,
  clock: Clock,
  dice: Dice,
): Promise<Readonly<{ store: Store; keyring: KeyMaker; folder: string | null; disk: Disk }>> {
  const disk = new Disk();
  if (kind === 'memory')
    return { store: memoryStore({ now: () => clock.now(), hooks: disk.memoryHooks }), keyring: memoryKeyMaker(dice), folder: null, disk };
  const folder = mkdtempSync(join(tmpdir(), 'eigenpost-world-'));
  const store = await openSqliteStore({ dir: folder, thread: STORAGE_THREAD, hooks: disk.threadHooks });
  const opened = await openKeyring(store.directory, dice.bytes(32), dice);
  if (!opened.ok) throw new Error(opened.why);
  return { store, keyring: opened.keyring, folder, disk };
}

function placeOf(doors: readonly OpenDoor[], authority: Authority, protocol: OpenDoor['protocol']): Place {
  const door = doors.find((one) => one.protocol === protocol);
  if (door === undefined) throw new Error(`there is no door for ${protocol}`);
  const tls = protocol === 'submissions' || protocol === 'imaps';
  return { host: door.host, port: door.port, tls, ca: authority.certificate, serverName: HOST_NAME };
}

export function given<T>(value: T): Exclude<T, Refusal> {
  if (isRefusal(value)) throw new Error(`refused: ${value.refusal} ${JSON.stringify(value.facts)}`);
  return value as Exclude<T, Refusal>;
}

type Newcomer = Readonly<{ local: string; name: string; language: 'en' | 'nl'; admin: boolean; quota?: number }>;

const FOLK = [
  { local: 'noor', name: 'Noor de Vries', domain: DOMAIN, language: 'nl', admin: false },
  { local: 'bram', name: 'Bram Jansen', domain: DOMAIN, language: 'nl', admin: true },
  { local: 'emma', name: 'Emma Baker', domain: DOMAIN, language: 'en', admin: false },
  { local: 'olga', name: 'Olga Stek', domain: OTHER_DOMAIN, language: 'en', admin: true },
] as const;

type Settled = Pick<World, 'people' | 'organisations' | 'newPerson'>;

async function settle(house: House, doors: readonly OpenDoor[], authority: Authority): Promise<Settled> {
  const { accounts } = house;
  const school = given(await accounts.addOrganisation({ name: 'De Linde', language: 'nl' })).organisation;
  const other = given(await accounts.addOrganisation({ name: 'Stek', language: 'en' })).organisation;
  given(await accounts.addDomain({ organisation: school, name: DOMAIN }));
  given(await accounts.addDomain({ organisation: other, name: OTHER_DOMAIN }));
  const around = {
    house,
    submissions: placeOf(doors, authority, 'submissions'),
    imaps: placeOf(doors, authority, 'imaps'),
    now: () => house.ground.clock.now(),
  };
  const settleOne = async (organisation: OrganisationId, domain: string, { local, name, quota = 0, ...who }: Newcomer): Promise<Person> => {
    const password = passwordOf(local);
    const [person] = given(await accounts.addPeople([{ organisation, address: `${local}@${domain}`, name, password, quota, ...who }]));
    if (person === undefined) throw new Error('nobody was born');
    return new Person(around, person, password);
  };
  const [noor, bram, emma, olga] = await Promise.all(
    FOLK.map(({ domain, ...who }) => settleOne(domain === DOMAIN ? school : other, domain, who)),
  );
  if (noor === undefined || bram === undefined || emma === undefined || olga === undefined) throw new Error('somebody is missing');
  return {
    people: { noor, bram, emma, olga },
    organisations: { school, other },
    newPerson: (local, more = {}) => settleOne(school, DOMAIN, { local, name: local, language: 'en', admin: false, ...more }),
  };
}

/** As a stranger's server does it; what comes of it shows in the stories. */
async function bring(
  place: Place | undefined,
  { from, to, content }: Readonly<{ from: string; to: string; content: string }>,
): Promise<void> {
  if (place === undefined) return;
  const smtp = await Smtp.dial({ ...place, from: '127.0.0.2' }, 'mx.elsewhere.test');
  await smtp.send({ from, to: [to], content });
  await smtp.quit();
}

type Parts = Settled &
  Laid &
  Pick<World, 'house' | 'zones' | 'neighbours' | 'elsewhere'> &
  Readonly<{
    doors: readonly OpenDoor[];
    dns: ZoneServer;
    authority: Authority;
    troubles: string[];
    clock: Clock | FakeClock;
    options: WorldOptions;
  }>;

function worldOf(parts: Parts): World {
  const { house, neighbours, zones, authority, clock, doors } = parts;
  const place = (protocol: OpenDoor['protocol']): Place => placeOf(doors, authority, protocol);
  const quiet = (): Promise<void> => untilQuiet(house);
  return {
    house,
    zones,
    neighbours,
    elsewhere: parts.elsewhere,
    ca: authority.certificate,
    folder: parts.folder,
    troubles: parts.troubles,
    people: parts.people,
    newPerson: parts.newPerson,
    organisations: parts.organisations,
    admin: { as: 'admin', organisation: parts.organisations.school },
    place,
    stranger: async (mail, { tls = true, helo = 'mx.stranger.test', ip = '127.0.0.9' } = {}) => {
      const smtp = await Smtp.dial({ ...place('smtp'), from: ip }, helo);
      if (tls) await smtp.startTls(helo);
      const sent = await smtp.send(mail);
      await smtp.quit();
      return sent;
    },
    neighbour: async (domain, character = {}) => {
      const neighbour = await neighbours.add({ hostName: `mx.${domain}`, ...character });
      addDomain(zones, { name: domain, mx: [{ host: neighbour.host, addresses: [neighbour.ip] }] });
      return neighbour;
    },
    quiet,
    pass: (ms) => pass({ house, clock, quiet }, ms),
    now: () => clock.now(),
    breakDisk: (fault, how) => parts.disk.breaks(fault, how),
    close: () => closeWorld(parts),
    dropFolder: () => dropFolder(parts),
  };
}

async function untilQuiet({ queue, ground }: House): Promise<void> {
  await until('the queue to be at rest', async () => {
    queue.wake();
    if (queue.running > 0) return false;
    const waiting = await queue.list({});
    return queue.running === 0 && !waiting.some(({ held, nextAt }) => !held && nextAt <= ground.clock.now());
  });
}

async function pass(
  { house, clock, quiet }: Readonly<{ house: House; clock: Clock | FakeClock; quiet(): Promise<void> }>,
  ms: number,
): Promise<void> {
  if (!('tick' in clock)) throw new Error('only a fake clock can be moved');
  const end = clock.now() + ms;
  await quiet();
  for (let retries = 0; clock.now() < end; retries++) {
    if (retries > RETRIES_LIMIT) throw new Error('the queue never comes to rest');
    const waiting = await house.queue.list({});
    const due = Math.min(end, ...waiting.filter(({ held }) => !held).map(({ nextAt }) => nextAt));
    clock.tick(Math.max(1, due - clock.now()));
    await quiet();
  }
}

function dropFolder({ folder }: Pick<Parts, 'folder'>): void {
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
}

async function closeWorld({ house, doors, neighbours, dns, resolver, folder, troubles, options }: Parts): Promise<void> {
  await Promise.all(doors.map((door) => door.close(200)));
  // With a clock that stands still a grace would never run out.
  await house.close(options.clock === 'system' ? 2_000 : 0);
  await Promise.all([neighbours.close(), dns.close()]);
  resolver.close();
  if (options.keepFolder !== true) dropFolder({ folder });
  if (escapes.length > 0) throw new Error(`something tried to leave loopback: ${escapes.join(', ')}`);
  if (troubles.length > 0 && options.mayHaveTrouble !== true) throw new Error(`the house had trouble:\n${troubles.join('\n')}`);
}

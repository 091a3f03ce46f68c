/**
 * `eigenpost demo`: the whole product on this machine alone. A small school, a
 * small internet beside it, real protocols between them; no outside resolver
 * and no outside route is ever made.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { serveZones } from '../../adapter/dns/zone-server.ts';
import { openLog } from '../../adapter/log/json.ts';
import { systemDice } from '../../adapter/system/dice.ts';
import { serverContext } from '../../adapter/tls/profile.ts';
import { selfMadeAuthority } from '../../adapter/tls/self-made.ts';
import type { Config, ListenConfig } from '../config/config.ts';
import { defaultConfig } from '../config/load.ts';
import type { OpenDoor } from '../listeners.ts';
import { fixedOffer } from '../certificate.ts';
import { type Running, startServer } from '../serve.ts';
import { StartFault } from '../start-fault.ts';
import { untilStopped } from '../shutdown.ts';
import { ELSEWHERE, startElsewhere } from './internet/elsewhere.ts';
import { demoZones } from './internet/zones.ts';
import { type DemoAccount, settleIn } from './move-in.ts';
import { DEMO_DOMAIN } from './people.ts';
import { sendBackTo } from './send-back.ts';
import { readyText } from './words.ts';

const HOST = '127.0.0.1';
const HOST_NAME = `mail.${DEMO_DOMAIN}`;
/** Loopback has no idle load to fear; a whole test suite may come from one address. */
const CONNECTIONS = 2_000;
/** Impatient, so that a newcomer sees a second try: seconds, then minutes. */
const RETRY_MINUTES = [0.15, 0.5, 1, 5, 15, 60];
const GRACE_MS = 5_000;
/** Stands in every data folder that a demo made. */
const MARK = 'demo.txt';

const DOORS: readonly ListenConfig[] = [
  { protocol: 'http', host: HOST, port: 8025, signInWithoutTls: false },
  { protocol: 'smtp', host: HOST, port: 2525, signInWithoutTls: false },
  { protocol: 'submissions', host: HOST, port: 2465, signInWithoutTls: false },
  { protocol: 'submission', host: HOST, port: 2587, signInWithoutTls: false },
  { protocol: 'imaps', host: HOST, port: 2993, signInWithoutTls: false },
  { protocol: 'imap', host: HOST, port: 2143, signInWithoutTls: false },
];

export type DemoOptions = Readonly<{ json: boolean; data: string | null; keep: boolean }>;

const USAGE = `Usage: eigenpost demo [--json] [--data DIR [--keep]]

The whole mail server on this computer alone, with a small school and a small
internet to play with. Ctrl-C stops it and leaves nothing behind, unless --keep.
`;

/** Undefined for options it does not know, and when help is asked for. */
export function demoOptions(args: readonly string[]): DemoOptions | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean' }, data: { type: 'string' }, keep: { type: 'boolean' }, help: { type: 'boolean' } },
    });
    return values.help === true ? undefined : { json: values.json ?? false, data: values.data ?? null, keep: values.keep ?? false };
  } catch {
    return undefined;
  }
}

export type DemoReady = Readonly<{
  ready: true;
  host: string;
  ports: Readonly<Record<string, number>>;
  accounts: readonly DemoAccount[];
  data: string;
  authority: string;
}>;

export type Demo = Readonly<{ ready: DemoReady; running: Running; close(): Promise<void> }>;

export async function startDemo(options: DemoOptions): Promise<Demo> {
  const folder = options.data === null ? mkdtempSync(join(tmpdir(), 'eigenpost-demo-')) : null;
  const config = demoConfig(folder === null ? resolve(options.data ?? '') : join(folder, 'data'));
  claim(config.data);
  const clean = (): void => {
    if (options.keep) return;
    rmSync(config.data, { recursive: true, force: true });
    rmSync(config.rootKeyFile, { force: true });
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  };
  try {
    return await build(config, clean);
  } catch (error) {
    if (folder !== null) clean();
    throw error;
  }
}

/** SECURITY: a folder with anything else in it may be somebody's real mail: it is neither moved into nor emptied. */
function claim(data: string): void {
  const mark = join(data, MARK);
  if (existsSync(data) && !existsSync(mark) && readdirSync(data).length > 0) {
    throw new StartFault(`${data} is there already and is not a demo's. Name another folder, or an empty one.`);
  }
  mkdirSync(data, { recursive: true, mode: 0o700 });
  writeFileSync(mark, 'Made by `eigenpost demo`, which empties this folder when it stops, unless told --keep.\n');
}

async function build(plain: Config, clean: () => void): Promise<Demo> {
  const dice = systemDice();
  const serial = (): string => `01${Buffer.from(dice.bytes(12)).toString('hex')}`;
  const authority = await selfMadeAuthority({ name: 'Eigenpost demo (throw-away)', now: Date.now(), serial });
  const ours = serverContext(await authority.issue([HOST_NAME, 'localhost', HOST]));
  const theirs = serverContext(await authority.issue([`mx.${ELSEWHERE}`]));
  const sender = sendBackTo(HOST);
  const elsewhere = await startElsewhere(sender.send, { context: theirs });
  const dns = await serveZones(demoZones());
  const config = { ...plain, resolver: { address: HOST, port: dns.port } };
  const settings = {
    mxPort: elsewhere.port,
    mayReach: () => true,
    authorities: [authority.certificate],
    retryMinutes: RETRY_MINUTES,
    hostName: HOST_NAME,
  };
  const running = await startServer(config, { settings, tls: fixedOffer(ours), nextFree: true, log: openLog('error') });
  sender.to(portOf(running.doors, 'smtp'));
  const accounts = await settleIn(running.house);
  const close = async (): Promise<void> => {
    sender.stop();
    await elsewhere.close();
    await running.close(GRACE_MS);
    await dns.close();
    clean();
  };
  const ready: DemoReady = {
    ready: true,
    host: HOST,
    ports: portsOf(running.doors),
    accounts,
    data: config.data,
    authority: authority.certificate,
  };
  return { ready, running, close };
}

/** The root key lies beside the data, never in it. */
function demoConfig(data: string): Config {
  const config = defaultConfig(data, HOST_NAME);
  return { ...config, listeners: DOORS, limits: { ...config.limits, connections: CONNECTIONS, connectionsPerAddress: CONNECTIONS } };
}

const portOf = (doors: readonly OpenDoor[], protocol: string): number => doors.find((door) => door.protocol === protocol)?.port ?? 0;
const portsOf = (doors: readonly OpenDoor[]): Record<string, number> =>
  Object.fromEntries(doors.map(({ protocol, port }) => [protocol, port]));

/** @returns the exit code: 0 stopped as asked, 1 could not run, 2 wrongly asked */
export async function run(args: readonly string[]): Promise<number> {
  const options = demoOptions(args);
  if (options === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const begun = performance.now();
  try {
    const { ready, close } = await startDemo(options);
    // Before anybody is told: whoever hears that we are ready may stop us at once, and nothing may stay behind.
    const stopped = untilStopped();
    process.stdout.write(options.json ? `${JSON.stringify(ready)}\n` : readyText(ready, (performance.now() - begun) / 1000, options));
    await stopped;
    await close();
    return 0;
  } catch (error) {
    if (!(error instanceof StartFault)) throw error;
    process.stderr.write(`eigenpost: ${error.message}\n`);
    return 1;
  }
}

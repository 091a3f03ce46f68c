/** From a file that fits the schema to the config of the house: defaults, paths, addresses, and what one setting means for another. */
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { parseDomain } from '../../codec/net/domain.ts';
import { isLoopback } from '../../codec/net/ip-scope.ts';
import { isIp, parseIp } from '../../codec/net/ip.ts';
import { parseRoute } from '../../service/accounts/accounts.ts';
import { readAuthorities } from './authorities.ts';
import type { Config, ListenConfig, SmarthostConfig } from './config.ts';
import type { KeyPath } from './key-lines.ts';
import type { ConfigFile } from './schema.ts';
import type { SchemaFault } from './schema-faults.ts';
import { readSmallFile } from './small-file.ts';

export type Surroundings = Readonly<{
  file: string | null;
  /** Relative paths start here. */
  folder: string;
  /** The machine's own name. */
  machine: string;
  /** systemd's $CREDENTIALS_DIRECTORY. */
  credentials: string | undefined;
  exists: (path: string) => boolean;
}>;

/** Collects what is wrong, so that everything is said at once. */
type Complain = (path: KeyPath, what: string, remedy: string) => void;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DEFAULT_DATA = '/var/lib/eigenpost';
/** What systemd hands over under this name is the root key. */
const CREDENTIAL = 'root.key';
/** Octets of a password file; more is another file. */
const SECRET_LIMIT = 4_096;

export const DEFAULT_LISTENERS: readonly ListenConfig[] = [
  { protocol: 'smtp', host: '::', port: 25, signInWithoutTls: false },
  { protocol: 'submissions', host: '::', port: 465, signInWithoutTls: false },
  { protocol: 'submission', host: '::', port: 587, signInWithoutTls: false },
  { protocol: 'imaps', host: '::', port: 993, signInWithoutTls: false },
  { protocol: 'https', host: '::', port: 443, signInWithoutTls: false },
];

/** The config is whole only where there are no faults. */
export type Meant = Readonly<{ config: Config; faults: readonly SchemaFault[] }>;

export function configOf(file: ConfigFile, around: Surroundings): Meant {
  const faults: SchemaFault[] = [];
  const complain: Complain = (path, what, remedy) => void faults.push({ path, what, remedy });
  const absolute = (path: string): string => (isAbsolute(path) ? path : resolve(around.folder, path));
  const data = absolute(file.data ?? DEFAULT_DATA);
  const config: Config = {
    file: around.file,
    hostName: hostName(file, around, complain),
    data,
    rootKeyFile: rootKeyFile(file, { data, around, absolute, complain }),
    listeners: listeners(file, complain),
    tls: file.tls === undefined ? null : { certificateFile: absolute(file.tls.certificate_file), keyFile: absolute(file.tls.key_file) },
    resolver: resolver(file, complain),
    limits: limits(file),
    relays: relays(file, complain),
    smarthost: smarthost(file, absolute, complain),
    retry: retry(file),
    outbound: { mxPort: file.outbound?.mx_port ?? 25, privateAddresses: file.outbound?.private_addresses ?? false },
    source: source(file, complain),
    warnings: [],
  };
  return { config, faults };
}

function retry({ retry = {} }: ConfigFile): Config['retry'] {
  return {
    minutes: retry.minutes ?? [1, 4, 10, 15, 30, 60, 120, 240],
    delayNoticeMs: (retry.delay_notice_minutes ?? 60) * MINUTE_MS,
    giveUpMs: (retry.give_up_hours ?? 120) * HOUR_MS,
  };
}

function limits({ limits = {} }: ConfigFile): Config['limits'] {
  return {
    messageBytes: limits.message_size ?? 52_428_800,
    connections: limits.connections ?? 10_000,
    connectionsPerAddress: limits.connections_per_address ?? 100,
    minimumPassword: limits.minimum_password ?? 15,
  };
}

function hostName({ host_name }: ConfigFile, { machine }: Surroundings, complain: Complain): string {
  const name = parseDomain(host_name ?? machine, { allowFinalDot: true });
  if (name.ok && (host_name !== undefined || name.value.includes('.'))) return name.value;
  if (host_name === undefined) {
    complain(
      ['host_name'],
      `"host_name" is missing, and the machine’s own name ("${machine}") is not a full one.`,
      'Write: host_name = "mail.example.org".',
    );
  } else {
    complain(['host_name'], `"host_name" is not a host name: ${name.ok ? '' : name.why}.`, 'Write: host_name = "mail.example.org".');
  }
  return 'localhost';
}

type KeyFileAsk = Readonly<{ data: string; around: Surroundings; absolute: (path: string) => string; complain: Complain }>;

function rootKeyFile({ root_key_file }: ConfigFile, { data, around, absolute, complain }: KeyFileAsk): string {
  const credential = around.credentials === undefined ? undefined : join(around.credentials, CREDENTIAL);
  if (root_key_file === undefined && credential !== undefined && around.exists(credential)) return credential;
  const path = root_key_file === undefined ? join(dirname(data), `${basename(data)}.key`) : absolute(root_key_file);
  const inside = relative(data, path);
  if (inside === '' || (!inside.startsWith('..') && !isAbsolute(inside))) {
    complain(
      ['root_key_file'],
      '"root_key_file" lies inside the data folder: whoever takes the folder takes the key with it.',
      'Put it elsewhere, such as /etc/eigenpost/root.key.',
    );
  }
  return path;
}

function listeners({ listen }: ConfigFile, complain: Complain): readonly ListenConfig[] {
  if (listen === undefined) return DEFAULT_LISTENERS;
  const taken = new Set<string>();
  return listen.map(({ protocol, host = '::', port, sign_in_without_tls = false }, at) => {
    if (!isIp(host))
      complain(
        ['listen', at, 'host'],
        `"listen.host" is not an IP address: "${host}".`,
        'Write an address such as "127.0.0.1", or "::" for all.',
      );
    if (sign_in_without_tls && !isLoopback(host)) {
      complain(
        ['listen', at, 'sign_in_without_tls'],
        `"sign_in_without_tls" would let passwords cross the network in clear on ${host}.`,
        'It is allowed on 127.0.0.1 and ::1 only: remove it, or listen there.',
      );
    }
    const place = `${host} ${port}`;
    if (port !== 0 && taken.has(place))
      complain(['listen', at, 'port'], `Two listeners want port ${port} on ${host}.`, 'Give one of them another port.');
    taken.add(place);
    return { protocol, host, port, signInWithoutTls: sign_in_without_tls };
  });
}

function resolver({ resolver }: ConfigFile, complain: Complain): Config['resolver'] {
  if (resolver === undefined) return null;
  if (!isIp(resolver.address))
    complain(
      ['resolver', 'address'],
      `"resolver.address" is not an IP address: "${resolver.address}".`,
      'A name would need a resolver to be found: write an address such as "127.0.0.1".',
    );
  return { address: resolver.address, port: resolver.port ?? 53 };
}

function relays({ relay = [] }: ConfigFile, complain: Complain): Config['relays'] {
  const taken = new Set<string>();
  return relay.map(({ domain, to }, at) => {
    const name = parseDomain(domain, { allowFinalDot: true });
    if (!name.ok) complain(['relay', at, 'domain'], `"relay.domain" is not a domain: ${name.why}.`, 'Write: domain = "example.org".');
    if (name.ok && taken.has(name.value))
      complain(['relay', at, 'domain'], `The relay domain ${name.value} is there twice.`, 'Keep one of them.');
    if (name.ok) taken.add(name.value);
    const route = parseRoute(to);
    if (route === undefined)
      complain(
        ['relay', at, 'to'],
        `"relay.to" says "${to}", which is no place to send to.`,
        'Write: to = "mail.example.net:25", to = "[2001:db8::1]:25" or to = "discard".',
      );
    return { domain: name.ok ? name.value : domain, route: route ?? { to: 'discard' } };
  });
}

function smarthost({ smarthost }: ConfigFile, absolute: (path: string) => string, complain: Complain): SmarthostConfig | null {
  if (smarthost === undefined) return null;
  const { host, port = 587, tls = 'required', user, password_file, ca_file } = smarthost;
  if (!isIp(host) && !parseDomain(host).ok)
    complain(
      ['smarthost', 'host'],
      `"smarthost.host" is neither a host name nor an address: "${host}".`,
      'Write: host = "smtp.example.net".',
    );
  if ((user === undefined) !== (password_file === undefined)) {
    const missing = user === undefined ? 'user' : 'password_file';
    complain(
      ['smarthost'],
      `"${missing}" is missing in "smarthost": a name and a password go together.`,
      `Add ${missing}, or remove the other.`,
    );
  }
  if (user !== undefined && (tls === 'none' || tls === 'opportunistic') && !isLoopback(host)) {
    complain(
      ['smarthost', 'tls'],
      `With tls = "${tls}" the password for ${host} could cross the network in clear.`,
      'Write: tls = "required" or tls = "implicit".',
    );
  }
  const ca = ca_file === undefined ? null : authority(absolute(ca_file), tls, complain);
  if (user === undefined || password_file === undefined) return { host, port, tls, auth: null, ca };
  const passwordFile = absolute(password_file);
  const password = secret(passwordFile, ['smarthost', 'password_file'], complain);
  return { host, port, tls, auth: { user, password, passwordFile }, ca };
}

function authority(caFile: string, tls: SmarthostConfig['tls'], complain: Complain): SmarthostConfig['ca'] {
  const path = ['smarthost', 'ca_file'];
  if (tls === 'none' || tls === 'opportunistic')
    complain(
      path,
      `With tls = "${tls}" nobody’s certificate is proven, and ca_file does nothing.`,
      'Write tls = "required" or tls = "implicit", or remove ca_file.',
    );
  const read = readAuthorities(caFile);
  if (!read.ok) complain(path, read.what, read.remedy);
  return { caFile, pem: read.ok ? read.pem : '' };
}

/** The first line of a file that only we should read. */
function secret(file: string, path: KeyPath, complain: Complain): string {
  const read = readSmallFile(file, SECRET_LIMIT);
  if (!read.ok) {
    complain(path, read.what, 'Make it, with the password on its first line, and give it to the user the server runs as (chmod 600).');
    return '';
  }
  const line = read.text.split(/\r?\n/, 1)[0] ?? '';
  if (line === '') complain(path, `${file} has nothing on its first line.`, 'Put the password, and nothing else, on its first line.');
  return line;
}

function source({ source = {} }: ConfigFile, complain: Complain): Config['source'] {
  const version = (text: string | undefined): number | undefined => {
    const ip = text === undefined ? undefined : parseIp(text);
    return ip?.ok === true ? ip.value.version : undefined;
  };
  for (const [key, text, wanted] of [
    ['ipv4', source.ipv4, 4],
    ['ipv6', source.ipv6, 6],
  ] as const) {
    if (text !== undefined && version(text) !== wanted)
      complain(['source', key], `"source.${key}" is not an IPv${wanted} address: "${text}".`, 'Write one of this machine’s own addresses.');
  }
  return { ...(source.ipv4 === undefined ? {} : { 4: source.ipv4 }), ...(source.ipv6 === undefined ? {} : { 6: source.ipv6 }) };
}

/** How far an IP address reaches: this machine, this network, the world, or nowhere (the IANA special-purpose registries, RFC 6890). */
import { type IpAddress, type IpNetwork, isInNetwork, parseIp, parseNetwork, unmapped } from './ip.ts';

export type IpScope = 'unspecified' | 'loopback' | 'private' | 'linkLocal' | 'multicast' | 'reserved' | 'global';

/** The first row that holds an address decides; an address in no row is global. */
const SCOPES: readonly (readonly [string, IpScope])[] = [
  ['0.0.0.0/32', 'unspecified'],
  ['0.0.0.0/8', 'reserved'],
  ['127.0.0.0/8', 'loopback'],
  ['10.0.0.0/8', 'private'],
  ['172.16.0.0/12', 'private'],
  ['192.168.0.0/16', 'private'],
  ['100.64.0.0/10', 'private'],
  ['169.254.0.0/16', 'linkLocal'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'reserved'],
  ['198.18.0.0/15', 'reserved'],
  ['198.51.100.0/24', 'reserved'],
  ['203.0.113.0/24', 'reserved'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  // SECURITY: NAT64 and 6to4 addresses lead to an IPv4 address inside; judging that is the gateway's business, so neither is global.
  ['64:ff9b::/96', 'reserved'],
  ['64:ff9b:1::/48', 'private'],
  ['100::/64', 'reserved'],
  ['2001::/23', 'reserved'],
  ['2001:db8::/32', 'reserved'],
  ['2002::/16', 'reserved'],
  ['3fff::/20', 'reserved'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'linkLocal'],
  ['fec0::/10', 'private'],
  ['ff00::/8', 'multicast'],
];

/** All assigned world-wide IPv6 addresses lie here (RFC 4291 §2.5.4); the rest of the space is not in use. */
const IPV6_GLOBAL = '2000::/3';

const network = (text: string): IpNetwork => {
  const read = parseNetwork(text);
  if (!read.ok) throw new Error(`${text}: ${read.why}`);
  return read.value;
};
const ROWS = SCOPES.map(([text, scope]) => ({ network: network(text), scope }));
const GLOBAL_V6 = network(IPV6_GLOBAL);

/** SECURITY: IPv4-mapped addresses are judged by the IPv4 address inside, or ::ffff:127.0.0.1 would pass for the world. */
export function scopeOf(ip: IpAddress): IpScope {
  const plain = unmapped(ip);
  const row = ROWS.find(({ network }) => isInNetwork(plain, network));
  if (row !== undefined) return row.scope;
  return plain.version === 4 || isInNetwork(plain, GLOBAL_V6) ? 'global' : 'reserved';
}

const scopeOfText = (text: string): IpScope | undefined => {
  const ip = parseIp(text);
  return ip.ok ? scopeOf(ip.value) : undefined;
};

export const isLoopback = (text: string): boolean => scopeOfText(text) === 'loopback';
export const isPrivate = (text: string): boolean => scopeOfText(text) === 'private';
export const isGlobal = (text: string): boolean => scopeOfText(text) === 'global';

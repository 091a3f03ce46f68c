/**
 * Which servers take mail for a destination, and in which order (RFC 5321 §5.1,
 * §5.2; null MX of RFC 7505). Addresses are looked up host by host as they are
 * needed: nearly always the first answers.
 */
import { parseAddressLiteral } from '../../codec/net/address-literal.ts';
import { formatIp, isIp, parseIp } from '../../codec/net/ip.ts';
import { isGlobal } from '../../codec/net/ip-scope.ts';
import type { Dice } from '../../core/ports/dice.ts';
import type { Route } from '../../core/ports/courier.ts';
import type { DnsAnswer, MxRecord, Resolver } from '../../core/ports/resolver.ts';

/** One address of one server. `host` is what it is called in TLS and in journeys. */
export type Candidate = Readonly<{ host: string; ip: string; port: number }>;

export type RouteTrouble =
  | Readonly<{ fate: 'later'; trouble: 'dnsFailed' | 'noServer'; host: string }>
  | Readonly<{ fate: 'never'; trouble: 'noSuchDomain' | 'nullMx' | 'loop' | 'noServer'; host: string }>;

export type RouteOptions = Readonly<{
  resolver: Resolver;
  dice: Dice;
  /** The port of MX hosts: 25, but for tests and the demo. */
  mxPort: number;
  /** Is this host name (lower case) or address one of our own? */
  isOurs(hostOrIp: string): boolean;
  /** SECURITY: may mail be carried there on a stranger's word? By default only to global addresses: an MX record naming 127.0.0.1 or the office network makes us knock there. */
  mayReach?(ip: string): boolean;
  /** In order of preference; interleaved when both. */
  families?: readonly (4 | 6)[];
}>;

/** MX hosts looked at; RFC 5321 §5.1 allows a limit of at least two. */
const HOST_LIMIT = 10;
/** Addresses tried of one host. */
const ADDRESS_LIMIT = 4;

type Hosts = Readonly<{ hosts: readonly string[]; port: number; isImplicit: boolean; isStrangers: boolean }>;

/**
 * Gives candidates one after the other; when there are none left, says why if
 * there never was one. A fault in between (a host whose look-up fails) only
 * counts when nothing else is found.
 */
export async function* candidates(
  route: Route,
  options: RouteOptions,
  signal?: AbortSignal,
): AsyncGenerator<Candidate, RouteTrouble | undefined> {
  const found = await hostsOf(route, options, signal);
  if ('fate' in found) return found;
  const { hosts, port, isImplicit, isStrangers } = found;
  const name = hosts[0] ?? '';
  const mayReach = isStrangers ? (options.mayReach ?? isGlobal) : (): boolean => true;
  let [count, hasFailed, isLoop] = [0, false, false];
  for (const host of hosts) {
    const addresses = await addressesOf(host, options, signal);
    hasFailed ||= addresses === undefined;
    for (const ip of addresses ?? []) {
      if (isStrangers && options.isOurs(ip)) isLoop = true;
      else if (mayReach(ip)) {
        count++;
        yield { host, ip, port };
      }
    }
  }
  if (count > 0) return undefined;
  if (hasFailed) return { fate: 'later', trouble: 'dnsFailed', host: name };
  if (isLoop) return { fate: 'never', trouble: 'loop', host: name };
  // A domain without MX and address takes no mail; one whose MX hosts have no address is more likely being rebuilt.
  return { fate: isImplicit ? 'never' : 'later', trouble: 'noServer', host: name };
}

async function hostsOf(route: Route, options: RouteOptions, signal?: AbortSignal): Promise<Hosts | RouteTrouble> {
  if (route.via !== 'mx') return { hosts: [route.host], port: route.port, isImplicit: false, isStrangers: false };
  const { domain } = route;
  const literal = parseAddressLiteral(domain);
  if (literal.ok) return { hosts: [formatIp(literal.value)], port: options.mxPort, isImplicit: true, isStrangers: true };
  const answer = await options.resolver.mx(domain, signal);
  if (answer.found === 'failed') return { fate: 'later', trouble: 'dnsFailed', host: domain };
  if (answer.found === 'none' && !answer.nameExists) return { fate: 'never', trouble: 'noSuchDomain', host: domain };
  if (answer.found === 'none' || answer.records.length === 0) {
    if (options.isOurs(domain)) return { fate: 'never', trouble: 'loop', host: domain };
    return { hosts: [domain], port: options.mxPort, isImplicit: true, isStrangers: true };
  }
  return hostsOfMx(domain, answer.records, options);
}

function hostsOfMx(domain: string, records: readonly MxRecord[], { dice, isOurs, mxPort }: RouteOptions): Hosts | RouteTrouble {
  // RFC 7505 §3: a lone "." says that the domain takes no mail; among others it means nothing.
  const real = records.filter(({ exchange }) => exchange !== '' && exchange !== '.');
  if (real.length === 0) return { fate: 'never', trouble: 'nullMx', host: domain };
  const ordered = inOrder(real, dice);
  // RFC 5321 §5.1: where we stand in the list ourselves, only better servers than us are asked, or mail would go in circles.
  const ownLevel = Math.min(...real.filter(({ exchange }) => isOurs(exchange)).map(({ preference }) => preference));
  const better = ordered.filter(({ preference }) => preference < ownLevel);
  if (better.length === 0) return { fate: 'never', trouble: 'loop', host: domain };
  const hosts = [...new Set(better.map(({ exchange }) => exchange))].slice(0, HOST_LIMIT);
  return { hosts, port: mxPort, isImplicit: false, isStrangers: true };
}

/** By preference; equals in random order, to spread the load. */
export function inOrder(records: readonly MxRecord[], dice: Dice): MxRecord[] {
  const lots = Buffer.from(dice.bytes(records.length * 4));
  return records
    .map((record, at) => ({ record, lot: lots.readUInt32LE(at * 4) }))
    .sort((a, b) => a.record.preference - b.record.preference || a.lot - b.lot)
    .map(({ record }) => record);
}

/** A host's addresses, families taking turns; undefined when nobody could say. */
async function addressesOf(host: string, options: RouteOptions, signal?: AbortSignal): Promise<string[] | undefined> {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  const ip = parseIp(bare);
  if (ip.ok) return [formatIp(ip.value)];
  const { resolver, families = [6, 4] } = options;
  const answers = await Promise.all(families.map((family) => (family === 6 ? resolver.aaaa(host, signal) : resolver.a(host, signal))));
  const lists = answers.map((answer: DnsAnswer<string>) => (answer.found === 'records' ? answer.records.filter(isIp) : []));
  const addresses: string[] = [];
  const longest = Math.max(0, ...lists.map((list) => list.length));
  for (let at = 0; at < longest; at++) addresses.push(...lists.map((list) => list[at]).filter((address) => address !== undefined));
  if (addresses.length === 0 && answers.some((answer) => answer.found === 'failed')) return undefined;
  return addresses.slice(0, ADDRESS_LIMIT);
}

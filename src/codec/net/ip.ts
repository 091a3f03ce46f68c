/**
 * IP addresses: text to bytes and back (RFC 4291 §2.2, RFC 5952), the scope an
 * address belongs to, and prefixes (a /24, a /64) under which to count peers.
 */
import { type Parsed, parsed, unparsed } from '../../lib/parsed.ts';

/** Four bytes or sixteen, in network order. */
export type IpAddress = Readonly<{ version: 4 | 6; bytes: Uint8Array }>;
export type IpNetwork = Readonly<{ address: IpAddress; bits: number }>;

/** The longest text an address can have: eight groups, the last two written as IPv4, e.g. "…:255.255.255.255". */
const TEXT_LIMIT = 45;
const IPV6_GROUPS = 8;

export function parseIp(text: string): Parsed<IpAddress> {
  if (text.length > TEXT_LIMIT) return unparsed(TEXT_LIMIT, 'too long for an IP address');
  const bytes = text.includes(':') ? ipv6Bytes(text) : ipv4Bytes(text);
  if (bytes === undefined) return unparsed(0, 'not an IP address');
  return parsed({ version: bytes.length === 4 ? 4 : 6, bytes });
}

export function isIp(text: string): boolean {
  return parseIp(text).ok;
}

function ipv4Bytes(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (const [at, part] of parts.entries()) {
    // SECURITY: a leading zero is octal to some readers and decimal to others, so it is neither here.
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes[at] = Number(part);
  }
  return bytes;
}

function ipv6Bytes(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = IPV6_GROUPS - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  const bytes = new Uint8Array(16);
  groups.forEach((group, at) => {
    bytes[at * 2] = group >> 8;
    bytes[at * 2 + 1] = group & 0xff;
  });
  return bytes;
}

/** The 16-bit groups of one side of "::"; only the side that ends the address may end in dotted IPv4. */
function groupsOf(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [at, part] of parts.entries()) {
    if (part.includes('.')) {
      const four = isEnd && at === parts.length - 1 ? ipv4Bytes(part) : undefined;
      if (four === undefined) return undefined;
      groups.push(((four[0] ?? 0) << 8) | (four[1] ?? 0), ((four[2] ?? 0) << 8) | (four[3] ?? 0));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

export function formatIp(ip: IpAddress): string {
  if (ip.version === 4) return ip.bytes.join('.');
  const four = embeddedIpv4(ip);
  if (four !== undefined) return `::ffff:${four.bytes.join('.')}`;
  const groups = Array.from({ length: IPV6_GROUPS }, (_, at) => ((ip.bytes[at * 2] ?? 0) << 8) | (ip.bytes[at * 2 + 1] ?? 0));
  const gap = longestZeroRun(groups);
  const hex = (some: readonly number[]): string => some.map((group) => group.toString(16)).join(':');
  return gap.length < 2 ? hex(groups) : `${hex(groups.slice(0, gap.start))}::${hex(groups.slice(gap.start + gap.length))}`;
}

/** RFC 5952 §4.2: the longest run of zero groups is shortened, the first of equals. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  groups.forEach((group, at) => {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: at - length + 1, length };
  });
  return best;
}

/** The IPv4 address inside an IPv4-mapped IPv6 one (::ffff:0:0/96), as a dual-stack socket reports its peers. */
function embeddedIpv4(ip: IpAddress): IpAddress | undefined {
  if (ip.version !== 6 || ip.bytes[10] !== 0xff || ip.bytes[11] !== 0xff) return undefined;
  return ip.bytes.subarray(0, 10).every((byte) => byte === 0) ? { version: 4, bytes: ip.bytes.slice(12) } : undefined;
}

/** An IPv4-mapped address as plain IPv4, anything else as it is. SECURITY: or a listed address returns in other clothes. */
export function unmapped(ip: IpAddress): IpAddress {
  return embeddedIpv4(ip) ?? ip;
}

/** The address with everything behind the first `bits` bits cleared. */
export function networkOf(ip: IpAddress, bits: number): IpNetwork {
  const bytes = Uint8Array.from(ip.bytes, (byte, at) => {
    const kept = Math.min(8, Math.max(0, bits - at * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return { address: { version: ip.version, bytes }, bits };
}

export function formatNetwork(network: IpNetwork): string {
  return `${formatIp(network.address)}/${network.bits}`;
}

/** "192.0.2.0/24" or a bare address, which is a network of one. Bits set behind the prefix are cleared. */
export function parseNetwork(text: string): Parsed<IpNetwork> {
  const slash = text.indexOf('/');
  const ip = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (!ip.ok) return ip;
  const width = ip.value.bytes.length * 8;
  if (slash < 0) return parsed(networkOf(ip.value, width));
  const length = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(length) || Number(length) > width) return unparsed(slash + 1, `a prefix length is 0 to ${width}`);
  return parsed(networkOf(ip.value, Number(length)));
}

export function isInNetwork(ip: IpAddress, { address, bits }: IpNetwork): boolean {
  if (ip.version !== address.version) return false;
  const whole = bits >> 3;
  for (let at = 0; at < whole; at++) if (ip.bytes[at] !== address.bytes[at]) return false;
  const rest = bits & 7;
  return rest === 0 || (((ip.bytes[whole] ?? 0) ^ (address.bytes[whole] ?? 0)) & (0xff << (8 - rest)) & 0xff) === 0;
}

/** Who counts as one neighbour: the /24 of IPv4, the /48 or /64 of IPv6 (default /64, what one home gets). */
export function neighbourhood(ip: IpAddress, { v4 = 24, v6 = 64 }: { v4?: number; v6?: number } = {}): string {
  const plain = unmapped(ip);
  return formatNetwork(networkOf(plain, plain.version === 4 ? v4 : v6));
}

/** The name under which an address is looked up backwards: RFC 1035 §3.5, RFC 3596 §2.5. */
export function reverseName(ip: IpAddress): string {
  return `${reversedLabels(ip)}.${ip.version === 4 ? 'in-addr.arpa' : 'ip6.arpa'}`;
}

/** The labels in front of a reverse zone or a DNS list: "4.3.2.1" for 1.2.3.4, nibbles for IPv6 (RFC 5782 §2.1, §2.4). */
export function reversedLabels(ip: IpAddress): string {
  const labels = ip.version === 4 ? Array.from(ip.bytes, String) : Array.from(Buffer.from(ip.bytes).toString('hex'));
  return labels.reverse().join('.');
}

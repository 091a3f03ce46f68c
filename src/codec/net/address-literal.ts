/** Address literals in mail addresses and greetings: "[192.0.2.1]" and "[IPv6:2001:db8::1]" (RFC 5321 §4.1.3). */
import { type Parsed, parsed, unparsed } from '../../lib/parsed.ts';
import { formatIp, type IpAddress, parseIp } from './ip.ts';

const IPV6_TAG = 'ipv6:';

export function parseAddressLiteral(text: string): Parsed<IpAddress> {
  if (!text.startsWith('[') || !text.endsWith(']')) return unparsed(0, 'an address literal stands in square brackets');
  const inner = text.slice(1, -1);
  const isTagged = inner.slice(0, IPV6_TAG.length).toLowerCase() === IPV6_TAG;
  const start = isTagged ? IPV6_TAG.length : 0;
  const ip = parseIp(inner.slice(start));
  if (!ip.ok) return unparsed(1 + start, ip.why);
  if ((ip.value.version === 6) !== isTagged) return unparsed(1, 'IPv6 literals, and only they, begin with "IPv6:"');
  return parsed(ip.value);
}

export function formatAddressLiteral(ip: IpAddress): string {
  return ip.version === 4 ? `[${formatIp(ip)}]` : `[IPv6:${formatIp(ip)}]`;
}

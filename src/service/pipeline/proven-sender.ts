/**
 * Whether the server that calls is one of the sender's own, by the plainest
 * proof there is: it is among the servers that take mail for the sender's
 * domain. Enough to answer a stranger who asked for an answer (RFC 3461), and
 * a forged address never passes. SPF takes its place when it is there.
 */
import { splitAddress } from '../../core/address.ts';
import type { Resolver } from '../../core/ports/resolver.ts';

/** Servers looked at: honest small domains have one or two. */
const HOST_LIMIT = 5;

async function addressesOf(resolver: Resolver, host: string): Promise<readonly string[]> {
  const answers = await Promise.all([resolver.a(host), resolver.aaaa(host)]);
  return answers.flatMap((answer) => (answer.found === 'records' ? answer.records : []));
}

/** @param ip of the caller, as the connection gave it */
export async function isProvenSender(resolver: Resolver, from: string, ip: string): Promise<boolean> {
  const domain = splitAddress(from)?.domain;
  if (domain === undefined) return false;
  const mx = await resolver.mx(domain);
  if (mx.found === 'failed') return false;
  const hosts = mx.found === 'records' ? mx.records.map(({ exchange }) => exchange).slice(0, HOST_LIMIT) : [domain];
  const found = await Promise.all(hosts.map((host) => addressesOf(resolver, host)));
  return found.some((addresses) => addresses.includes(ip));
}

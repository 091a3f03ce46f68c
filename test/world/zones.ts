/** The DNS of the small internet: who is where, by name. Everything stands under .test (RFC 6761), so no real name can be meant. */
import { Zones } from '../../src/codec/dns/zone.ts';

/** A domain, its MX hosts best first, and the address of each. */
export type Domain = Readonly<{ name: string; mx: readonly Readonly<{ host: string; addresses: readonly string[] }>[] }>;

export function internet(): Zones {
  return new Zones().addZone('test').addZone('in-addr.arpa').addZone('ip6.arpa');
}

const PREFERENCE_STEP = 10;

export function addDomain(zones: Zones, { name, mx }: Domain): void {
  mx.forEach(({ host, addresses }, at) => {
    zones.put(name, { type: 'MX', preference: PREFERENCE_STEP * (at + 1), exchange: host });
    addHost(zones, host, addresses);
  });
}

export function addHost(zones: Zones, host: string, addresses: readonly string[]): void {
  for (const address of addresses) zones.put(host, { type: address.includes(':') ? 'AAAA' : 'A', address });
}

/** RFC 7505: a domain that takes no mail and says so. */
export function addNullMx(zones: Zones, name: string): void {
  zones.put(name, { type: 'MX', preference: 0, exchange: '' });
}

/** The demo's DNS: everything under .test that there is, all of it on this machine. */
import { Zones } from '../../../codec/dns/zone.ts';
import { DEMO_DOMAIN } from '../people.ts';
import { ELSEWHERE } from './elsewhere.ts';

const HOST = '127.0.0.1';

export function demoZones(): Zones {
  // The root too: a name that is nowhere does not exist, instead of nobody knowing.
  const zones = new Zones().addZone('.');
  for (const [domain, host] of [
    [DEMO_DOMAIN, `mail.${DEMO_DOMAIN}`],
    [ELSEWHERE, `mx.${ELSEWHERE}`],
  ] as const) {
    zones.addZone(domain);
    zones.put(domain, { type: 'MX', preference: 10, exchange: host });
    zones.put(host, { type: 'A', address: HOST });
  }
  // RFC 7505: a domain that says it takes no mail.
  zones.addZone('nomail.test').put('nomail.test', { type: 'MX', preference: 0, exchange: '.' });
  return zones;
}

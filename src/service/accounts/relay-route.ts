/** Where a relay's mail goes, as people write it, in the config file and at the admin API. */
import { parseDomain } from '../../codec/net/domain.ts';
import { isIp } from '../../codec/net/ip.ts';
import type { RelayRoute } from './accounts.ts';

const PORT_LIMIT = 65_535;

/** `host:port`, `[address]:port` or `discard`. */
export function parseRoute(text: string): RelayRoute | undefined {
  if (text === 'discard') return { to: 'discard' };
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port < 1 || port > PORT_LIMIT) return undefined;
  return isIp(host) || parseDomain(host).ok ? { to: 'fixed', host, port } : undefined;
}

export function routeText(route: RelayRoute): string {
  if (route.to === 'discard') return 'discard';
  return `${route.host.includes(':') ? `[${route.host}]` : route.host}:${route.port}`;
}

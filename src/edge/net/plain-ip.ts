/** QUIRK: on a dual-stack socket Node shows IPv4 callers as ::ffff:192.0.2.1. */
export function plainIp(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

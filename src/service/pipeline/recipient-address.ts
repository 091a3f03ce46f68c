/** An address as it is looked up: the domain as an A-label, whichever way it was written (RFC 6531 §3.2, RFC 5890). */
import { parseDomain } from '../../codec/net/domain.ts';
import { type MailAddress, splitAddress } from '../../core/address.ts';

/** Undefined when it is no address. An address literal (`[192.0.2.1]`) keeps its form. */
export function lookedUp(text: string): MailAddress | undefined {
  const address = splitAddress(text);
  if (address === undefined || address.domain.startsWith('[')) return address;
  const domain = parseDomain(address.domain);
  return domain.ok ? { local: address.local, domain: domain.value } : undefined;
}

/** The same, as the text of an envelope: what leaves us names domains as every server understands them. */
export function withALabel(text: string): string {
  const address = lookedUp(text);
  return address === undefined ? text : `${address.local}@${address.domain}`;
}

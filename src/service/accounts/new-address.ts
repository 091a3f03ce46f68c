/** An address somebody wants to have, or to point at: checked and put into its one form. */
import { parseDomain } from '../../codec/net/domain.ts';
import { addressText, type MailAddress, splitAddress } from '../../core/address.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';

/** Characters that would need quotes (RFC 5321 §4.1.2): such addresses work almost nowhere. */
const NEEDS_QUOTES = /[\s"(),:;<>@[\\\]\p{Cc}]/u;

/** RFC 5321 §4.5.3.1.1: octets of an address of our own. Other people's are sometimes longer, and core/address.ts bounds them. */
const OWN_LOCAL_LIMIT = 64;

/** The domain becomes an A-label; the local part keeps its case and becomes NFC. */
export function newAddress(text: string, localLimit: number = OWN_LOCAL_LIMIT): MailAddress | Refusal {
  const split = splitAddress(text.trim());
  if (split === undefined) return refuse('badValue', { what: 'address', value: text.slice(0, 300), why: 'notAnAddress' });
  const domain = parseDomain(split.domain);
  if (!domain.ok) return refuse('badValue', { what: 'address', value: text, why: domain.why });
  const local = split.local.normalize('NFC');
  const isDotted = local.startsWith('.') || local.endsWith('.') || local.includes('..');
  if (isDotted || NEEDS_QUOTES.test(local) || Buffer.byteLength(local) > localLimit) {
    return refuse('badValue', { what: 'address', value: text, why: 'badLocalPart' });
  }
  return { local, domain: domain.value };
}

/** Targets of an alias, without repeats. */
export function newTargets(texts: readonly string[], limit: number): readonly string[] | Refusal {
  if (texts.length === 0) return refuse('badValue', { what: 'targets', why: 'empty' });
  if (texts.length > limit) return refuse('badValue', { what: 'targets', why: 'tooMany', limit: String(limit) });
  const targets = new Set<string>();
  for (const text of texts) {
    const address = newAddress(text, Infinity);
    if ('refusal' in address) return address;
    targets.add(addressText(address));
  }
  return [...targets];
}

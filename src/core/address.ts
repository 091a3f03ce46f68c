/**
 * A mail address as we compare and keep it. Parsing SMTP paths is codec/smtp's
 * work; here is what an address means to the house.
 */

/** `local` keeps the writer's case (RFC 5321 §2.4); `domain` is lower case, an A-label where it is international. */
export type MailAddress = Readonly<{ local: string; domain: string }>;

/** Octets. QUIRK: RFC 5321 §4.5.3.1.1 allows 64, but rewritten senders (SRS, VERP) of real servers are longer. */
export const LOCAL_PART_LIMIT = 255;
/** Octets: a long local part and the longest domain (RFC 5321 §4.5.3.1.2). */
export const ADDRESS_LIMIT = 511;

/** The last `@` divides; undefined when either side is missing or too long. No other grammar is checked here. */
export function splitAddress(text: string): MailAddress | undefined {
  const at = text.lastIndexOf('@');
  if (at <= 0 || at === text.length - 1 || text.length > ADDRESS_LIMIT) return undefined;
  if (Buffer.byteLength(text.slice(0, at)) > LOCAL_PART_LIMIT) return undefined;
  return { local: text.slice(0, at), domain: text.slice(at + 1).toLowerCase() };
}

export const addressText = (address: MailAddress): string => `${address.local}@${address.domain}`;

/**
 * How we recognise our own addresses: case-insensitive, NFC. Other people's
 * local parts stay as they were written.
 */
export const addressKey = (address: MailAddress): string => `${address.local.normalize('NFC').toLowerCase()}@${address.domain}`;

/** `noor+school` → `{ base: 'noor', detail: 'school' }` (RFC 5233 §1). */
export function subAddress(local: string): Readonly<{ base: string; detail: string | null }> {
  const plus = local.indexOf('+');
  return plus <= 0 ? { base: local, detail: null } : { base: local.slice(0, plus), detail: local.slice(plus + 1) };
}

/** Refuses what no recipient should have: mail that goes in circles, and what would be read differently on its way. */
import { type Refusal, refuse } from '../../../core/refusal.ts';
import type { Content, Letter } from '../letter.ts';

/** Received fields, our own included: RFC 5321 §6.3 asks for a bound of at least 100. */
export const HOP_LIMIT = 100;

export function guard(letter: Letter, content: Content): Refusal | undefined {
  const { receivedCount } = content.structure;
  if (receivedCount > HOP_LIMIT) return refuse('loop', { hops: String(receivedCount) });
  return leavesWithNul(letter, content) ? refuse('badMessage', { holds: 'a NUL octet' }) : undefined;
}

/**
 * SECURITY: text holds no NUL (RFC 2045 §2.7, §2.8), and servers that drop it
 * read CRLF NUL . CRLF as the end of the message: mail would be smuggled to
 * them in our name. BINARYMIME never meets a dot: it leaves by BDAT only.
 */
function leavesWithNul({ sending, envelope }: Letter, { structure }: Content): boolean {
  return sending !== null && envelope.body !== 'binarymime' && structure.defects.some(({ kind }) => kind === 'nul');
}

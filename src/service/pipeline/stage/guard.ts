/** Refuses what no recipient should have: mail that goes in circles. */
import { type Refusal, refuse } from '../../../core/refusal.ts';
import type { Content, Letter } from '../letter.ts';

/** Received fields, our own included: RFC 5321 §6.3 asks for a bound of at least 100. */
export const HOP_LIMIT = 100;

export function guard(_letter: Letter, content: Content): Refusal | undefined {
  const { receivedCount } = content.structure;
  return receivedCount > HOP_LIMIT ? refuse('loop', { hops: String(receivedCount) }) : undefined;
}

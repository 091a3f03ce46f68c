/** Refusals and troubles in the words of SMTP: a reply code, an enhanced status (RFC 3463), and public words. */
import type { ContentFault } from '../../codec/smtp/dot-unstuffing.ts';
import type { ServerReply } from '../../codec/smtp/server-replies.table.ts';
import { Fault } from '../../core/fault.ts';
import { type Refusal, refusalReply, type RefusalName, refuse } from '../../core/refusal.ts';

/** `reference` is a journey's id, by which sender and recipient can be told more. */
export function phrase(refusal: Refusal, reference = ''): ServerReply {
  const { code, enhanced, text } = refusalReply(refusal, reference === '' ? null : reference);
  return { code, text: `${enhanced} ${text}` };
}

export const referenceText = (reference: string): string => (reference === '' ? '' : ` [${reference}]`);

/** Something threw: the peer may try again, and has a number to ask about. */
export function phraseTrouble(trouble: unknown, incident: string): ServerReply {
  const isFull = trouble instanceof Fault && trouble.outcome === 'full';
  return phrase(refuse(isFull ? 'diskFull' : 'trouble'), incident);
}

/** What the machine refuses a content for, as the house knows it. */
export const SPOILED = {
  bareLineEnding: 'bareLineEnding',
  lineTooLong: 'badMessage',
  tooBig: 'tooBig',
} as const satisfies Readonly<Record<ContentFault, RefusalName>>;

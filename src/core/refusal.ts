/** Saying no, as a value. The words and codes are in refusal.table.ts; each edge phrases it in its own protocol. */
import { REFUSALS, type RefusalName } from './refusal.table.ts';

export type { RefusalName } from './refusal.table.ts';

/** `facts` are for journeys and administrators; public words come from the table alone. */
export type Refusal = Readonly<{ refusal: RefusalName; facts: Readonly<Record<string, string>> }>;

export function refuse(refusal: RefusalName, facts: Readonly<Record<string, string>> = {}): Refusal {
  return { refusal, facts };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refusal' in value && 'facts' in value;
}

/** The row of the table: code, enhanced code, IMAP response code, public words. */
export function refusalRow(refusal: Refusal): Readonly<{ code: number; enhanced: string; imap: string | null; words: string }> {
  return REFUSALS[refusal.refusal];
}

/** What SMTP says of a refusal: the same words in the reply, the journey and any report. `reference` leads to the story. */
export function refusalReply(refusal: Refusal, reference: string | null): Readonly<{ code: number; enhanced: string; text: string }> {
  const { code, enhanced, words } = REFUSALS[refusal.refusal];
  return { code, enhanced, text: reference === null ? words : `${words} [${reference}]` };
}

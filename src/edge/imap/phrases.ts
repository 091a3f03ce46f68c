/** What we cannot or will not do, in IMAP's words: refusals by their table, broken machinery by an incident number. */
import { Fault } from '../../core/fault.ts';
import { type Refusal, refusalRow } from '../../core/refusal.ts';
import { type Answer, bad, no } from './answer.ts';

/** A refusal becomes NO with its response code (RFC 5530). */
export function phraseRefusal(refusal: Refusal): Answer {
  const { imap, words } = refusalRow(refusal);
  return no(words, imap ?? undefined);
}

/** What goes behind BYE (RFC 9051 §7.1.5) where a refusal ends the session. */
export function byeText(refusal: Refusal): string {
  const { imap, words } = refusalRow(refusal);
  return imap === null ? words : `[${imap}] ${words}`;
}

/** RFC 9051 §6.3.12, §6.4.7: the client may create the mailbox and try again. */
export const noSuchTarget = (): Answer => no('There is no mailbox of that name', 'TRYCREATE');
export const noSuchMailbox = (): Answer => no('There is no mailbox of that name', 'NONEXISTENT');
export const readOnly = (): Answer => no('The mailbox was opened for reading only', 'READ-ONLY');
export const noSuchNumber = (): Answer => bad('There is no message of that number');

/** The incident number is what an owner asks us about; what went wrong is in the log under it, never here. */
export function phraseTrouble(trouble: unknown, incident: string): Answer {
  const known = trouble instanceof Fault;
  if (known && trouble.outcome === 'full') return no(`There is no room just now; try again later (incident ${incident})`, 'UNAVAILABLE');
  return no(`Something went wrong on our side; try again later (incident ${incident})`, known ? 'UNAVAILABLE' : 'SERVERBUG');
}

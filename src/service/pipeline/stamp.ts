/** The trace fields we put in front of a message (RFC 5321 §4.4). */
import { formatDate } from '../../codec/mime/date.ts';
import type { JourneyId } from '../../core/ids.ts';
import type { Caller } from './transaction.ts';

/** A fold point for lines that would pass 78 characters. */
const FOLD = '\r\n\t';

/** Nothing a peer said may end a line or open a comment in our own field. */
const harmless = (text: string): string => text.replace(/[^\x21-\x7e]|[()\\]/g, '?').slice(0, 255);

export const returnPath = (from: string): string => `Return-Path: <${from}>\r\n`;

/** `from` clause for mail from strangers only: a signed-in sender's address and device are nobody's business (R-111). */
function fromClause(caller: Caller): string {
  const { helo, ip, host } = caller.peer;
  const literal = ip.includes(':') ? `IPv6:${ip}` : ip;
  return `from ${harmless(helo ?? 'unknown')} (${host === undefined ? '' : `${harmless(host)} `}[${literal}])${FOLD}`;
}

export type ReceivedFacts = Readonly<{
  hostName: string;
  journey: JourneyId;
  now: number;
  caller: Caller | null /** Only where there is one recipient: more would tell them of each other. */;
  onlyRecipient: string | null;
}>;

export function received(facts: ReceivedFacts): string {
  const { caller } = facts;
  const from = caller === null || caller.signedIn !== null ? '' : fromClause(caller);
  const tls = caller === null || caller.tls === null ? '' : ` (${harmless(caller.tls.protocol)} ${harmless(caller.tls.cipher)})`;
  const by = `by ${facts.hostName}${caller === null ? '' : ` with ${caller.protocol}${caller.signedIn === null ? tls : ''}`}`;
  const forClause = facts.onlyRecipient === null ? '' : `${FOLD}for <${facts.onlyRecipient}>`;
  return `Received: ${from}${by} id ${facts.journey}${forClause};${FOLD}${dateNow(facts.now)}\r\n`;
}

let lastSecond = -1;
let lastText = '';
/** The same second comes by many times at speed. */
function dateNow(now: number): string {
  const second = Math.floor(now / 1000);
  if (second !== lastSecond) {
    lastText = formatDate(second * 1000);
    lastSecond = second;
  }
  return lastText;
}

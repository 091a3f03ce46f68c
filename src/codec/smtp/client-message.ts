/**
 * One message as a client hands it over: what may be said to this server about
 * it (parameters only where offered), and what comes of it for each recipient.
 */
import { isAscii } from '../net/idna.ts';
import type { Offers } from './client-offers.ts';
import type { Reply } from './reply.ts';
import { encodeXtext } from './xtext.ts';

export type ClientStage = 'greeting' | 'ehlo' | 'starttls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'content' | 'quit';

export type ClientRecipient = Readonly<{
  address: string;
  /** The value of NOTIFY (RFC 3461 §4.1): "NEVER", "SUCCESS,FAILURE". */
  notify?: string;
  /** The value of ORCPT not yet encoded: "rfc822;someone@example.org". */
  originalRecipient?: string;
}>;

export type ClientMessage = Readonly<{
  /** Empty for the null sender. */
  sender: string;
  recipients: readonly ClientRecipient[];
  size?: number;
  body: '7bit' | '8bitmime' | 'binarymime';
  /** The header holds UTF-8 (RFC 6532). Addresses are looked at besides. */
  smtpUtf8: boolean;
  requireTls?: boolean;
  returnContent?: 'FULL' | 'HDRS';
  /** Not yet encoded. */
  envelopeId?: string;
}>;

/** Where no reply decides. `badContent`: a bare CR or LF, which we never send. */
export type Trouble =
  | 'connectionLost'
  | 'timeout'
  | 'badReply'
  | 'tlsFailed'
  | 'tlsNotProven'
  | 'noTls'
  | 'noAuth'
  | 'badContent'
  | 'contentLost'
  | 'cancelled';
/** What this server cannot take as it is; another one might. */
export type Unfit = 'needsUtf8' | 'needs8Bit' | 'needsBinary' | 'needsTls' | 'tooBig' | 'badAddress';

export type RecipientOutcome =
  | Readonly<{ outcome: 'taken'; reply: Reply }>
  /** 4xx or 5xx: the reply's code tells. */
  | Readonly<{ outcome: 'refused'; stage: ClientStage; reply: Reply }>
  | Readonly<{ outcome: 'unfit'; unfit: Unfit }>
  /** No verdict. `mayBeTaken`: the end of the content was sent, so the message may have been delivered. */
  | Readonly<{ outcome: 'broken'; stage: ClientStage; trouble: Trouble; mayBeTaken: boolean }>;

/** Why the whole message cannot be given to this server, before a word is said about it. */
export function unfitFor(offers: Offers, message: ClientMessage): Unfit | undefined {
  if (!isSpeakable(message.sender)) return 'badAddress';
  if ((message.smtpUtf8 || !isAscii(message.sender)) && !offers.smtpUtf8) return 'needsUtf8';
  if (message.body === 'binarymime' && !offers.binaryMime) return 'needsBinary';
  // RFC 6152 §3: converting would break signatures, so an 8-bit message waits for a server of this century.
  if (message.body === '8bitmime' && !offers.eightBitMime) return 'needs8Bit';
  if (message.requireTls === true && !offers.requireTls) return 'needsTls';
  const limit = offers.size ?? 0;
  return limit > 0 && message.size !== undefined && message.size > limit ? 'tooBig' : undefined;
}

export function unfitRecipient(offers: Offers, { address }: ClientRecipient): Unfit | undefined {
  if (address === '' || !isSpeakable(address)) return 'badAddress';
  return isAscii(address) || offers.smtpUtf8 ? undefined : 'needsUtf8';
}

/** SECURITY: a line end or a bracket inside an address would be a second command, spoken in our name. */
const isSpeakable = (address: string): boolean => !/[\p{Cc}<>]/u.test(address);

export function mailCommand(offers: Offers, message: ClientMessage): string {
  const parts = [`MAIL FROM:<${message.sender}>`];
  const needsUtf8 = message.smtpUtf8 || !isAscii(message.sender) || message.recipients.some(({ address }) => !isAscii(address));
  if (offers.size !== null && message.size !== undefined) parts.push(`SIZE=${message.size}`);
  if (message.body === 'binarymime') parts.push('BODY=BINARYMIME');
  else if (message.body === '8bitmime') parts.push('BODY=8BITMIME');
  if (needsUtf8 && offers.smtpUtf8) parts.push('SMTPUTF8');
  if (message.requireTls === true) parts.push('REQUIRETLS');
  if (offers.dsn && message.returnContent !== undefined) parts.push(`RET=${message.returnContent}`);
  if (offers.dsn && message.envelopeId !== undefined) parts.push(`ENVID=${encodeXtext(message.envelopeId)}`);
  return parts.join(' ');
}

export function rcptCommand(offers: Offers, { address, notify, originalRecipient }: ClientRecipient): string {
  let text = `RCPT TO:<${address}>`;
  if (offers.dsn && notify !== undefined) text += ` NOTIFY=${notify}`;
  if (offers.dsn && originalRecipient !== undefined) text += ` ORCPT=${orcptValue(offers, originalRecipient)}`;
  return text;
}

/** RFC 3461 §4.2; for the utf-8 type the encodings of RFC 6533 §3, of which the plainer needs SMTPUTF8. */
function orcptValue(offers: Offers, value: string): string {
  const semicolon = value.indexOf(';');
  const type = value.slice(0, semicolon + 1);
  const address = value.slice(semicolon + 1);
  if (type.toLowerCase() !== 'utf-8;') return type + encodeXtext(address);
  // A value that came in unitext already is passed on as it came.
  const isEncoded = address.includes('\\x{');
  const encode = (character: string): string => `\\x{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}}`;
  const special = isEncoded ? address : address.replace(/[\p{Cc} \\+=]/gu, encode);
  return type + (offers.smtpUtf8 ? special : special.replace(/[^\p{ASCII}]/gu, encode));
}

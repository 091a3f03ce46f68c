/** The Address and Envelope objects (RFC 8621 §7) as they are given, read into what SMTP means by them. */
import { badProperties, SetFault } from '../../../codec/jmap/error.ts';
import { isObject, isText, type JsonObject, member } from '../../../codec/jmap/json.ts';
import { parseMailParameters, parseRcptParameters } from '../../../codec/smtp/parameters.ts';
import { parseMailbox } from '../../../codec/smtp/path.ts';
import { encodeXtext } from '../../../codec/smtp/xtext.ts';
import type { EnvelopeRecipient } from '../../../core/envelope.ts';
import type { SubmittedAddress, SubmittedEnvelope } from '../../../service/submissions/submissions.ts';
import { releaseTime } from './release-time.ts';

/** What the pipeline is asked: an envelope in SMTP's terms. */
export type ReadEnvelope = Readonly<{
  submitted: SubmittedEnvelope;
  from: string;
  recipients: readonly EnvelopeRecipient[];
  returnContent: 'full' | 'headers' | null;
  envelopeId: string | null;
  /** An address in it needs SMTPUTF8 (RFC 6531). */
  isUtf8: boolean;
  releaseAt: number | null;
}>;

/** Octets of one parameter's value: RFC 5321 §4.5.3.1 gives all of them together less. */
const PARAMETER_LIMIT = 1_000;
const PARAMETERS_LIMIT = 20;
/** Parameters whose value is xtext on the line (RFC 3461 §4.4), and so given decoded here. */
const XTEXT: ReadonlySet<string> = new Set(['ENVID', 'AUTH']);

/** Throws a SetFault: invalidProperties `envelope`, noRecipients, tooManyRecipients, invalidRecipients. */
export function readEnvelope(value: unknown, { now, recipientLimit }: Readonly<{ now: number; recipientLimit: number }>): ReadEnvelope {
  if (!isObject(value)) throw badProperties('envelope');
  const [mailFrom, rcptTo] = [readAddress(member(value, 'mailFrom')), member(value, 'rcptTo')];
  if (mailFrom === undefined || !Array.isArray(rcptTo)) throw badProperties('envelope/mailFrom', 'envelope/rcptTo');
  const sender = readSender(mailFrom, now);
  countRecipients(rcptTo.length, recipientLimit);
  const addresses = rcptTo.map(readAddress);
  if (!addresses.every((address) => address !== undefined)) throw badProperties('envelope/rcptTo');
  return { submitted: { mailFrom, rcptTo: addresses }, ...sender, ...readRecipients(addresses, sender.isUtf8) };
}

/** One that was worked out from the message itself: no parameters. */
export function plainEnvelope(from: string, to: readonly string[], recipientLimit: number): ReadEnvelope {
  countRecipients(to.length, recipientLimit);
  const mailFrom = { email: from, parameters: null };
  const rcptTo = to.map((email) => ({ email, parameters: null }));
  const isUtf8 = parsed(from)?.isUtf8 ?? false;
  const sender = { from, returnContent: null, envelopeId: null, releaseAt: null };
  return { submitted: { mailFrom, rcptTo }, ...sender, ...readRecipients(rcptTo, isUtf8) };
}

function countRecipients(count: number, maxRecipients: number): void {
  if (count === 0) throw new SetFault({ type: 'noRecipients' });
  if (count > maxRecipients) throw new SetFault({ type: 'tooManyRecipients', maxRecipients });
}

function readAddress(value: unknown): SubmittedAddress | undefined {
  if (!isObject(value)) return undefined;
  const [email, given] = [member(value, 'email'), member(value, 'parameters') ?? null];
  if (!isText(email)) return undefined;
  if (given === null) return { email, parameters: null };
  return isObject(given) && areParameters(given) ? { email, parameters: given } : undefined;
}

/** RFC 5321 §4.1.2 esmtp-keyword; what is in the value is its reader's affair. */
function areParameters(given: JsonObject): given is Readonly<Record<string, string | null>> {
  const entries = Object.entries(given);
  return (
    entries.length <= PARAMETERS_LIMIT &&
    entries.every(
      ([name, value]) =>
        /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(name) && (value === null || (isText(value) && value.length <= PARAMETER_LIMIT)),
    )
  );
}

type Sender = Pick<ReadEnvelope, 'from' | 'returnContent' | 'envelopeId' | 'isUtf8' | 'releaseAt'>;

function readSender({ email, parameters }: SubmittedAddress, now: number): Sender {
  const { releaseAt, others } = releaseTime(parameters ?? {}, now);
  const read = parseMailParameters(line(others, XTEXT), 0);
  if (!read.ok || releaseAt === undefined) throw badProperties('envelope/mailFrom/parameters');
  const { returnContent, envelopeId } = read.value;
  const common = { returnContent, envelopeId, releaseAt };
  // RFC 8621 §7: the null sender may be allowed; it is for receipts (RFC 8098).
  if (email === '') return { from: '', isUtf8: false, ...common };
  const mailbox = parsed(email);
  if (mailbox === undefined) throw badProperties('envelope/mailFrom/email');
  return { from: mailbox.text, isUtf8: mailbox.isUtf8, ...common };
}

function readRecipients(addresses: readonly SubmittedAddress[], isUtf8: boolean): Pick<ReadEnvelope, 'recipients' | 'isUtf8'> {
  const recipients: EnvelopeRecipient[] = [];
  const bad: string[] = [];
  let needsUtf8 = isUtf8;
  for (const { email, parameters } of addresses) {
    const mailbox = parsed(email);
    const read = parseRcptParameters(line(orcptEncoded(parameters ?? {}), new Set()), 0);
    if (!read.ok) throw badProperties('envelope/rcptTo/parameters');
    if (mailbox === undefined) bad.push(email);
    else recipients.push({ address: mailbox.text, ...read.value });
    needsUtf8 ||= mailbox?.isUtf8 ?? false;
  }
  if (bad.length > 0) throw new SetFault({ type: 'invalidRecipients', invalidRecipients: bad });
  return { recipients, isUtf8: needsUtf8 };
}

function parsed(email: string): Readonly<{ text: string; isUtf8: boolean }> | undefined {
  const mailbox = parseMailbox(email);
  return mailbox.ok ? mailbox.value : undefined;
}

/** As SMTP writes them. SECURITY: a value holds no space or line end, so that it cannot begin another parameter. */
function line(parameters: Readonly<Record<string, string | null>>, xtext: ReadonlySet<string>): string {
  let text = '';
  for (const [name, value] of Object.entries(parameters)) {
    const written = value === null ? null : xtext.has(name.toUpperCase()) ? encodeXtext(value) : value;
    if (written !== null && /[\s\p{Cc}=]/u.test(written)) throw badProperties('envelope');
    text += written === null ? ` ${name}` : ` ${name}=${written}`;
  }
  return text;
}

/** The address behind the type is xtext (RFC 3461 §4.2). */
function orcptEncoded(parameters: Readonly<Record<string, string | null>>): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      const semicolon = value?.indexOf(';') ?? -1;
      if (name.toUpperCase() !== 'ORCPT' || value === null || semicolon < 0) return [name, value];
      return [name, value.slice(0, semicolon + 1) + encodeXtext(value.slice(semicolon + 1))];
    }),
  );
}

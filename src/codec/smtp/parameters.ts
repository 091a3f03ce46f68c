/**
 * The ESMTP parameters of MAIL and RCPT: SIZE (RFC 1870), BODY (RFC 6152,
 * RFC 3030), SMTPUTF8 (RFC 6531), AUTH (RFC 4954 §5), RET, ENVID, NOTIFY and
 * ORCPT (RFC 3461). A parameter given twice or with a value that is not its own
 * is a mistake of the peer (501); one we never offered is unknown (555).
 */
import { decodeXtext } from './xtext.ts';

export type MailParameters = Readonly<{
  /** Octets, as declared. */
  size: number | null;
  body: '7bit' | '8bitmime' | 'binarymime';
  smtpUtf8: boolean;
  /** Who sent it first, in the words of whoever relays it; '<>' for nobody one vouches for. Kept for logs, trusted by nobody. */
  auth: string | null;
  returnContent: 'full' | 'headers' | null;
  envelopeId: string | null;
}>;

export type RcptParameters = Readonly<{
  notify: Readonly<{ never: boolean; success: boolean; failure: boolean; delay: boolean }> | null;
  /** `rfc822;someone@example`, xtext decoded. */
  originalRecipient: string | null;
}>;

/** What is wrong with a command, and the reply code that says so. */
export type SyntaxTrouble = Readonly<{ ok: false; at: number; why: string; code: 501 | 555; status: string }>;
type Read<T> = Readonly<{ ok: true; value: T }> | SyntaxTrouble;

const NO_MAIL: MailParameters = { size: null, body: '7bit', smtpUtf8: false, auth: null, returnContent: null, envelopeId: null };
const NO_RCPT: RcptParameters = { notify: null, originalRecipient: null };

/** RFC 1870 §3. */
const SIZE_DIGITS = 20;
/** RFC 3461 §4.4 and §4.2, octets of xtext. */
const ENVID_OCTETS = 100;
const ORCPT_OCTETS = 500;

/** Reads one value into the draft; a word about what is wrong with it. `value` is undefined where no `=` was given. */
type Reader<Draft> = (draft: Draft, value: string | undefined) => string | undefined;
type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

const MAIL_READERS: ReadonlyMap<string, Reader<Draft<MailParameters>>> = new Map<string, Reader<Draft<MailParameters>>>([
  ['SIZE', readSize],
  ['BODY', readBody],
  [
    'SMTPUTF8',
    (draft, value) => {
      draft.smtpUtf8 = true;
      return value === undefined ? undefined : 'SMTPUTF8 has no value';
    },
  ],
  ['AUTH', readAuth],
  ['RET', readRet],
  ['ENVID', readEnvid],
]);

const RCPT_READERS: ReadonlyMap<string, Reader<Draft<RcptParameters>>> = new Map<string, Reader<Draft<RcptParameters>>>([
  ['NOTIFY', readNotify],
  ['ORCPT', readOrcpt],
]);

export function parseMailParameters(text: string, from: number): Read<MailParameters> {
  if (from >= text.length) return { ok: true, value: NO_MAIL };
  return readParameters(text, from, { draft: { ...NO_MAIL }, readers: MAIL_READERS });
}

export function parseRcptParameters(text: string, from: number): Read<RcptParameters> {
  if (from >= text.length) return { ok: true, value: NO_RCPT };
  return readParameters(text, from, { draft: { ...NO_RCPT }, readers: RCPT_READERS });
}

function readParameters<T>(text: string, from: number, { draft, readers }: { draft: T; readers: ReadonlyMap<string, Reader<T>> }): Read<T> {
  if (text[from] !== ' ') return trouble(from, 'a space is missing before the parameters');
  const seen: string[] = [];
  let at = from;
  for (const word of text.slice(from).split(' ')) {
    const equals = word.indexOf('=');
    const keyword = (equals < 0 ? word : word.slice(0, equals)).toUpperCase();
    // QUIRK: some clients put two spaces between parameters, or one behind the last.
    if (word !== '') {
      const reader = readers.get(keyword);
      if (reader === undefined) return { ok: false, at, why: 'an unknown parameter', code: 555, status: '5.5.4' };
      if (seen.includes(keyword)) return trouble(at, `${keyword} is given twice`);
      seen.push(keyword);
      const why = reader(draft, equals < 0 ? undefined : word.slice(equals + 1));
      if (why !== undefined) return trouble(at, why);
    }
    at += word.length + 1;
  }
  return { ok: true, value: draft };
}

const trouble = (at: number, why: string): SyntaxTrouble => ({ ok: false, at, why, code: 501, status: '5.5.4' });

function readSize(draft: Draft<MailParameters>, value = ''): string | undefined {
  if (value.length > SIZE_DIGITS || !/^\d+$/.test(value)) return 'SIZE is a number of octets';
  draft.size = Number(value);
  return undefined;
}

function readBody(draft: Draft<MailParameters>, value = ''): string | undefined {
  const body = value.toLowerCase();
  if (body !== '7bit' && body !== '8bitmime' && body !== 'binarymime') return 'BODY is 7BIT, 8BITMIME or BINARYMIME';
  draft.body = body;
  return undefined;
}

function readAuth(draft: Draft<MailParameters>, value = ''): string | undefined {
  const auth = decodeXtext(value);
  if (!auth.ok || auth.value === '') return 'AUTH is a mailbox or <>';
  draft.auth = auth.value;
  return undefined;
}

function readRet(draft: Draft<MailParameters>, value = ''): string | undefined {
  const content = value.toUpperCase();
  if (content !== 'FULL' && content !== 'HDRS') return 'RET is FULL or HDRS';
  draft.returnContent = content === 'FULL' ? 'full' : 'headers';
  return undefined;
}

function readEnvid(draft: Draft<MailParameters>, value = ''): string | undefined {
  const envid = decodeXtext(value);
  if (!envid.ok || value === '' || value.length > ENVID_OCTETS) return 'ENVID is xtext of at most 100 characters';
  draft.envelopeId = envid.value;
  return undefined;
}

function readNotify(draft: Draft<RcptParameters>, value = ''): string | undefined {
  const notify = { never: false, success: false, failure: false, delay: false };
  const words = value.toLowerCase().split(',');
  for (const word of words) {
    if (word !== 'never' && word !== 'success' && word !== 'failure' && word !== 'delay')
      return 'NOTIFY is SUCCESS, FAILURE, DELAY or NEVER';
    notify[word] = true;
  }
  if (notify.never && words.length > 1) return 'NEVER stands alone';
  draft.notify = notify;
  return undefined;
}

/** RFC 3461 §4.2; RFC 6533 §3 adds the type `utf-8`, whose UTF-8 the machine lets through only after SMTPUTF8. */
function readOrcpt(draft: Draft<RcptParameters>, value = ''): string | undefined {
  const semicolon = value.indexOf(';');
  const address = decodeXtext(value.slice(semicolon + 1));
  const hasType = semicolon > 0 && /^[A-Za-z0-9-]+$/.test(value.slice(0, semicolon));
  if (!hasType || !address.ok || address.value === '' || Buffer.byteLength(value) > ORCPT_OCTETS)
    return 'ORCPT is a type, a semicolon and xtext';
  draft.originalRecipient = `${value.slice(0, semicolon)};${address.value}`;
  return undefined;
}

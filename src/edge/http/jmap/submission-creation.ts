/** Sending an Email: the creation of an EmailSubmission (RFC 8621 §7.5). */
import { isAscii } from 'node:buffer';
import { badProperties, type SetError, SetFault, setFault } from '../../../codec/jmap/error.ts';
import { numberOf } from '../../../codec/jmap/ids.ts';
import { isText, type JsonObject, member } from '../../../codec/jmap/json.ts';
import { HEADER_LIMIT } from '../../../codec/mime/limits.ts';
import type { EmailId } from '../../../core/ids.ts';
import { isRefusal, type Refusal, refusalRow } from '../../../core/refusal.ts';
import type { Message } from '../../../service/mailboxes/mailboxes.ts';
import { maySend, RECIPIENT_LIMIT } from '../../../service/pipeline/pipeline.ts';
import type { BadRecipients, Identity, Submission } from '../../../service/submissions/submissions.ts';
import type { Call } from './call.ts';
import { derivedEnvelope } from './derived-envelope.ts';
import { setErrorOf } from './phrases.ts';
import { plainEnvelope, type ReadEnvelope, readEnvelope } from './submission-address.ts';
import { submissionObject } from './submission-object.ts';

const GIVEN = ['identityId', 'emailId', 'envelope'];

/** Throws a SetFault; gives what the server set. */
export async function createSubmission(args: JsonObject, object: JsonObject, call: Call): Promise<JsonObject> {
  const strangers = Object.keys(object).filter((name) => !GIVEN.includes(name));
  if (strangers.length > 0) throw badProperties(...strangers.map((name) => name.slice(0, 100)));
  const identity = await identityOf(object, call);
  const message = await messageOf(args, object, call);
  const limit = call.host.messageLimit;
  if (message.size > limit) throw new SetFault({ type: 'tooLarge', maxSize: limit });
  // SECURITY: an app password narrowed to some senders sends as no others; an address may have been taken away, too.
  if (!maySend(call.host.accounts, call.signedIn, identity.record.email))
    throw setFault('forbiddenFrom', 'That is not one of your addresses');
  const header = await message.read(0, Math.min(message.structure.root.bodyStart, HEADER_LIMIT));
  const sent = await send(call, { identity, message, header, envelope: envelopeOf(object, { identity, header, call }) });
  const { identityId: _, emailId: _email, envelope, ...set } = submissionObject(sent);
  return member(object, 'envelope') === undefined || object['envelope'] === null ? { ...set, envelope } : set;
}

async function identityOf(object: JsonObject, call: Call): Promise<Identity> {
  const number = numberMeant('identity', object, call);
  const identity = number === undefined ? undefined : await call.host.identities.find(call.person.account, number);
  if (identity === undefined) throw badProperties('identityId');
  return identity;
}

async function messageOf(args: JsonObject, object: JsonObject, call: Call): Promise<Message> {
  const mail = await call.mail(args);
  const number = numberMeant('email', object, call);
  // One that is hidden is not there (\Deleted everywhere).
  const isThere = number !== undefined && (await mail.index()).get(number as EmailId) !== undefined;
  const [message] = isThere ? await mail.emails([number as EmailId]) : [];
  if (message === undefined) throw badProperties('emailId');
  return message;
}

function numberMeant(kind: 'identity' | 'email', object: JsonObject, call: Call): number | undefined {
  const given = member(object, `${kind}Id`);
  const id = isText(given) ? call.idMeant(given) : undefined;
  return id === undefined ? undefined : numberOf(kind, id);
}

type About = Readonly<{ identity: Identity; header: Buffer; call: Call }>;

function envelopeOf(object: JsonObject, { identity, header, call }: About): ReadEnvelope {
  const given = member(object, 'envelope') ?? null;
  if (given !== null) return readEnvelope(given, { now: call.host.clock.now(), recipientLimit: RECIPIENT_LIMIT });
  const { from, to } = derivedEnvelope(header);
  const { email } = identity.record;
  const sender = from?.toLowerCase() === email.toLowerCase() ? from : email;
  return plainEnvelope(sender ?? email, to, RECIPIENT_LIMIT);
}

type Sending = Readonly<{ identity: Identity; message: Message; header: Buffer; envelope: ReadEnvelope }>;

async function send(call: Call, { identity, message, header, envelope }: Sending): Promise<Submission> {
  const { signedIn, line, host } = call;
  const { submitted, from, recipients, returnContent, envelopeId, releaseAt } = envelope;
  const smtpUtf8 = envelope.isUtf8 || !isAscii(header);
  const body = message.structure.has8Bit ? '8bitmime' : '7bit';
  const sent = await host.sentMail.send({
    signedIn,
    caller: { peer: { ip: line.ip }, tls: null, protocol: line.isSecure ? 'HTTPS' : 'HTTP', signedIn },
    message,
    sender: { from, body, smtpUtf8, returnContent, envelopeId, releaseAt },
    recipients,
    envelope: submitted,
    identity: identity.id,
    email: message.email,
    thread: message.thread,
  });
  if (isRefusal(sent)) throw new SetFault(errorOf(sent, host.messageLimit));
  if ('badRecipients' in sent) throw new SetFault(recipientsError(sent));
  return sent;
}

/** What is wrong with the message itself; other refusals are as elsewhere. */
function errorOf(refusal: Refusal, maxSize: number): SetError {
  const description = refusal.facts['why'] ?? refusalRow(refusal).words;
  switch (refusal.refusal) {
    case 'tooBig':
      return { type: 'tooLarge', description, maxSize };
    case 'badHeader':
    case 'headerTooBig':
      return { type: 'invalidEmail', description, properties: ['headers'] };
    case 'bareLineEnding':
    case 'badMessage':
      return { type: 'invalidEmail', description, properties: ['blobId'] };
    case 'loop':
      return { type: 'invalidEmail', description, properties: ['headers'] };
    default:
      return setErrorOf(refusal);
  }
}

/** Nothing was sent to anybody. */
function recipientsError({ badRecipients }: BadRecipients): SetError {
  if (badRecipients.some(({ refusal }) => refusal.refusal === 'tooManyRecipients'))
    return { type: 'tooManyRecipients', maxRecipients: RECIPIENT_LIMIT };
  const words = new Set(badRecipients.map(({ refusal }) => refusalRow(refusal).words));
  return { type: 'invalidRecipients', description: [...words].join('. '), invalidRecipients: badRecipients.map(({ address }) => address) };
}

/** Email/import (RFC 8621 §4.8): uploaded octets become messages. */
import { badProperties, invalid, MethodError, type SetError } from '../../../../codec/jmap/error.ts';
import { isObject, isText, isUtcDate, type JsonObject } from '../../../../codec/jmap/json.ts';
import type { MailAccount } from '../../../../service/mailboxes/mailboxes.ts';
import { onlyKnown, optional, required } from '../arguments.ts';
import type { Call } from '../call.ts';
import { messagePieces, file } from '../email-creation.ts';
import { keywordsIn, mailboxesIn } from '../email-values.ts';
import { LIMITS } from '../limits.ts';
import type { Method } from '../method.ts';
import { stateText } from '../standard-changes.ts';
import { attempt, orNull } from '../standard-set.ts';

const PROPERTIES: readonly string[] = ['blobId', 'mailboxIds', 'keywords', 'receivedAt'];

export const emailImport: Method = {
  name: 'Email/import',
  capability: 'urn:ietf:params:jmap:mail',
  run: async (args, call) => {
    const mail = await call.mail(args);
    onlyKnown(args, ['accountId', 'ifInState', 'emails']);
    const emails = required(args, 'emails', isObject);
    if (Object.keys(emails).length > LIMITS.maxObjectsInSet) throw new MethodError('requestTooLarge', 'more emails than maxObjectsInSet');
    const oldState = stateText((await mail.index()).state);
    const ifInState = optional(args, 'ifInState', isText, null);
    if (ifInState !== null && ifInState !== oldState) throw new MethodError('stateMismatch');
    const created: Record<string, JsonObject> = {};
    const notCreated: Record<string, SetError> = {};
    for (const [creationId, email] of Object.entries(emails)) {
      if (!isObject(email)) throw invalid('what is imported must be an object');
      const outcome = await attempt(() => importOne(mail, email, call));
      if ('error' in outcome) notCreated[creationId] = outcome.error;
      else {
        created[creationId] = outcome.value;
        call.created(creationId, String(outcome.value['id']));
      }
    }
    const newState = stateText((await mail.index()).state);
    return { accountId: args['accountId'], oldState, newState, created: orNull(created), notCreated: orNull(notCreated) };
  },
};

async function importOne(mail: MailAccount, email: JsonObject, call: Call): Promise<JsonObject> {
  const stranger = Object.keys(email).filter((name) => !PROPERTIES.includes(name));
  if (stranger.length > 0) throw badProperties(...stranger);
  const { blobId, receivedAt } = email;
  if (!isText(blobId)) throw badProperties('blobId');
  if (receivedAt !== undefined && !isUtcDate(receivedAt)) throw badProperties('receivedAt');
  const into = mailboxesIn(email['mailboxIds'], call);
  if (into.some((mailbox) => mail.byId(mailbox) === undefined)) throw badProperties('mailboxIds');
  const keywords = keywordsIn(email['keywords']);
  const pieces = await messagePieces(mail, call.idMeant(blobId) ?? blobId);
  return file(mail, pieces, { into, keywords, receivedAt: receivedAt === undefined ? null : Date.parse(receivedAt) });
}

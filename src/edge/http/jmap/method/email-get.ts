/** Email/get (RFC 8621 §4.2). */
import { invalid } from '../../../../codec/jmap/error.ts';
import { idOf } from '../../../../codec/jmap/ids.ts';
import type { JsonObject } from '../../../../codec/jmap/json.ts';
import { type IndexedEmail, type Message, MessageGone } from '../../../../service/mailboxes/mailboxes.ts';
import { EMAIL_ARGUMENTS, type EmailAsk, emailAsk } from '../email-ask.ts';
import { renderEmail } from '../email-render.ts';
import { knownEmails } from '../known-emails.ts';
import type { Method } from '../method.ts';
import { stateText } from '../standard-changes.ts';
import { getAsk } from '../standard-get.ts';

export const emailGet: Method = {
  name: 'Email/get',
  capability: 'urn:ietf:params:jmap:mail',
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = emailAsk(args, 'get');
    const { ids } = getAsk(args, () => true, EMAIL_ARGUMENTS);
    // There is no end to them; every client asks by id.
    if (ids === null) throw invalid('"ids" must be given');
    const index = await mail.index();
    const state = stateText(index.state);
    const list: JsonObject[] = [];
    const notFound: string[] = [];
    for await (const { id, email } of knownEmails(mail, index, ids)) {
      const shown = email === undefined ? undefined : await shownEmail(email.message, email.facts, ask);
      if (shown === undefined) notFound.push(id);
      else list.push(shown);
    }
    return { accountId: args['accountId'], state, list, notFound };
  },
};

/** Undefined for what was destroyed while we read. */
async function shownEmail(message: Message, facts: IndexedEmail, ask: EmailAsk): Promise<JsonObject | undefined> {
  try {
    return await renderEmail(message, ask, {
      id: idOf('email', facts.email),
      blob: { of: 'email', number: facts.email },
      threadId: idOf('thread', facts.thread),
      mailboxIds: Object.fromEntries(facts.mailboxes.map((mailbox) => [idOf('mailbox', mailbox), true as const])),
      keywords: Object.fromEntries(facts.keywords.map((keyword) => [keyword, true as const])),
      receivedAt: facts.receivedAt,
    });
  } catch (error) {
    if (error instanceof MessageGone) return undefined;
    throw error;
  }
}

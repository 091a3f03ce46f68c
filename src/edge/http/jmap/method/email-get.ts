/** Email/get (RFC 8621 §4.2). */
import { invalid } from '../../../../codec/jmap/error.ts';
import { idOf, numberOf } from '../../../../codec/jmap/ids.ts';
import type { JsonObject } from '../../../../codec/jmap/json.ts';
import type { EmailId } from '../../../../core/ids.ts';
import { type IndexedEmail, MESSAGES_AT_ONCE, type Message, MessageGone } from '../../../../service/mailboxes/mailboxes.ts';
import { EMAIL_ARGUMENTS, type EmailAsk, emailAsk } from '../email-ask.ts';
import { renderEmail } from '../email-render.ts';
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
    for (let at = 0; at < ids.length; at += MESSAGES_AT_ONCE) {
      const page = ids.slice(at, at + MESSAGES_AT_ONCE);
      const known = page.map((id) => index.get(numberOf<EmailId>('email', id) ?? (0 as EmailId)));
      const wanted = known.flatMap((one) => (one === undefined ? [] : [one.email]));
      const messages = new Map((await mail.emails(wanted)).map((message) => [message.email, message]));
      for (const [row, id] of page.entries()) {
        const facts = known[row];
        const shown = facts === undefined ? undefined : await shownEmail(messages.get(facts.email), facts, ask);
        if (shown === undefined) notFound.push(id);
        else list.push(shown);
      }
    }
    return { accountId: args['accountId'], state, list, notFound };
  },
};

/** Undefined for what was destroyed while we read. */
async function shownEmail(message: Message | undefined, facts: IndexedEmail, ask: EmailAsk): Promise<JsonObject | undefined> {
  if (message === undefined) return undefined;
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

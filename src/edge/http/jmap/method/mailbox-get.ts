/** Mailbox/get (RFC 8621 §2.1). */
import { numberOf } from '../../../../codec/jmap/ids.ts';
import type { JsonObject } from '../../../../codec/jmap/json.ts';
import type { MailboxId } from '../../../../core/ids.ts';
import type { MailboxInfo } from '../../../../service/mailboxes/mailboxes.ts';
import { MAILBOX_PROPERTIES, mailboxObject } from '../mailbox-object.ts';
import { ordersOf } from '../mailbox-orders.ts';
import type { Method } from '../method.ts';
import { stateText } from '../standard-changes.ts';
import { getAnswer, getAsk } from '../standard-get.ts';

const isProperty = (name: string): boolean => (MAILBOX_PROPERTIES as readonly string[]).includes(name);

export const mailboxGet: Method = {
  name: 'Mailbox/get',
  capability: 'urn:ietf:params:jmap:mail',
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = getAsk(args, isProperty);
    const [index, orders] = await Promise.all([mail.index(), ordersOf(call.host, mail.account)]);
    const object = (info: MailboxInfo): JsonObject => mailboxObject(info, index.counts(info.mailbox), orders);
    return getAnswer(ask, {
      accountId: args['accountId'],
      state: stateText(index.state),
      all: () => mail.list().map(object),
      one: (id) => {
        const mailbox = numberOf<MailboxId>('mailbox', id);
        const info = mailbox === undefined ? undefined : mail.byId(mailbox);
        return info === undefined ? undefined : object(info);
      },
    });
  },
};

/** Thread/get and /changes (RFC 8621 §3). */
import { idOf, numberOf } from '../../../../codec/jmap/ids.ts';
import type { ThreadId } from '../../../../core/ids.ts';
import { invalid } from '../../../../codec/jmap/error.ts';
import type { Method } from '../method.ts';
import { changesAnswer, changesAsk, stateText } from '../standard-changes.ts';
import { getAnswer, getAsk } from '../standard-get.ts';

export const threadGet: Method = {
  name: 'Thread/get',
  capability: 'urn:ietf:params:jmap:mail',
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = getAsk(args, (name) => name === 'emailIds');
    // There is no end to them; every client asks by id.
    if (ask.ids === null) throw invalid('"ids" must be given');
    const index = await mail.index();
    return getAnswer(ask, {
      accountId: args['accountId'],
      state: stateText(index.state),
      all: () => [],
      one: (id) => {
        const thread = numberOf<ThreadId>('thread', id);
        const emails = thread === undefined ? [] : index.emailsOf(thread);
        return emails.length === 0 ? undefined : { id, emailIds: emails.map((email) => idOf('email', email)) };
      },
    });
  },
};

export const threadChanges: Method = {
  name: 'Thread/changes',
  capability: 'urn:ietf:params:jmap:mail',
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = changesAsk(args);
    const changed = await (await mail.index()).threadChanges(ask.since, ask.max);
    return changesAnswer(args['accountId'], ask, { changed, text: (id) => idOf('thread', id) });
  },
};

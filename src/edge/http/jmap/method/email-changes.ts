/** Email/changes (RFC 8621 §4.3). */
import { idOf } from '../../../../codec/jmap/ids.ts';
import type { Method } from '../method.ts';
import { changesAnswer, changesAsk } from '../standard-changes.ts';

export const emailChanges: Method = {
  name: 'Email/changes',
  capability: 'urn:ietf:params:jmap:mail',
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = changesAsk(args);
    const changed = await (await mail.index()).emailChanges(ask.since, ask.max);
    return changesAnswer(args['accountId'], ask, { changed, text: (id) => idOf('email', id) });
  },
};

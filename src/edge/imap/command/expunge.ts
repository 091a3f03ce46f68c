/** EXPUNGE and UID EXPUNGE (RFC 9051 §6.4.3, §6.4.9). What is gone is told by the session, as any expunge is. */
import { readNothing } from '../../../codec/imap/command/bare.ts';
import { readUidExpunge } from '../../../codec/imap/command/uid-expunge.ts';
import { ok } from '../answer.ts';
import { readOnly } from '../phrases.ts';
import { row } from '../row.ts';
import { uidSet } from '../uid-set.ts';
import { MAX_UID } from './select.ts';

export const expunge = row({
  name: 'EXPUNGE',
  when: 'selected',
  read: readNothing,
  async run({ selected }) {
    if (selected.isReadOnly) return readOnly();
    await selected.open.expunge([[1, MAX_UID]], true);
    return ok('Expunged');
  },
});

export const uidExpunge = row({
  name: 'UID EXPUNGE',
  when: 'selected',
  read: readUidExpunge,
  async run({ selected }, { set }) {
    if (selected.isReadOnly) return readOnly();
    const uids = selected.uidsOf(set, true);
    if (uids.length > 0) await selected.open.expunge(uidSet(uids), true);
    return ok('Expunged');
  },
});

/** A search as the client wrote it, in the terms of the mail API: numbers become uids, flags become bits. */
import type { SearchKey } from '../../codec/imap/command/search.ts';
import { DAY_MS } from '../../codec/imap/date.ts';
import type { Criterion } from '../../service/mailboxes/mailboxes.ts';
import { bitOf } from './flag-words.ts';
import type { View } from './view.ts';

const ALL: Criterion = { by: 'all' };
const NONE: Criterion = { by: 'uids', uids: [] };

/** Recursion is bounded where the search was read (codec/imap/command/search.ts). */
export function criterionOf(key: SearchKey, view: View): Criterion {
  switch (key.by) {
    case 'and':
    case 'or':
      return { by: key.by, of: key.of.map((inner) => criterionOf(inner, view)) };
    case 'not':
      return { by: 'not', of: criterionOf(key.of, view) };
    case 'numbers':
    case 'uids':
      return { by: 'uids', uids: view.rangesOf(key.set, key.by === 'uids') };
    case 'flag':
      return { by: 'flag', flag: bitOf(key.flag), set: key.set };
    case 'keyword':
      return { by: 'keyword', keyword: key.flag, set: key.set };
    case 'received':
    case 'sent':
      return { by: key.by, when: key.when, day: key.day * DAY_MS };
    // Nothing is \Recent here (IMAP4rev2 gave it up): nothing is new, everything is old.
    case 'new':
    case 'recent':
      return NONE;
    case 'old':
    case 'all':
      return ALL;
    default:
      return key;
  }
}

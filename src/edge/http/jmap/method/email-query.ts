/** Email/query and /queryChanges (RFC 8621 §4.4, §4.5). */
import { MethodError } from '../../../../codec/jmap/error.ts';
import { idOf, numberOf } from '../../../../codec/jmap/ids.ts';
import { bodyLists, bodyTree, hasAttachment } from '../../../../codec/jmap/object/body-lists.ts';
import { type JsonObject, isBoolean } from '../../../../codec/jmap/json.ts';
import type { EmailId } from '../../../../core/ids.ts';
import type { MailIndex } from '../../../../service/mailboxes/mailboxes.ts';
import { optional } from '../arguments.ts';
import { type EmailCondition, emailCondition } from '../email-filter.ts';
import type { EmailQueryAsk } from '../email-results.ts';
import { EMAIL_SORTS } from '../email-sorts.ts';
import { CHANGES_LIMIT } from '../limits.ts';
import type { Method } from '../method.ts';
import { readState, stateText } from '../standard-changes.ts';
import { queryAnswer, queryAsk, queryChangesAnswer, queryChangesAsk, type QueryKind } from '../standard-query.ts';

export const EMAIL_QUERY: QueryKind<EmailCondition> = {
  condition: (value) => emailCondition(value, (structure) => hasAttachment(bodyLists(bodyTree(structure.root)))),
  sorts: EMAIL_SORTS,
  more: ['collapseThreads'],
};

/** What makes a query the same query. */
const keyOf = ({ filter, sort, collapseThreads }: JsonObject): string => JSON.stringify([filter, sort, collapseThreads]);
/** No message has this id. */
const NOBODY = 0 as EmailId;
const collapses = (args: JsonObject): boolean => optional(args, 'collapseThreads', isBoolean, false);
const textIds = (emails: readonly EmailId[]): readonly string[] => emails.map((email) => idOf('email', email));

export const emailQuery: Method = {
  name: 'Email/query',
  capability: 'urn:ietf:params:jmap:mail',
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = queryAsk(args, EMAIL_QUERY);
    const collapseThreads = collapses(args);
    const index = await mail.index();
    const queryState = stateText(index.state);
    const ids = await call.queries.results(mail, index, { ask: { ...ask, collapseThreads }, key: keyOf(args) });
    const answer = queryAnswer(args['accountId'], ask, {
      ids,
      text: (email) => idOf('email', email),
      anchorAt: (anchor) => ids.indexOf(numberOf('email', anchor) ?? NOBODY),
      queryState,
      canCalculateChanges: true,
    });
    return { ...answer, collapseThreads };
  },
};

export const emailQueryChanges: Method = {
  name: 'Email/queryChanges',
  capability: 'urn:ietf:params:jmap:mail',
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = queryChangesAsk(args, EMAIL_QUERY);
    const collapseThreads = collapses(args);
    const index = await mail.index();
    const { touched, created, newQueryState } = await touchedSince(index, ask.sinceQueryState, { ...ask, collapseThreads });
    const ids = textIds(await call.queries.results(mail, index, { ask: { ...ask, collapseThreads }, key: keyOf(args) }));
    return { ...queryChangesAnswer(args['accountId'], ask, { ids, touched, created, newQueryState }), collapseThreads };
  },
};

type Touched = Readonly<{ touched: ReadonlySet<string>; created: ReadonlySet<string>; newQueryState: string }>;

/**
 * What may have moved: whatever changed, and with it the rest of its
 * conversation where the filter, the sort or the collapsing looks at
 * conversations. Of a conversation nothing counts as new then: an older
 * message of it may have stood for it before.
 */
async function touchedSince(index: MailIndex, sinceText: string, ask: EmailQueryAsk): Promise<Touched> {
  const since = readState(sinceText);
  const changed = since === undefined ? undefined : await index.emailChanges(since, CHANGES_LIMIT);
  if (changed === undefined || changed.hasMoreChanges) throw new MethodError('cannotCalculateChanges');
  const touched = new Set<string>(textIds([...changed.created, ...changed.updated, ...changed.destroyed]));
  const created = new Set<string>(textIds(changed.created));
  const destroyedSome = changed.destroyed.length > 0;
  if (looksAtThreads(ask)) {
    for (const email of [...changed.created, ...changed.updated]) for (const one of index.thread(email)) touched.add(idOf('email', one));
    // Whose conversation a destroyed message was in is no longer known to the index: any may have moved.
    if (destroyedSome) for (const email of await survivors(index, since ?? { epoch: 0, modseq: 0 })) touched.add(idOf('email', email));
  }
  return { touched, created, newQueryState: stateText(changed.newState) };
}

/** Messages of conversations that lost one. */
async function survivors(index: MailIndex, since: Parameters<MailIndex['threadChanges']>[0]): Promise<readonly EmailId[]> {
  const changed = await index.threadChanges(since, CHANGES_LIMIT);
  if (changed === undefined || changed.hasMoreChanges) throw new MethodError('cannotCalculateChanges');
  return [...changed.created, ...changed.updated].flatMap((thread) => index.emailsOf(thread));
}

const looksAtThreads = ({ collapseThreads, sort, filter }: EmailQueryAsk): boolean =>
  collapseThreads || sort.some(({ property }) => property.includes('InThread')) || filter !== null;

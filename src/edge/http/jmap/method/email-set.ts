/** Email/set (RFC 8621 §4.6). */
import { badProperties, type SetError, setFault } from '../../../../codec/jmap/error.ts';
import { idOf, numberOf } from '../../../../codec/jmap/ids.ts';
import type { JsonObject } from '../../../../codec/jmap/json.ts';
import { patched } from '../../../../codec/jmap/patch.ts';
import type { EmailId } from '../../../../core/ids.ts';
import { isRefusal, type Refusal } from '../../../../core/refusal.ts';
import type { EmailUpdate, IndexedEmail, MailAccount, MailIndex } from '../../../../service/mailboxes/mailboxes.ts';
import type { Call } from '../call.ts';
import { createEmail } from '../email-creation.ts';
import { keywordsIn, mailboxesIn } from '../email-values.ts';
import type { Method } from '../method.ts';
import { setErrorOf } from '../phrases.ts';
import { stateText } from '../standard-changes.ts';
import { attempt, type Outcome, runSet, setAsk, type Update } from '../standard-set.ts';

export const emailSet: Method = {
  name: 'Email/set',
  capability: 'urn:ietf:params:jmap:mail',
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = setAsk(args);
    return runSet(args, ask, {
      call,
      setter: {
        state: async () => stateText((await mail.index()).state),
        create: (object) => createEmail(mail, object, call),
        update: () => null,
        updateMany: (updates) => updateEmails(mail, updates, call),
        destroy: () => undefined,
        destroyMany: (ids) => destroyEmails(mail, ids),
      },
    });
  },
};

async function updateEmails(mail: MailAccount, updates: readonly Update[], call: Call): Promise<readonly Outcome<null>[]> {
  const index = await mail.index();
  const outcomes: Outcome<null>[] = [];
  const asked: { at: number; update: EmailUpdate }[] = [];
  for (const [at, update] of updates.entries()) {
    const read = await attempt(() => readUpdate(index, update, call));
    outcomes[at] = 'error' in read ? read : { value: null };
    if ('value' in read) asked.push({ at, update: read.value });
  }
  const done = await mail.updateEmails(asked.map(({ update }) => update));
  for (const [row, { at }] of asked.entries()) {
    const refused = done[row];
    if (isRefusal(refused)) outcomes[at] = { error: updateError(refused) };
  }
  return outcomes;
}

/** A mailbox that is not there, or none at all, is a wrong property; the email itself is there. */
const updateError = (refused: Refusal): SetError =>
  refused.refusal === 'mailboxGone' || refused.refusal === 'badValue'
    ? { type: 'invalidProperties', properties: ['mailboxIds'] }
    : setErrorOf(refused);

/** What can be changed: keywords and mailboxes. Everything else may be named only with the value it has. */
function readUpdate(index: MailIndex, { id, patch }: Update, call: Call): EmailUpdate {
  const email = index.get(numberOf<EmailId>('email', id) ?? (0 as EmailId));
  if (email === undefined) throw setFault('notFound');
  const before = changeable(email);
  const other = Object.keys(patch).filter((path) => !/^(?:keywords|mailboxIds)(?:\/|$)/.test(path));
  const wrong = other.filter((name) => !isUnchanged(name, patch[name], { id, email }));
  if (wrong.length > 0) throw badProperties(...wrong);
  const changes = Object.fromEntries(Object.entries(patch).filter(([path]) => !other.includes(path)));
  const after = patched(before, resolvedPaths(changes, call));
  return {
    email: email.email,
    ...(after['keywords'] === before.keywords ? {} : { keywords: { set: keywordsIn(after['keywords']) } }),
    ...(after['mailboxIds'] === before.mailboxIds ? {} : { mailboxes: { set: mailboxesIn(after['mailboxIds'], call) } }),
  };
}

function changeable({ keywords, mailboxes }: IndexedEmail): Readonly<{ keywords: JsonObject; mailboxIds: JsonObject }> {
  return {
    keywords: Object.fromEntries(keywords.map((keyword) => [keyword, true])),
    mailboxIds: Object.fromEntries(mailboxes.map((mailbox) => [idOf('mailbox', mailbox), true])),
  };
}

const isUnchanged = (name: string, value: unknown, { id, email }: Readonly<{ id: string; email: IndexedEmail }>): boolean =>
  (name === 'id' && value === id) ||
  (name === 'threadId' && value === idOf('thread', email.thread)) ||
  (name === 'size' && value === email.size);

/** `mailboxIds/#k1` names a mailbox made in the same request; keywords have no case. */
function resolvedPaths(patch: JsonObject, call: Call): JsonObject {
  const paths: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(patch)) {
    const slash = path.indexOf('/');
    const [property, name] = slash < 0 ? [path, ''] : [path.slice(0, slash), path.slice(slash + 1)];
    if (slash >= 0 && value !== true && value !== null) throw badProperties(path);
    if (slash < 0) paths[path] = value ?? {};
    else if (property === 'keywords') paths[`keywords/${name.toLowerCase()}`] = value;
    else paths[`mailboxIds/${call.idMeant(name) ?? name}`] = value;
  }
  return paths;
}

async function destroyEmails(mail: MailAccount, ids: readonly string[]): Promise<readonly Outcome<void>[]> {
  const index = await mail.index();
  const emails = ids.map((id) => index.get(numberOf<EmailId>('email', id) ?? (0 as EmailId))?.email);
  const known = emails.flatMap((email) => email ?? []);
  const done = await mail.destroyEmails(known);
  let row = 0;
  return emails.map((email): Outcome<void> => {
    if (email === undefined) return { error: { type: 'notFound' } };
    const refused = done[row++];
    return isRefusal(refused) ? { error: setErrorOf(refused) } : { value: undefined };
  });
}

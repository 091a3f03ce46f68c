/** SearchSnippet/get (RFC 8621 §5): where the words of a filter stand in subject and text. */
import { invalid, MethodError } from '../../../../codec/jmap/error.ts';
import { isObject, isText, isTextList, type JsonObject } from '../../../../codec/jmap/json.ts';
import { marked, snippet, wordRanges } from '../../../../codec/jmap/marked-text.ts';
import { bodyLists, bodyTree } from '../../../../codec/jmap/object/body-lists.ts';
import { bodyValue, sourceOctets } from '../../../../codec/jmap/object/body-value.ts';
import { searchTokens } from '../../../../codec/jmap/search-text.ts';
import { decodedHeader } from '../../../../codec/mime/encoded-word.ts';
import { htmlText } from '../../../../codec/mime/html-text.ts';
import { type Message, MessageGone } from '../../../../service/mailboxes/mailboxes.ts';
import { onlyKnown, optional, required } from '../arguments.ts';
import { EmailReader } from '../email-source.ts';
import { knownEmails } from '../known-emails.ts';
import { LIMITS, SNIPPET_TEXT } from '../limits.ts';
import type { Method } from '../method.ts';
import { conditionsOf, queryAsk } from '../standard-query.ts';
import { EMAIL_QUERY } from './email-query.ts';

/** Words to be marked in the subject, and in the text. */
type Words = Readonly<{ subject: readonly string[]; body: readonly string[] }>;

export const searchSnippetGet: Method = {
  name: 'SearchSnippet/get',
  capability: 'urn:ietf:params:jmap:mail',
  run: async (args, call) => {
    const mail = await call.mail(args);
    onlyKnown(args, ['accountId', 'filter', 'emailIds']);
    const emailIds = [...new Set(required(args, 'emailIds', isTextList))];
    if (emailIds.length > LIMITS.maxObjectsInGet) throw new MethodError('requestTooLarge', 'more ids than maxObjectsInGet');
    const words = wordsOf(args);
    const index = await mail.index();
    const list: JsonObject[] = [];
    const notFound: string[] = [];
    for await (const { id, email } of knownEmails(mail, index, emailIds)) {
      const shown = email === undefined ? undefined : await snippetOf(email.message, words);
      if (shown === undefined) notFound.push(id);
      else list.push({ emailId: id, ...shown });
    }
    return { accountId: args['accountId'], list, notFound: notFound.length === 0 ? null : notFound };
  },
};

/** The filter is read as Email/query reads it, so that it has the same faults. */
function wordsOf(args: JsonObject): Words {
  const filter = optional(args, 'filter', isObject, null);
  if (args['filter'] !== null && args['filter'] !== undefined && filter === null) throw invalid('"filter" is of the wrong type');
  const { filter: read } = queryAsk({ filter }, EMAIL_QUERY);
  const words = { subject: new Set<string>(), body: new Set<string>() };
  for (const { given } of conditionsOf(read)) {
    for (const name of ['text', 'subject'] as const)
      if (isText(given[name])) for (const token of searchTokens(given[name])) words.subject.add(token);
    for (const name of ['text', 'body'] as const)
      if (isText(given[name])) for (const token of searchTokens(given[name])) words.body.add(token);
  }
  return { subject: [...words.subject], body: [...words.body] };
}

async function snippetOf(
  message: Message,
  words: Words,
): Promise<Readonly<{ subject: string | null; preview: string | null }> | undefined> {
  const subject = decodedHeader(message.structure.envelope.subject ?? '');
  const ranges = wordRanges(subject, words.subject);
  try {
    return { subject: ranges.length === 0 ? null : marked(subject, ranges), preview: await previewOf(message, words.body) };
  } catch (error) {
    // Destroyed while we read.
    if (error instanceof MessageGone) return undefined;
    throw error;
  }
}

/** The first text part in which a word stands, as far as it is looked at. */
async function previewOf(message: Message, words: readonly string[]): Promise<string | null> {
  if (words.length === 0) return null;
  const reader = new EmailReader(message);
  for (const { part } of bodyLists(bodyTree(message.structure.root)).textBody) {
    if (part.type !== 'text') continue;
    const { octets, isCut } = await reader.decoded(part, sourceOctets(SNIPPET_TEXT));
    const { value } = bodyValue(part, octets, { isCut, limit: SNIPPET_TEXT });
    const found = snippet(part.subtype === 'html' ? htmlText(value, SNIPPET_TEXT) : value, words);
    if (found !== null) return found;
  }
  return null;
}

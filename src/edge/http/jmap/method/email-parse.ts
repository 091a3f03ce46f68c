/** Email/parse (RFC 8621 §4.9): octets shown as an Email that is nowhere. */
import { readBlobId } from '../../../../codec/jmap/blob-id.ts';
import { MethodError } from '../../../../codec/jmap/error.ts';
import { isTextList, type JsonObject } from '../../../../codec/jmap/json.ts';
import { onlyKnown, required } from '../arguments.ts';
import { gathered, openBlob } from '../blobs.ts';
import { EMAIL_ARGUMENTS, type EmailAsk, emailAsk } from '../email-ask.ts';
import { renderEmail } from '../email-render.ts';
import { sourceOf } from '../email-source.ts';
import { LIMITS, PARSED_BYTES } from '../limits.ts';
import type { Method } from '../method.ts';

export const emailParse: Method = {
  name: 'Email/parse',
  capability: 'urn:ietf:params:jmap:mail',
  run: async (args, call) => {
    const mail = await call.mail(args);
    onlyKnown(args, ['accountId', 'blobIds', 'properties', ...EMAIL_ARGUMENTS]);
    const ask = emailAsk(args, 'parse');
    const blobIds = [...new Set(required(args, 'blobIds', isTextList))];
    if (blobIds.length > LIMITS.maxObjectsInGet) throw new MethodError('requestTooLarge', 'more ids than maxObjectsInGet');
    const parsed: Record<string, JsonObject> = {};
    const notParsable: string[] = [];
    const notFound: string[] = [];
    for (const given of blobIds) {
      const id = call.idMeant(given) ?? given;
      const blob = readBlobId(id);
      const open = blob === undefined ? undefined : await openBlob(mail, id);
      if (blob === undefined || open === undefined) {
        notFound.push(given);
        continue;
      }
      const octets = await gathered(open, PARSED_BYTES + 1);
      const shown = octets.length > PARSED_BYTES ? undefined : await shownMessage(octets, ask, blob);
      if (shown === undefined) notParsable.push(given);
      else parsed[given] = shown;
    }
    const orNull = <Value>(value: Value, count: number): Value | null => (count === 0 ? null : value);
    return {
      accountId: args['accountId'],
      parsed: orNull(parsed, Object.keys(parsed).length),
      notParsable: orNull(notParsable, notParsable.length),
      notFound: orNull(notFound, notFound.length),
    };
  },
};

/** A header with not one field, or none before the text, is no message. */
async function shownMessage(
  octets: Buffer,
  ask: EmailAsk,
  blob: NonNullable<ReturnType<typeof readBlobId>>,
): Promise<JsonObject | undefined> {
  if (!/^[!-9;-~]{1,76}[ \t]*:/.test(octets.toString('latin1', 0, 128))) return undefined;
  return renderEmail(sourceOf(octets), ask, { id: null, blob, threadId: null, mailboxIds: null, keywords: null, receivedAt: null });
}

/** The EmailSubmission object (RFC 8621 §7) as shown. */
import { idOf } from '../../../codec/jmap/ids.ts';
import type { JsonObject } from '../../../codec/jmap/json.ts';
import type { Submission } from '../../../service/submissions/submissions.ts';

export const SUBMISSION_PROPERTIES = [
  'id',
  'identityId',
  'emailId',
  'threadId',
  'envelope',
  'sendAt',
  'undoStatus',
  'deliveryStatus',
  'dsnBlobIds',
  'mdnBlobIds',
] as const;

/** UTCDate (RFC 8620 §1.4). */
export const utcDate = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

export function submissionObject({ id, record }: Submission): JsonObject {
  const { identity, email, thread, envelope, sendAt, undoStatus, delivery } = record;
  const statuses = envelope.rcptTo.flatMap(({ email: to }, at) => {
    const status = delivery[at];
    return status === undefined ? [] : [[to, { ...status, displayed: 'unknown' }] as const];
  });
  return {
    id: idOf('submission', id),
    identityId: idOf('identity', identity),
    emailId: idOf('email', email),
    threadId: idOf('thread', thread),
    envelope,
    sendAt: utcDate(sendAt),
    undoStatus,
    deliveryStatus: statuses.length === 0 ? null : Object.fromEntries(statuses),
    dsnBlobIds: [],
    mdnBlobIds: [],
  };
}

/**
 * Blob/copy and Email/copy (RFC 8620 §6.3, §5.4; RFC 8621 §4.7). Nobody has a
 * second account here yet, so there is nothing to copy from: accounts that are
 * not the caller's do not exist, and from an account to itself is no copy.
 */
import { invalid } from '../../../../codec/jmap/error.ts';
import type { JsonObject } from '../../../../codec/jmap/json.ts';
import type { Call } from '../call.ts';
import type { Method } from '../method.ts';

function copyNothing(args: JsonObject, call: Call): never {
  call.accountId(args, 'fromAccountId');
  call.accountId(args, 'accountId');
  throw invalid('"fromAccountId" and "accountId" must be two accounts');
}

export const blobCopy: Method = { name: 'Blob/copy', capability: 'urn:ietf:params:jmap:core', run: copyNothing };
export const emailCopy: Method = { name: 'Email/copy', capability: 'urn:ietf:params:jmap:mail', run: copyNothing };

/**
 * What was handed in and has no place yet (RFC 8620 §6.1): kept a day, sealed
 * like a message body under a key of its own. Layout of the meta before
 * sealing: version (1) | body key (32) | the media type.
 */
import { Buffer } from 'node:buffer';
import type { Command } from '../../core/command.ts';
import type { AccountId, UploadId } from '../../core/ids.ts';
import type { OwnerKey } from '../../core/ports/keyring.ts';
import type { AccountHandle } from '../../core/ports/store.ts';
import { openRange, sealedRange } from '../../lib/body-cipher.ts';
import { KEY_BYTES } from '../../lib/seal.ts';
import type { Upload } from './mailboxes.ts';
import type { StagedEmail } from './staging.ts';

const VERSION = 1;
const TYPE_AT = 1 + KEY_BYTES;
/** Octets of a media type; longer ones are nobody's. */
export const MEDIA_TYPE_LIMIT = 255;

const context = (account: AccountId, upload: UploadId): string => `upload/${account}/${upload}`;

type Owner = Readonly<{ handle: AccountHandle; key: OwnerKey }>;

export function addUploadCommand(
  { handle, key }: Owner,
  upload: UploadId,
  what: Readonly<{ staged: StagedEmail; type: string; at: number }>,
): Extract<Command, { do: 'addUpload' }> {
  const { body, bodyKey, size } = what.staged;
  const plain = Buffer.concat([Uint8Array.of(VERSION), bodyKey, Buffer.from(what.type).subarray(0, MEDIA_TYPE_LIMIT)]);
  return { do: 'addUpload', upload, body, size, at: what.at, meta: key.seal(plain, context(handle.account, upload)) };
}

/** Undefined when there is none, or it is not this account's. */
export async function openUpload({ handle, key }: Owner, upload: UploadId): Promise<Upload | undefined> {
  const row = await handle.read({ ask: 'upload', upload });
  const plain = row === undefined ? undefined : key.open(row.meta, context(handle.account, upload));
  if (row === undefined || plain === undefined || plain[0] !== VERSION) return undefined;
  const { size } = row;
  const bodyKey = plain.subarray(1, TYPE_AT);
  return {
    upload,
    size,
    type: plain.toString('utf8', TYPE_AT),
    read: async (from, to) => {
      const [first, last] = [Math.max(0, from), Math.min(to, size)];
      if (first >= last) return Buffer.alloc(0);
      const range = sealedRange(first, last, size);
      const sealed = await handle.readUpload(upload, range.from, range.to);
      return sealed === undefined ? undefined : openRange(bodyKey, sealed, { from: first, to: last, size });
    },
  };
}

/** A file that the config names, read up to a bound. Folders, devices and pipes are no such file: some have no end, some never begin. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { reason } from './reason.ts';

/** `what` is a sentence. */
export type SmallFile = Readonly<{ ok: true; text: string }> | Readonly<{ ok: false; what: string }>;

/** @param limit octets */
export function readSmallFile(file: string, limit: number): SmallFile {
  try {
    // Not blocking: opening a pipe would wait for somebody who writes into it.
    const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return readUpTo(handle, file, limit);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    return { ok: false, what: `${file} cannot be read (${reason(error)}).` };
  }
}

function readUpTo(handle: number, file: string, limit: number): SmallFile {
  if (!fstatSync(handle).isFile()) return { ok: false, what: `${file} is not a file.` };
  const bytes = Buffer.alloc(limit + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length <= limit; length += read) read = readSync(handle, bytes, length, bytes.length - length, null);
  return length > limit
    ? { ok: false, what: `${file} has more than ${limit} octets: it is another file.` }
    : { ok: true, text: bytes.toString('utf8', 0, length) };
}

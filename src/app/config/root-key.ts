/**
 * The root key's file: found, made when absent, and refused when it lies where
 * it protects nothing. What it protects against is a stolen or discarded disk,
 * a backup in the wrong hands and a copied data folder.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { reason } from './reason.ts';

export const ROOT_KEY_BYTES = 32;
/** Anybody but the owner: group and others, any right. */
const OTHERS_MODE = 0o077;

/** `what` and `remedy` are sentences for the operator. */
export type RootKey = Readonly<{ ok: true; key: Uint8Array; isNew: boolean }> | Readonly<{ ok: false; what: string; remedy: string }>;

export type RootKeyAsk = Readonly<{
  file: string;
  data: string;
  /** Files under systemd's $CREDENTIALS_DIRECTORY are guarded by the kernel, and may be group-readable. */
  credentials?: string | undefined;
  /** See `mayMakeKey`. */
  mayMake: boolean;
}>;

/** False once there is mail: making a new key for it would only hide that the old one is missing. */
export const mayMakeKey = (data: string): boolean => !existsSync(join(data, 'mail.db'));

export function loadRootKey(ask: RootKeyAsk): RootKey {
  const found = findRootKey(ask);
  return found === 'absent' ? makeKey(ask.file) : found;
}

/** Only reads. `absent` where `loadRootKey` would make one. */
export function findRootKey({ file, data, credentials, mayMake }: RootKeyAsk): RootKey | 'absent' {
  if (isInside(data, file)) {
    return no(
      `The root key ${file} lies inside the data folder ${data}: whoever takes the folder takes the key with it.`,
      'Move it out, and set root_key_file.',
    );
  }
  try {
    return readKey(file, credentials !== undefined && isInside(credentials, file));
  } catch (error) {
    if (reason(error) !== 'ENOENT')
      return no(`The root key ${file} cannot be read (${reason(error)}).`, 'Give it to the user the server runs as.');
  }
  // Nothing is made through a link: it would lie where nobody looked whether it may.
  if (isLink(file)) return no(`The root key ${file} is a link that leads nowhere.`, 'Remove the link, or put the key where it leads.');
  if (mayMake) return 'absent';
  return no(
    `The root key ${file} is not there, but the data folder ${data} was sealed with one.`,
    'Put it back; without it nothing in the folder can be read.',
  );
}

const no = (what: string, remedy: string): RootKey => ({ ok: false, what, remedy });

function readKey(file: string, isCredential: boolean): RootKey {
  // Not blocking: opening a pipe would wait for somebody who writes into it.
  const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const about = fstatSync(handle);
    const { mode, size } = about;
    if (!about.isFile()) return no(`The root key ${file} is not a file.`, 'Set root_key_file to one, or to a place where one may be made.');
    if (!isCredential && (mode & OTHERS_MODE) !== 0) {
      return no(`The root key ${file} can be read by others (mode ${(mode & 0o777).toString(8)}).`, `Run: chmod 600 ${file}`);
    }
    const key = Buffer.alloc(ROOT_KEY_BYTES);
    if (size !== ROOT_KEY_BYTES || readSync(handle, key) !== ROOT_KEY_BYTES) {
      return no(
        `The root key ${file} should have ${ROOT_KEY_BYTES} bytes and has ${size}: it is another file, or damaged.`,
        'Put the right one back; without it nothing in the data folder can be read.',
      );
    }
    return { ok: true, key, isNew: false };
  } finally {
    closeSync(handle);
  }
}

/** Durable before the first byte is sealed with it: folder entry included. */
function makeKey(file: string): RootKey {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const key = randomBytes(ROOT_KEY_BYTES);
    const handle = openSync(file, 'wx', 0o600);
    try {
      fchmodSync(handle, 0o600);
      writeSync(handle, key);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    const folder = openSync(dirname(file), 'r');
    fsyncSync(folder);
    closeSync(folder);
    return { ok: true, key, isNew: true };
  } catch (error) {
    return no(
      `The root key ${file} cannot be made (${reason(error)}).`,
      'Make its folder writable for the user the server runs as, or set root_key_file to a place that is.',
    );
  }
}

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;

/** SECURITY: symbolic links are followed, for they are how a key ends up inside by accident. */
function isInside(folder: string, file: string): boolean {
  const entry = join(real(dirname(file)), basename(file));
  return [entry, real(file)].some((path) => {
    const step = relative(real(folder), path);
    return !step.startsWith('..') && !isAbsolute(step);
  });
}

/** The path without links; as far as it exists. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(real(dirname(path)), basename(path));
  }
}

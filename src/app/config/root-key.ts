/**
 * The root key's file: found, made when absent, and refused when it lies where
 * it protects nothing. What it protects against is a stolen or discarded disk,
 * a backup in the wrong hands and a copied data folder.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fchmodSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, realpathSync, writeSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { reason } from './meaning.ts';

export const ROOT_KEY_BYTES = 32;
/** Anybody but the owner: group and others, any right. */
const OTHERS_MODE = 0o077;

/** `why` is a sentence for the operator. */
export type RootKey = Readonly<{ ok: true; key: Uint8Array; isNew: boolean }> | Readonly<{ ok: false; why: string }>;

export type RootKeyAsk = Readonly<{
  file: string;
  data: string;
  /** Files under systemd's $CREDENTIALS_DIRECTORY are guarded by the kernel, and may be group-readable. */
  credentials?: string | undefined;
  /** False where a data folder exists already: making a new key for it would only hide that the old one is missing. */
  mayMake: boolean;
}>;

export function loadRootKey({ file, data, credentials, mayMake }: RootKeyAsk): RootKey {
  if (isInside(data, file)) {
    return no(
      `The root key ${file} lies inside the data folder ${data}: whoever takes the folder takes the key with it. Move it out, and set root_key_file.`,
    );
  }
  try {
    return readKey(file, credentials !== undefined && isInside(credentials, file));
  } catch (error) {
    if (reason(error) !== 'ENOENT')
      return no(`The root key ${file} cannot be read (${reason(error)}). Give it to the user the server runs as.`);
  }
  if (!mayMake)
    return no(
      `The root key ${file} is not there, but the data folder ${data} was sealed with one. Put it back; without it nothing in the folder can be read.`,
    );
  return makeKey(file);
}

const no = (why: string): RootKey => ({ ok: false, why });

function readKey(file: string, isCredential: boolean): RootKey {
  const handle = openSync(file, 'r');
  try {
    const { mode, size } = fstatSync(handle);
    if (!isCredential && (mode & OTHERS_MODE) !== 0) {
      return no(`The root key ${file} can be read by others (mode ${(mode & 0o777).toString(8)}). Run: chmod 600 ${file}`);
    }
    const key = Buffer.alloc(ROOT_KEY_BYTES);
    if (size !== ROOT_KEY_BYTES || readSync(handle, key) !== ROOT_KEY_BYTES) {
      return no(`The root key ${file} should have ${ROOT_KEY_BYTES} bytes and has ${size}: it is another file, or damaged.`);
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
      `The root key ${file} cannot be made (${reason(error)}). Make its folder writable for the user the server runs as, or set root_key_file to a place that is.`,
    );
  }
}

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

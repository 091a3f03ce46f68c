/**
 * The local socket of the admin API: who may open it is the owner of the data
 * folder, and the file system says so. No password, no port.
 */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type FetchHandler, type HttpServer, serveHttp } from './server.ts';

/** sun_path of Linux has 108 bytes with its final NUL (unix(7)); macOS has fewer, and we stay below those too where we choose. */
const PATH_LIMIT = 107;
const SOCKET_MODE = 0o600;
const FOLDER_MODE = 0o700;
/** A living server answers a local connection at once. */
const PROBE_MS = 2_000;

/**
 * Where the socket of a data folder is; server and command line both ask here.
 * A path too long for a socket is replaced by one in the temporary folder, named by a hash of it.
 */
export function controlSocketPath(data: string): string {
  const path = join(resolve(data), 'control.sock');
  if (Buffer.byteLength(path) <= PATH_LIMIT) return path;
  const name = createHash('sha256').update(path).digest('hex').slice(0, 32);
  return join(tmpdir(), `eigenpost-${ownerOf(data)}`, `${name}.sock`);
}

/** Thrown where another server has the data folder already. */
export class SocketTaken extends Error {
  constructor(path: string) {
    super(`another server is running on this data folder: it answers at ${path}`);
    this.name = 'SocketTaken';
  }
}

export async function serveControl(handler: FetchHandler, data: string): Promise<HttpServer> {
  const path = controlSocketPath(data);
  if (dirname(path) !== resolve(data)) makeOwnFolder(dirname(path));
  const server = await serveHere(handler, path);
  chmodSync(path, SOCKET_MODE);
  return server;
}

async function serveHere(handler: FetchHandler, path: string): Promise<HttpServer> {
  try {
    return await guarded(() => serveHttp(handler, { path }));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    if (await answers(path)) throw new SocketTaken(path);
    // Left behind by a server that was killed.
    rmSync(path, { force: true });
    return guarded(() => serveHttp(handler, { path }));
  }
}

/** SECURITY: the socket is made by `listen` in this same turn; without the mask it would be open to others until chmod. */
function guarded<T>(work: () => Promise<T>): Promise<T> {
  const before = process.umask(0o177);
  try {
    return work();
  } finally {
    process.umask(before);
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const done = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_MS, done(true)).once('connect', done(true)).once('error', done(false));
  });
}

/** SECURITY: /tmp is everybody's: a folder somebody else made, or a link, is not ours to put a socket in. */
function makeOwnFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
    throw new Error(`${folder} is not a private folder of this user; remove it, or choose a shorter path for the data folder`);
  }
}

/** Whose server it is: the command line may be run by root. */
function ownerOf(data: string): number {
  try {
    return lstatSync(data).uid;
  } catch {
    return process.getuid?.() ?? 0;
  }
}

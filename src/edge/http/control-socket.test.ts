import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { controlSocketPath, SocketTaken, serveControl } from './control-socket.ts';
import { serveHttp } from './server.ts';

const root = mkdtempSync(join(tmpdir(), 'ep-sock-'));
after(() => rmSync(root, { recursive: true }));
let folders = 0;
const folder = (name = `f${++folders}`): string => {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  return path;
};

function get(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ socketPath: path, path: '/', agent: false }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (chunk: string) => (text += chunk)).on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });
}

test('the socket answers, belongs to its owner alone, and is gone afterwards', async () => {
  const data = folder();
  const mask = process.umask();
  const server = await serveControl(() => new Response('here'), data);
  const path = controlSocketPath(data);
  assert.equal(path, join(data, 'control.sock'));
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(process.umask(), mask);
  assert.equal(await get(path), 'here');
  await server.close();
  assert.ok(!existsSync(path));
});

test('a second server on the same data folder is told so; a dead one’s socket is taken over', async () => {
  const data = folder();
  const first = await serveControl(() => new Response('one'), data);
  await assert.rejects(
    serveControl(() => new Response('two'), data),
    SocketTaken,
  );
  assert.equal(await get(controlSocketPath(data)), 'one');
  await first.close();
  // A file in its place that nobody answers at, as after a kill -9.
  const dead = createServer();
  await new Promise<void>((listening) => dead.listen(join(root, 'dead.sock'), listening));
  rmSync(controlSocketPath(data), { force: true });
  symlinkSync(join(root, 'gone.sock'), controlSocketPath(data));
  dead.close();
  const third = await serveControl(() => new Response('three'), data);
  assert.equal(await get(controlSocketPath(data)), 'three');
  await third.close();
});

test('a path too long for a socket has a short private stand-in', async () => {
  const data = folder('x'.repeat(120));
  const path = controlSocketPath(data);
  assert.ok(Buffer.byteLength(path) <= 107 && path.endsWith('.sock'));
  assert.notEqual(path, controlSocketPath(folder('y'.repeat(120))));
  const server = await serveControl(() => new Response('far'), data);
  assert.equal(await get(path), 'far');
  assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
  await server.close();
  const mode = statSync(dirname(path)).mode & 0o777;
  chmodSync(dirname(path), 0o755);
  await assert.rejects(
    serveControl(() => new Response('far'), data),
    /not a private folder/,
  );
  chmodSync(dirname(path), mode);
});

test('a closing server lets a request finish, and cuts off one that does not', async () => {
  let release = (): void => undefined;
  const waiting = new Promise<void>((resolve) => {
    release = resolve;
  });
  let began = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    began = resolve;
  });
  const path = join(root, 'slow.sock');
  const handler = async (): Promise<Response> => {
    began();
    await waiting;
    return new Response('late');
  };
  const server = await serveHttp(handler, { path });
  const answer = get(path);
  await begun;
  const closed = server.close(5_000);
  release();
  assert.equal(await answer, 'late');
  await closed;
  const stuck = await serveHttp(() => new Promise<Response>(() => undefined), { path });
  const never = get(path).catch((error: NodeJS.ErrnoException) => error.code);
  await new Promise((later) => setTimeout(later, 20));
  await stuck.close(10);
  assert.equal(await never, 'ECONNRESET');
});

test('a folder that cannot be written is an error, not a silence', async () => {
  const data = folder();
  writeFileSync(join(data, 'file'), '');
  await assert.rejects(serveControl(() => new Response(''), join(data, 'file')));
});

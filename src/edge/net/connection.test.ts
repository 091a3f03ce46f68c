import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Connection, Session } from './connection.ts';
import { Deadlines } from './deadlines.ts';
import { type Listener, listen, type ListenOptions } from './listener.ts';
import { selfSigned, type TestCertificate } from './testdata/self-signed.ts';

let certificate: TestCertificate;
before(() => {
  certificate = selfSigned();
});

type Parts = Partial<Session> & { seen?: (connection: Connection) => void };

/** A listener whose sessions do what `parts` says, and otherwise echo. */
function start(make: (connection: Connection) => Parts, options: Partial<ListenOptions> = {}): Promise<Listener> {
  return listen({
    host: '127.0.0.1',
    port: 0,
    deadlines: new Deadlines(5),
    ...options,
    onConnection(connection) {
      const echo: Session = {
        onBytes: (bytes) => connection.write(bytes),
        onDeadline: () => connection.end(),
        onShutdown: () => connection.end(),
        onEnd: () => connection.end(),
        onClose: () => {},
      };
      return { ...echo, ...make(connection) };
    },
  });
}

async function dial(listener: Listener): Promise<Socket> {
  const socket = connect(listener.address.port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

async function readAll(socket: Socket | TLSSocket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

async function readUntil(socket: Socket | TLSSocket, end: string): Promise<string> {
  let text = '';
  while (!text.endsWith(end)) {
    const [chunk] = await once(socket, 'data');
    text += String(chunk);
  }
  return text;
}

describe('a connection', () => {
  test('gives what arrives to the session and joins what it writes into one piece', async () => {
    const pieces: string[] = [];
    const listener = await start((connection) => ({
      onBytes(bytes) {
        connection.write('one ');
        connection.write(bytes);
        connection.write(' two');
        connection.write(Buffer.from(' three'));
      },
    }));
    const socket = await dial(listener);
    socket.on('data', (chunk) => pieces.push(String(chunk)));
    socket.write('hello');
    await sleep(30);
    assert.deepEqual(pieces, ['one hello two three']);
    socket.destroy();
    await listener.close();
  });

  test('joins what is written later, outside a batch, as well', async () => {
    const pieces: string[] = [];
    const listener = await start((connection) => ({
      onBytes() {
        setImmediate(() => {
          connection.write('a');
          connection.write('b');
        });
      },
    }));
    const socket = await dial(listener);
    socket.on('data', (chunk) => pieces.push(String(chunk)));
    socket.write('x');
    await sleep(30);
    assert.deepEqual(pieces, ['ab']);
    socket.destroy();
    await listener.close();
  });

  test('tells both ends, and the peer has its own address', async () => {
    const listener = await start((connection) => {
      connection.write(`${connection.remote.ip} ${connection.remote.port} ${connection.local.port}`);
      connection.end();
      return {};
    });
    const socket = await dial(listener);
    const port = socket.localPort;
    assert.equal(await readAll(socket), `127.0.0.1 ${port} ${listener.address.port}`);
    await listener.close();
  });

  test('sends what was written before end(), and closes', async () => {
    const closed: unknown[] = [];
    const listener = await start((connection) => ({
      onBytes() {
        connection.write('bye');
        connection.end();
        connection.write('never');
      },
      onClose: (trouble) => void closed.push(trouble),
    }));
    const socket = await dial(listener);
    socket.write('x');
    assert.equal(await readAll(socket), 'bye');
    socket.destroy();
    await sleep(20);
    assert.deepEqual(closed, [undefined]);
    assert.equal(listener.connections, 0);
    await listener.close();
  });

  test('a peer that said everything still gets the answers', async () => {
    const listener = await start((connection) => ({
      onEnd() {
        setTimeout(() => {
          connection.write('late answer');
          connection.end();
        }, 10);
      },
    }));
    const socket = await dial(listener);
    socket.end('x');
    assert.equal(await readAll(socket), 'xlate answer');
    await listener.close();
  });

  test('a deadline is told once it has passed; a new one replaces it', async () => {
    const at: number[] = [];
    const begun = performance.now();
    const listener = await start((connection) => {
      connection.expectWithin(20);
      return {
        onDeadline() {
          at.push(performance.now() - begun);
          if (at.length === 1) connection.expectWithin(20);
          else connection.end();
        },
      };
    });
    const socket = await dial(listener);
    assert.equal(await readAll(socket), '');
    assert.equal(at.length, 2);
    assert.ok((at[0] ?? 0) >= 15 && (at[1] ?? 0) >= 35, String(at));
    await listener.close();
  });

  test('a paused connection reads nothing until it is resumed', async () => {
    let heard = '';
    let server: Connection | undefined;
    const listener = await start((connection) => {
      server = connection;
      connection.pause();
      return { onBytes: (bytes) => void (heard += String(bytes)) };
    });
    const socket = await dial(listener);
    socket.write('waiting');
    await sleep(20);
    assert.equal(heard, '');
    server?.resume();
    await sleep(20);
    assert.equal(heard, 'waiting');
    socket.destroy();
    await listener.close();
  });

  test('a peer that does not read is not read either; drained() tells when it caught up', async () => {
    const block = Buffer.alloc(4_000_000, 'x');
    let server: Connection | undefined;
    let wasDrained = false;
    const listener = await start((connection) => {
      server = connection;
      return {
        onBytes() {
          connection.write(block);
          connection.write(block);
        },
      };
    });
    const socket = await dial(listener);
    socket.pause();
    socket.write('go');
    await sleep(30);
    assert.equal(server?.isCongested, true);
    void server?.drained().then(() => {
      wasDrained = true;
    });
    let got = 0;
    socket.resume();
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      got += chunk.length;
      if (got >= 8_000_000) break;
    }
    await sleep(10);
    assert.equal(wasDrained, true);
    assert.equal(server?.isCongested, false);
    socket.destroy();
    await listener.close();
  });

  test('signal is aborted when the peer goes away', async () => {
    let signal: AbortSignal | undefined;
    const listener = await start((connection) => {
      signal = connection.signal;
      return {};
    });
    const socket = await dial(listener);
    await sleep(10);
    assert.equal(signal?.aborted, false);
    socket.resetAndDestroy();
    await sleep(20);
    assert.equal(signal?.aborted, true);
    await listener.close();
  });

  test('a bug in a session ends that connection only', async () => {
    const bugs: unknown[] = [];
    const listener = await start(
      () => ({
        onBytes(bytes) {
          if (String(bytes) === 'bad') throw new Error('a bug');
        },
      }),
      { onBug: (bug) => void bugs.push(bug) },
    );
    const [good, bad] = [await dial(listener), await dial(listener)];
    bad.on('error', () => {});
    bad.write('bad');
    await once(bad, 'close');
    assert.equal(bugs.length, 1);
    assert.equal(listener.connections, 1);
    good.destroy();
    await listener.close();
  });
});

describe('TLS', () => {
  const trust = (): { ca: string; servername: string } => ({ ca: certificate.pem, servername: 'mail.example' });

  async function handshake(socket: Socket): Promise<TLSSocket> {
    const secure = connectTls({ socket, ...trust() });
    await once(secure, 'secureConnect');
    return secure;
  }

  /** Says READY, then upgrades; what it hears afterwards it echoes with the session's facts. */
  const upgrading = (connection: Connection): Parts => ({
    onBytes(bytes) {
      if (connection.tls !== undefined) return connection.write(`heard ${String(bytes)}`);
      connection.write('READY\n');
      connection.upgrade(certificate);
    },
    onSecure() {
      const facts = connection.tls;
      connection.write(`${facts?.protocol} ${facts?.serverName} ${facts?.channelBinding('tls-exporter')?.length}\n`);
    },
  });

  test('STARTTLS: the handshake follows, facts and channel bindings are known', async () => {
    const listener = await start(upgrading);
    const socket = await dial(listener);
    socket.write('STARTTLS\n');
    await readUntil(socket, 'READY\n');
    const secure = await handshake(socket);
    assert.equal(await readUntil(secure, '\n'), 'TLSv1.3 mail.example 32\n');
    secure.write('secret');
    assert.equal(await readUntil(secure, 'secret'), 'heard secret');
    secure.destroy();
    await listener.close();
  });

  test('STARTTLS works on a connection that was paused, and what had arrived by then is gone', async () => {
    const heard: string[] = [];
    const listener = await start((connection) => ({
      onBytes(bytes) {
        heard.push(String(bytes));
        if (connection.tls !== undefined) return connection.write('secure');
        connection.pause();
        setTimeout(() => {
          connection.write('READY\n');
          connection.upgrade(certificate);
        }, 20);
      },
    }));
    const socket = await dial(listener);
    socket.write('STARTTLS\n');
    await sleep(5);
    socket.write('INJECTED\n');
    await readUntil(socket, 'READY\n');
    const secure = await handshake(socket);
    secure.write('hello');
    assert.equal(await readUntil(secure, 'secure'), 'secure');
    assert.deepEqual(heard, ['STARTTLS\n', 'hello']);
    secure.destroy();
    await listener.close();
  });

  test('both ends find the same channel bindings', async () => {
    const accepted = Promise.withResolvers<Connection>();
    const listener = await start(
      (connection) => {
        accepted.resolve(connection);
        return {};
      },
      { tls: certificate },
    );
    const secure = connectTls({ port: listener.address.port, host: '127.0.0.1', ...trust() });
    await once(secure, 'secureConnect');
    const server = await accepted.promise;
    const theirs = secure.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
    assert.deepEqual(server.tls?.channelBinding('tls-exporter'), theirs);
    const raw = secure.getPeerCertificate().raw;
    assert.deepEqual(server.tls?.channelBinding('tls-server-end-point'), createHash('sha256').update(raw).digest());
    secure.destroy();
    await listener.close();
  });

  test('SECURITY: what was sent in clear behind STARTTLS is not read under TLS', async () => {
    const heard: string[] = [];
    const listener = await start((connection) => ({
      ...upgrading(connection),
      onBytes(bytes) {
        heard.push(String(bytes));
        upgrading(connection).onBytes?.(bytes);
      },
    }));
    const socket = await dial(listener);
    socket.write('STARTTLS\n');
    await readUntil(socket, 'READY\n');
    // Arrives at a server that is waiting for a handshake: it is no TLS record, and no command.
    socket.on('error', () => {});
    socket.write('MAIL FROM:<evil@example>\r\n');
    await once(socket, 'close');
    assert.deepEqual(heard, ['STARTTLS\n']);
    await listener.close();
  });

  test('implicit TLS: the session begins when the handshake is done', async () => {
    const listener = await start(
      (connection) => {
        connection.write(`welcome ${connection.tls?.protocol}`);
        return {};
      },
      { tls: certificate },
    );
    const secure = connectTls({ port: listener.address.port, host: '127.0.0.1', ...trust() });
    assert.equal(await readUntil(secure, 'TLSv1.3'), 'welcome TLSv1.3');
    secure.destroy();
    await listener.close();
  });

  test('a caller that never shakes hands, or speaks plain text, is let go', async () => {
    let begun = 0;
    const listener = await start(
      () => {
        begun++;
        return {};
      },
      { tls: certificate },
    );
    const socket = await dial(listener);
    socket.on('error', () => {});
    socket.write('EHLO there\r\n');
    await once(socket, 'close');
    assert.equal(begun, 0);
    assert.equal(listener.connections, 0);
    await listener.close();
  });
});

describe('a listener', () => {
  let listener: Listener;
  after(() => listener.close());

  test('turns callers away beyond its limits, with words, and takes them again when others left', async () => {
    listener = await start(() => ({}), { limits: { perAddress: 2 }, refusal: '421 too many\r\n' });
    const first = await dial(listener);
    const second = await dial(listener);
    const third = await dial(listener);
    assert.equal(await readAll(third), '421 too many\r\n');
    first.destroy();
    await sleep(20);
    const fourth = await dial(listener);
    fourth.write('hello');
    assert.equal(await readUntil(fourth, 'hello'), 'hello');
    second.destroy();
    fourth.destroy();
  });

  test('close() lets sessions say goodbye, then cuts off those who linger', async () => {
    const closing = await start((connection) => ({
      onShutdown() {
        connection.write('bye');
        connection.end();
      },
    }));
    const stubborn = await start(() => ({ onShutdown() {} }));
    const [polite, rude] = [await dial(closing), await dial(stubborn)];
    rude.on('error', () => {});
    await sleep(10);
    const words = readAll(polite);
    await Promise.all([closing.close(1_000), stubborn.close(30)]);
    assert.equal(await words, 'bye');
    assert.equal(stubborn.connections, 0);
  });

  test('two listeners may share a port', async () => {
    const one = await start(() => ({}), { reusePort: true });
    const two = await start(() => ({}), { reusePort: true, port: one.address.port });
    assert.equal(one.address.port, two.address.port);
    await Promise.all([one.close(), two.close()]);
  });

  test('a port in use is an error to whoever asked for it', async () => {
    const one = await start(() => ({}));
    await assert.rejects(
      start(() => ({}), { port: one.address.port }),
      { code: 'EADDRINUSE' },
    );
    await one.close();
  });
});

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { lookup, promises } from 'node:dns';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { destinationOf, escapes, guardNetwork } from './network.ts';

guardNetwork();
guardNetwork();

/** Documentation addresses (RFC 5737, RFC 3849): even if the wall fell, nobody would be there. */
const OUTSIDE = ['192.0.2.1', '2001:db8::1', '10.0.0.1', '0.0.0.0', 'mail.example.org'];

test('nothing leaves loopback', async () => {
  for (const host of OUTSIDE) {
    assert.throws(() => connect({ host, port: 25 }), /leave loopback/, host);
    assert.throws(() => connect(25, host), /leave loopback/, host);
    assert.throws(() => connectTls({ host, port: 465 }), /leave loopback/, host);
  }
  const udp = createSocket('udp4');
  assert.throws(() => udp.send('x', 53, '192.0.2.1'), /leave loopback/);
  assert.throws(() => udp.send(Buffer.from('xx'), 0, 1, 53, '192.0.2.1'), /leave loopback/);
  assert.throws(() => udp.connect(53, '192.0.2.1'), /leave loopback/);
  udp.close();
  assert.throws(() => lookup('example.org', () => {}), /leave loopback/);
  assert.throws(() => promises.resolveMx('example.org'), /leave loopback/);
  assert.throws(() => new promises.Resolver().resolve4('example.org'), /leave loopback/);
  await assert.rejects(fetch('http://192.0.2.1/'));
  assert.ok(escapes.length >= 20);
});

test('loopback is open', async () => {
  const server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.3');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const socket = connect({ host: '127.0.0.3', port: address.port });
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  assert.equal(bytes.toString(), 'hello');
  socket.destroy();
  server.close();
});

test('destinations are read from every form of arguments', () => {
  assert.equal(destinationOf([{ port: 1, host: 'a' }]), 'a');
  assert.equal(destinationOf([[{ port: 1, host: 'b' }, null]]), 'b');
  assert.equal(destinationOf([1, 'c']), 'c');
  assert.equal(destinationOf(['1', 'd']), 'd');
  assert.equal(destinationOf([1]), 'localhost');
  assert.equal(destinationOf(['/run/socket']), undefined);
  assert.equal(destinationOf([{ path: '/run/socket' }]), undefined);
});

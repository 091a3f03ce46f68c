/** HTTP under TLS: the same doors as everywhere, and nobody who holds one open. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import { test } from 'node:test';
import { selfSigned } from '../net/testdata/self-signed.ts';
import { type HttpAddress, serveHttp } from './server.ts';

const NAME = 'mail.example';
const certificate = selfSigned(NAME);

function portOf(address: HttpAddress): number {
  if ('path' in address) throw new Error('no port');
  return address.port;
}

async function ask(port: number, agent: Agent): Promise<string> {
  const asked = request({ host: '127.0.0.1', port, path: '/x', agent, ca: certificate.pem, servername: NAME });
  asked.end();
  const [response] = (await once(asked, 'response')) as [AsyncIterable<Buffer>];
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

test('under TLS requests are answered, several on one connection, and the handler knows that the line is secure', async () => {
  const server = await serveHttp(
    (asked, line) => new Response(`${new URL(asked.url).pathname} ${line.isSecure} ${line.ip}`),
    { host: '127.0.0.1', port: 0 },
    certificate,
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const port = portOf(server.address);
  assert.equal(await ask(port, agent), '/x true 127.0.0.1');
  assert.equal(await ask(port, agent), '/x true 127.0.0.1');
  agent.destroy();
  await server.close();
});

test('who shakes no hand, or speaks no TLS, keeps the server from neither serving nor closing', async () => {
  const server = await serveHttp(() => new Response('ok'), { host: '127.0.0.1', port: 0 }, certificate);
  const port = portOf(server.address);
  const silent = connect(port, '127.0.0.1');
  await once(silent, 'connect');
  const plain = connect(port, '127.0.0.1', () => plain.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
  plain.on('error', () => undefined);
  await once(plain, 'close');
  const agent = new Agent();
  assert.equal(await ask(port, agent), 'ok');
  agent.destroy();
  const gone = once(silent, 'close');
  silent.on('error', () => undefined);
  await server.close();
  await gone;
});

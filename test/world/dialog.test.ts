import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { type DialogOptions, playDialog, readDialog, unescaped } from './dialog.ts';
import { guardNetwork } from './network.ts';
import { Talk } from './talk.ts';

guardNetwork();
/** Says hello, repeats every line in brackets, and hangs up at `bye`. */
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.write('hello 42\r\n');
  socket.on('data', (bytes) => {
    for (const line of bytes.toString().split('\r\n').slice(0, -1)) socket.write(line === 'quiet' ? '' : `[${line}]\r\n`);
    if (bytes.toString().endsWith('bye\r\n')) socket.end();
  });
}).listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => server.close());

const address = server.address();
const options: DialogOptions = {
  name: 'a.dialog',
  words: { me: 'noor' },
  open: () => Talk.dial({ port: typeof address === 'object' ? (address?.port ?? 0) : 0, ca: '', serverName: '' }),
};

test('a dialog that goes as written', async () => {
  const script = String.raw`
    # everything at once
    OPEN any
    S: /^hello (?<number>\d+)$/
    C: one \${me}
    C: two
    S: [one noor]
    S: [t...]
    C! th\x72ee ${'$'}{number}\r\n
    S* [three 42]
    2 OPEN any
    2 S: hello ...
    C: quiet
    SILENT
    2 C: bye
    2 S: [bye]
    2 CLOSED`;
  await playDialog(script.replaceAll(/^ +/gm, '').replaceAll('\\$', '$'), options);
});

test('what differs is shown with what came before', async () => {
  await assert.rejects(playDialog('OPEN any\nS: hello 42\nC: x\nS: [y]', options), (error: Error) => {
    assert.match(error.message, /^a\.dialog:4\n {6}S: hello 42\n {6}C: x\n {4}- S: \[y\]\n {4}\+ S: \[x\]$/);
    return true;
  });
  await assert.rejects(playDialog('OPEN any\nS: hello 42\nC: bye\nS: [bye]\nS: more', options), /\+ S: \(the other side hung up\)/);
  await assert.rejects(playDialog('OPEN any\nSILENT', options), /- S: silence/);
  await assert.rejects(playDialog('OPEN any\nCLOSED', options), /- S: the end of the connection/);
});

test('a dialog that makes no sense is refused', async () => {
  assert.throws(() => readDialog('C: a\nX: b'), /line 2 is no line/);
  await assert.rejects(playDialog('OPEN any\nC: ${nobody}', options), /nobody knows \$\{nobody\}/);
  await assert.rejects(playDialog('C: x', options), /was not opened/);
  assert.equal(unescaped(String.raw`a\r\n\x00\\é`), 'a\r\n\0\\Ã©');
});

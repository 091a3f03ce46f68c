import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeMessage, question } from '../../codec/dns/message.ts';
import { Zones } from '../../codec/dns/zone.ts';
import { seededDice } from '../memory/dice.ts';
import { DnsResolver } from './resolver.ts';
import { serveZones } from './zone-server.ts';

const clock = {
  now: () => Date.now(),
  after(ms: number, then: () => void) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};

test('a resolver finds in the zones what is there, small and large, and nothing else', async (context) => {
  const zones = new Zones().addZone('example.test').put('example.test', { type: 'MX', preference: 10, exchange: 'mail.example.test' });
  for (let at = 0; at < 200; at++) zones.put('many.example.test', { type: 'A', address: `127.0.1.${at}` });
  const server = await serveZones(zones);
  const dns = new DnsResolver({ clock, dice: seededDice('zones'), servers: [server], timeoutMs: 2_000 });
  context.after(async () => {
    dns.close();
    await server.close();
  });
  assert.deepEqual(await dns.mx('example.test'), {
    found: 'records',
    records: [{ preference: 10, exchange: 'mail.example.test' }],
    secure: false,
  });
  const many = await dns.a('many.example.test');
  assert.ok(many.found === 'records' && many.records.length === 200);
  assert.deepEqual(await dns.a('www.example.test'), { found: 'none', nameExists: false, secure: false });
  assert.equal((await dns.a('example.org')).found, 'failed');
  zones.put('new.example.test', { type: 'TXT', strings: ['fresh'] });
  assert.deepEqual(await dns.txt('new.example.test'), { found: 'records', records: ['fresh'], secure: false });
});

test('nonsense and answers are not answered', async (context) => {
  const server = await serveZones(new Zones().addZone('example.test'));
  context.after(() => server.close());
  const socket = createSocket('udp4');
  const heard: Buffer[] = [];
  socket.on('message', (bytes) => heard.push(bytes));
  const query = question(1, 'example.test', 'A');
  for (const bytes of [Buffer.alloc(0), Buffer.from('nonsense'), encodeMessage({ ...query, isResponse: true }), encodeMessage(query)])
    socket.send(bytes, server.port, server.host);
  for (let wait = 0; wait < 200 && heard.length === 0; wait++) await sleep(5);
  await sleep(20);
  assert.equal(heard.length, 1);
  socket.close();
  const caller = connect(server.port, server.host);
  caller.write(Buffer.from('\x00\x08nonsense'));
  await new Promise((resolve) => caller.once('close', resolve).resume());
});

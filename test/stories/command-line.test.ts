/** The real program from the outside: set up by its command line, used over its ports, asked what happened, stopped and started again. */
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { seededDice } from '../../src/adapter/memory/dice.ts';
import { serveZones, type ZoneServer } from '../../src/adapter/dns/zone-server.ts';
import { serverContext } from '../../src/adapter/tls/profile.ts';
import { selfMadeAuthority } from '../../src/adapter/tls/self-made.ts';
import { ELSEWHERE, Elsewhere } from '../../src/app/demo/internet/elsewhere.ts';
import { Imap } from '../world/imap.ts';
import { guardNetwork } from '../world/network.ts';
import { Neighbours } from '../world/peer.ts';
import { Server } from '../world/server.ts';
import { journeyIn, Smtp } from '../world/smtp.ts';
import { until } from '../world/until.ts';
import { addDomain, internet } from '../world/zones.ts';

const PASSWORD = 'a long word for everybody';
const NOOR = 'noor@delinde.test';
const EMMA = 'emma@delinde.test';
const OLGA = 'olga@stek.test';

guardNetwork();
let server: Server;
let dns: ZoneServer;
let neighbours: Neighbours;

before(async () => {
  const dice = seededDice('command line');
  const serial = (): string => `01${Buffer.from(dice.bytes(8)).toString('hex')}`;
  const authority = await selfMadeAuthority({ name: 'elsewhere', now: Date.now(), serial });
  neighbours = new Neighbours(async (name) => serverContext(await authority.issue([name])));
  const elsewhere = await neighbours.add(new Elsewhere(() => {}));
  const slow = await neighbours.add({ hostName: 'mx.slow.test', onRecipient: () => '451 4.3.2 Tomorrow, perhaps' });
  const zones = internet();
  addDomain(zones, { name: ELSEWHERE, mx: [{ host: elsewhere.host, addresses: [elsewhere.ip] }] });
  addDomain(zones, { name: 'slow.test', mx: [{ host: slow.host, addresses: [slow.ip] }] });
  dns = await serveZones(zones);
  const listen = ['smtp', 'submission', 'imap', 'http'].map(
    (protocol) =>
      `[[listen]]\nprotocol = "${protocol}"\nhost = "127.0.0.1"\nport = 0\n${protocol === 'submission' || protocol === 'imap' ? 'sign_in_without_tls = true\n' : ''}`,
  );
  server = new Server(
    `host_name = "mail.delinde.test"\n${listen.join('')}[resolver]\naddress = "127.0.0.1"\nport = ${dns.port}\n[outbound]\nmx_port = ${neighbours.port}\nprivate_addresses = true\n`,
  );
  await server.start();
});
after(async () => {
  await server.remove();
  await Promise.all([neighbours.close(), dns.close()]);
});

const place = (protocol: string) => ({ port: server.port(protocol), ca: '', serverName: '' });

async function writes(to: readonly string[], subject: string): Promise<string> {
  const smtp = await Smtp.dial(place('submission'));
  assert.equal((await smtp.signIn(NOOR, PASSWORD)).code, 235);
  const { last } = await smtp.send({ from: NOOR, to, content: `From: ${NOOR}\r\nTo: ${to[0]}\r\nSubject: ${subject}\r\n\r\nx\r\n` });
  assert.equal(last.code, 250, last.text);
  await smtp.quit();
  return journeyIn(last);
}

async function letters(address: string): Promise<readonly string[]> {
  const imap = await Imap.dial(place('imap'));
  assert.ok((await imap.signIn(address, PASSWORD)).ok);
  const found = await imap.letters();
  await imap.bye();
  return found.map(({ raw }) => raw);
}

type Recipients = Readonly<{ recipients: readonly Readonly<{ address: string; state: string }>[] }>;
const states = (journey: Recipients): string => journey.recipients.map(({ state }) => state).join(' ');

test('a house is set up', async () => {
  await server.ask('organisation', 'add', 'De Linde', '--language', 'nl');
  await server.ask('domain', 'add', 'delinde.test');
  const people = [NOOR, EMMA].map((address) => `${address},${address},${PASSWORD}`);
  await server.ask('person', 'add', '--from', server.file('people.csv', ['address,name,password', ...people, ''].join('\n')));
  await server.ask('organisation', 'add', 'Stek', '--language', 'en');
  await server.ask('domain', 'add', 'stek.test', '--organisation', 'Stek');
  await server.ask('person', 'add', OLGA, '--admin', '--password-file', server.file('olga', `${PASSWORD}\n`));
  await server.ask('alias', 'add', 'info@delinde.test', NOOR, EMMA);
  assert.match(
    (await server.cli('person', 'list')).out,
    /noor@delinde\.test[^]*emma@delinde\.test|emma@delinde\.test[^]*noor@delinde\.test/,
  );
  assert.match((await server.cli('status')).out, /mail\.delinde\.test/);
});

test('what is wrong is a sentence and an exit code', async () => {
  const cases: readonly (readonly [readonly string[], number])[] = [
    [['person', 'show', 'nobody@delinde.test'], 3],
    [['person', 'add', NOOR, '--password-file', server.file('p', `${PASSWORD}\n`)], 4],
    [['domain', 'add', 'stek.test', '--organisation', 'De Linde'], 4],
    [['person', 'frobnicate'], 2],
    [['journey', 'show', '00000000000000000000', '--as', NOOR], 3],
  ];
  for (const [args, code] of cases) {
    const ran = await server.cli(...args);
    assert.equal(ran.code, code, `${args.join(' ')}: ${ran.err}`);
    assert.match(ran.err, /^eigenpost: .+/m);
    assert.doesNotMatch(ran.err, /\n\s+at |node:internal/);
    assert.ok(!ran.err.includes(PASSWORD));
  }
});

test('what happened to my mail: the same truth for each, and no more than theirs (R-46, R-50)', async () => {
  const id = await writes([EMMA, 'gone@elsewhere.test'], 'Canary subject');
  const mine = await until('the bounce', async () => {
    const journey = await server.ask<Recipients>('journey', 'show', id, '--as', NOOR);
    return states(journey) === 'deliveredHere bounced' ? journey : undefined;
  });
  assert.ok(JSON.stringify(mine).includes('Canary subject'));
  const dutch = (await server.cli('journey', 'show', id, '--as', NOOR, '--lang', 'nl')).out;
  for (const sentence of ['Je drukte op verzenden', 'Niet bezorgd – elsewhere.test weigerde het', '550 5.1.1 No such user here'])
    assert.ok(dutch.includes(sentence), dutch);
  assert.ok((await server.cli('journey', 'show', id, '--as', NOOR, '--lang', 'en')).out.includes('You pressed send'));
  const hers = JSON.stringify(await server.ask('journey', 'show', id, '--as', EMMA));
  assert.ok(!hers.includes('gone@elsewhere.test') && !hers.includes('127.0.0.1'), hers);
  const admin = JSON.stringify(await server.ask('journey', 'show', id, '--organisation', 'De Linde'));
  assert.ok(admin.includes('gone@elsewhere.test') && !admin.includes('Canary subject'), admin);
  for (const who of [
    ['--as', OLGA],
    ['--organisation', 'Stek'],
  ])
    assert.equal((await server.cli('journey', 'show', id, ...who)).code, 3);
  assert.ok((await letters(NOOR)).some((raw) => raw.includes('Subject: Niet bezorgd: Canary subject / Not delivered')));
});

test('mail that waits is held, let go and cancelled', async () => {
  type Items = Readonly<{ items: readonly Readonly<{ item: number; held: boolean; lastReply: readonly string[] | null }>[] }>;
  await writes(['a@slow.test'], 'Waiting');
  const [item] = await until('the first try', async () => {
    const { items } = await server.ask<Items>('queue', 'list');
    return items[0]?.lastReply === null || items.length === 0 ? undefined : items;
  });
  assert.ok(item !== undefined);
  assert.deepEqual(item.lastReply, ['451 4.3.2 Tomorrow, perhaps']);
  await server.ask('queue', 'hold', String(item.item));
  assert.equal((await server.ask<Items>('queue', 'list')).items[0]?.held, true);
  await server.ask('queue', 'release', String(item.item));
});

test('stopped and started again: all is there, what waited waits on (R-42)', async () => {
  const before = (await letters(EMMA)).length;
  assert.equal(await server.stop(), 0);
  assert.equal((await server.cli('status')).code, 5, 'and the command line says that nobody answers');
  await server.start();
  assert.equal((await letters(EMMA)).length, before);
  assert.ok(JSON.stringify(await server.ask('journey', 'list', '--as', NOOR)).includes('Canary subject'));
  assert.equal((await server.ask<Readonly<{ items: readonly unknown[] }>>('queue', 'list')).items.length, 1);
  assert.ok(!server.log.includes('Canary subject') && !server.log.includes(PASSWORD), 'R-114: no content in the log');
});

test('a second server on the same folder is turned away, and the folder is its owner’s only', async () => {
  const second = await server.cli('serve');
  assert.equal(second.code, 1, second.err);
  assert.match(second.err, /^eigenpost: .+/m);
  const data = join(server.folder, 'data');
  assert.equal(statSync(data).mode & 0o077, 0);
  assert.equal(statSync(join(server.folder, 'root.key')).mode & 0o077, 0);
  for (const name of readdirSync(data)) assert.equal(statSync(join(data, name)).mode & 0o077, 0, `${name} may be read by others`);
});

test('HTTP says that it is alive and nothing else', async () => {
  const base = `http://127.0.0.1:${server.port('http')}`;
  assert.equal((await fetch(`${base}/healthz`)).status, 200);
  assert.equal((await fetch(`${base}/readyz`)).status, 200);
  assert.equal((await fetch(`${base}/people`)).status, 404, 'the admin API is not on the network');
  assert.equal((await fetch(`${base}/`, { method: 'POST' })).status, 405);
});

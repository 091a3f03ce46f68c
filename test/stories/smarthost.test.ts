/** A smarthost whose certificate is from a private authority: nothing is given to it, and nothing lost, until the config names that authority. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { seededDice } from '../../src/adapter/memory/dice.ts';
import { serveZones, type ZoneServer } from '../../src/adapter/dns/zone-server.ts';
import { serverContext } from '../../src/adapter/tls/profile.ts';
import { selfMadeAuthority } from '../../src/adapter/tls/self-made.ts';
import { type Peer, startPeer } from '../../src/app/demo/internet/peer.ts';
import { Imap } from '../world/imap.ts';
import { guardNetwork } from '../world/network.ts';
import { Server } from '../world/server.ts';
import { journeyIn, Smtp } from '../world/smtp.ts';
import { until } from '../world/until.ts';
import { addHost, internet } from '../world/zones.ts';

const PASSWORD = 'a long word for everybody';
const NOOR = 'noor@delinde.test';
const SMART = 'smart.provider.test';

type Items = Readonly<{
  items: readonly Readonly<{ item: number; tries: number; lastTrouble: string | null; lastHost: string | null }>[];
}>;
type Authority = Awaited<ReturnType<typeof selfMadeAuthority>>;

guardNetwork();
let server: Server;
let dns: ZoneServer;
let smarthost: Peer;
let [authority, stranger]: readonly Authority[] = [];
/** Everything that was said to the smarthost under or without TLS. */
const asked: string[] = [];

const config = (smart: string): string => `host_name = "mail.delinde.test"
[[listen]]
protocol = "submission"
host = "127.0.0.1"
port = 0
sign_in_without_tls = true
[[listen]]
protocol = "imap"
host = "127.0.0.1"
port = 0
sign_in_without_tls = true
[resolver]
address = "127.0.0.1"
port = ${dns.port}
[smarthost]
host = "${SMART}"
port = ${smarthost.port}
${smart}`;

before(async () => {
  const dice = seededDice('smarthost');
  const serial = (): string => `01${Buffer.from(dice.bytes(8)).toString('hex')}`;
  [authority, stranger] = await Promise.all(
    ['theirs', 'somebody else'].map((name) => selfMadeAuthority({ name, now: Date.now(), serial })),
  );
  const pair = await authority?.issue([SMART]);
  if (pair === undefined) throw new Error('no certificate');
  smarthost = await startPeer(
    {
      hostName: SMART,
      onSender: ({ from }) => {
        asked.push(from);
        return undefined;
      },
    },
    { context: serverContext(pair) },
  );
  const zones = internet();
  addHost(zones, SMART, ['127.0.0.1']);
  dns = await serveZones(zones);
  server = new Server(config(''));
  await server.start();
  await server.ask('organisation', 'add', 'De Linde', '--language', 'nl');
  await server.ask('domain', 'add', 'delinde.test');
  await server.ask('person', 'add', NOOR, '--admin', '--password-file', server.file('noor', `${PASSWORD}\n`));
});
after(async () => {
  await server.remove();
  await Promise.all([smarthost.close(), dns.close()]);
});

const place = (protocol: string) => ({ port: server.port(protocol), ca: '', serverName: '' });
let journey = '';

/** The one message that waits, once it was tried more often than so. */
const triedAfter = (tries: number) =>
  until('another try', async () => {
    const { items } = await server.ask<Items>('queue', 'list');
    assert.equal(items.length, 1, 'it waits');
    return items.find((one) => one.tries > tries);
  });

async function restart(smart: string): Promise<void> {
  assert.equal(await server.stop(), 0);
  server.file('eigenpost.toml', `data = "data"\nroot_key_file = "root.key"\n${config(smart)}`);
  await server.start();
}

test('without its authority the smarthost gets nothing, and the mail waits with an explanation', async () => {
  const smtp = await Smtp.dial(place('submission'));
  assert.equal((await smtp.signIn(NOOR, PASSWORD)).code, 235);
  const content = `From: ${NOOR}\r\nTo: olga@far.test\r\nSubject: Canary\r\n\r\nx\r\n`;
  const { last } = await smtp.send({ from: NOOR, to: ['olga@far.test'], content });
  assert.equal(last.code, 250, last.text);
  await smtp.quit();
  journey = journeyIn(last);
  const waiting = await triedAfter(0);
  assert.deepEqual([waiting.lastTrouble, waiting.lastHost], ['tlsNotProven', SMART]);
  assert.deepEqual(asked, []);
  const english = (await server.cli('journey', 'show', journey, '--as', NOOR, '--lang', 'en', '--dialogue')).out;
  assert.match(english, /Our relay could not prove who it is/);
  assert.match(english, /We hold it back and try again\. Our administrator must check the certificate of the relay\./);
  assert.match(english, /-- tlsNotProven: .*certificate/, 'and what exactly was wrong');
  const dutch = (await server.cli('journey', 'show', journey, '--as', NOOR, '--lang', 'nl')).out;
  assert.match(dutch, /Onze relay kon niet bewijzen wie hij is/);
  const imap = await Imap.dial(place('imap'));
  assert.ok((await imap.signIn(NOOR, PASSWORD)).ok);
  assert.deepEqual(await imap.letters(), [], 'nothing comes back');
  await imap.bye();
});

test('somebody else’s authority does not help', async () => {
  server.file('ca.pem', stranger?.certificate ?? '');
  const { tries, item } = await triedAfter(0);
  await restart('ca_file = "ca.pem"\n');
  await server.ask('queue', 'retry', String(item));
  assert.equal((await triedAfter(tries)).lastTrouble, 'tlsNotProven');
  assert.deepEqual(asked, []);
});

test('with its authority the smarthost takes what waited, under TLS', async () => {
  server.file('ca.pem', authority?.certificate ?? '');
  const { item } = await triedAfter(0);
  await restart('ca_file = "ca.pem"\n');
  await server.ask('queue', 'retry', String(item));
  await until('the smarthost to have it', () => smarthost.mails.length === 1);
  const [mail] = smarthost.mails;
  assert.deepEqual([mail?.to, mail?.isTls, asked.length], [['olga@far.test'], true, 1]);
  assert.match(mail?.content.toString() ?? '', /^Subject: Canary\r$/m);
  const told = await until('the story to say so', async () => {
    const { out } = await server.cli('journey', 'show', journey, '--as', NOOR, '--lang', 'en');
    return out.includes(`Handed over to the relay ${SMART}`) ? out : undefined;
  });
  assert.match(told, /right server proven/);
});

test('a file that is no PEM is a mistake of the config, with its line', async () => {
  server.file('ca.pem', 'hello');
  const { code, err } = await server.cli('config', 'check');
  assert.equal(code, 1);
  assert.match(err, /eigenpost\.toml:\d+: \S*ca\.pem holds no certificate in PEM\. The file should have the line/);
  await server.stop();
  await assert.rejects(server.start(), (error: Error) => error.message.includes(err.trimEnd()));
});

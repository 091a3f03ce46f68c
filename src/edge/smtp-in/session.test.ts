import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ScramClient } from '../../codec/sasl/testdata/scram-client.ts';
import { Fault } from '../../core/fault.ts';
import { refuse } from '../../core/refusal.ts';
import { Deadlines } from '../net/deadlines.ts';
import type { Listener } from '../net/listener.ts';
import { selfSigned } from '../net/testdata/self-signed.ts';
import { listenMx, listenSubmission, type SmtpListenOptions } from './server.ts';
import { House, PASSWORD, PERSON, type Wishes } from './testdata/house.ts';
import { Peer } from './testdata/peer.ts';

const certificate = selfSigned();
const open: Listener[] = [];
after(() => Promise.all(open.map((listener) => listener.close(0))));

type Door = Readonly<{ house: House; listener: Listener; dial(): Promise<Peer> }>;

async function door(kind: 'mx' | 'submission', wishes: Wishes = {}, options: Partial<SmtpListenOptions> = {}): Promise<Door> {
  const house = new House(certificate, 60_000_000);
  house.wishes = wishes;
  const listener = await (kind === 'mx' ? listenMx : listenSubmission)(house.host, { host: '127.0.0.1', port: 0, ...options });
  open.push(listener);
  return { house, listener, dial: () => Peer.dial(listener, options.tls === undefined ? undefined : { ca: certificate.pem }) };
}

async function plays(at: Door, script: string): Promise<Peer> {
  const peer = await at.dial();
  await peer.play(script, certificate.pem);
  return peer;
}

/** Waits for the other side of a socket to have done its part. */
async function until(isDone: () => boolean): Promise<void> {
  for (let n = 0; !isDone(); n++) {
    assert.ok(n < 2_000, 'waited too long');
    await sleep(2);
  }
}

const plain = (login: string, password: string): string => Buffer.from(`\0${login}\0${password}`).toString('base64');
const ENVELOPE = `
  S: 220 mx.here.example ESMTP
  C: EHLO c.example
  S: 250-mx.here.example…
  C: MAIL FROM:<a@b.example>
  S: 250 2.1.0 …
  C: RCPT TO:<noor@here.example>
  S: 250 2.1.5 …`;

describe('mail from other servers', () => {
  test('a message is taken, and its journey told', async () => {
    const at = await door('mx');
    const peer = await plays(
      at,
      `${ENVELOPE}
      C: RCPT TO:<Postmaster> NOTIFY=NEVER ORCPT=rfc822;p@here.example
      S: 250 2.1.5 …
      C: DATA
      S: 354 …
      C: Subject: hello
      C:
      C: ..dot
      C: .
      S: 250 2.0.0 Taken [journey1]
      C: QUIT
      S: 221 2.0.0 …
      S: (closed)`,
    );
    const [mail] = at.house.taken;
    assert.equal(mail?.content, 'Subject: hello\r\n\r\n.dot\r\n');
    assert.equal(mail?.fate, 'taken');
    assert.deepEqual(mail?.recipients, [
      { address: 'noor@here.example', notify: null, originalRecipient: null },
      {
        address: 'Postmaster',
        notify: { never: true, success: false, failure: false, delay: false },
        originalRecipient: 'rfc822;p@here.example',
      },
    ]);
    assert.deepEqual(mail?.caller, {
      peer: { ip: '127.0.0.1', port: mail?.caller.peer.port, helo: 'c.example' },
      tls: null,
      protocol: 'ESMTP',
      signedIn: null,
    });
    peer.leave();
  });

  test('the greeting names no software, and AUTH is never offered, under TLS neither', async () => {
    const at = await door('mx');
    const peer = await at.dial();
    assert.equal(await peer.reply(), '220 mx.here.example ESMTP');
    const hello = await peer.ask('EHLO c.example');
    assert.match(hello, /^250-STARTTLS$|\n250[- ]STARTTLS$/m);
    assert.doesNotMatch(hello, /AUTH/);
    assert.match(await peer.ask(`AUTH PLAIN ${plain('noor', PASSWORD)}`), /^502 5\.5\.1/);
    assert.match(await peer.ask('STARTTLS'), /^220 /);
    await peer.startTls(certificate.pem);
    const secure = await peer.ask('EHLO c.example');
    assert.doesNotMatch(secure, /AUTH|STARTTLS/);
    assert.match(await peer.ask(`AUTH PLAIN ${plain('noor', PASSWORD)}`), /^502 5\.5\.1/);
    peer.leave();
  });

  test('what TLS agreed is told to the house', async () => {
    const at = await door('mx');
    const peer = await plays(
      at,
      `S: 220 …
      C: EHLO c.example
      S: 250-…
      C: STARTTLS
      S: 220 2.0.0 Ready to start TLS
      C: \\TLS
      C: MAIL FROM:<>
      S: 503 5.5.1 Say EHLO first
      C: EHLO d.example
      S: 250-…
      C: MAIL FROM:<> SMTPUTF8 BODY=8BITMIME SIZE=100 RET=FULL ENVID=x
      S: 250 …`,
    );
    const [mail] = at.house.taken;
    assert.equal(mail?.caller.tls?.protocol, 'TLSv1.3');
    assert.equal(mail?.caller.protocol, 'UTF8SMTPS');
    assert.equal(mail?.caller.peer.helo, 'd.example');
    assert.deepEqual(mail?.ask, { from: '', size: 100, body: '8bitmime', smtpUtf8: true, returnContent: 'full', envelopeId: 'x' });
    peer.leave();
  });

  test('SECURITY: a command pipelined behind STARTTLS is obeyed neither before nor after the handshake', async () => {
    const at = await door('mx');
    const peer = await at.dial();
    await peer.reply();
    await peer.ask('EHLO c.example');
    peer.say('STARTTLS\r\nEHLO evil.example\r\nMAIL FROM:<evil@b.example>\r\n');
    assert.match(await peer.reply(), /^220 /);
    await peer.startTls(certificate.pem);
    assert.match(await peer.ask('MAIL FROM:<a@b.example>'), /^503 5\.5\.1 Say EHLO/);
    assert.equal(at.house.taken.length, 0);
    peer.leave();
  });

  test('a whole conversation in one write is answered in order; replies up to a decision leave together', async () => {
    const at = await door('mx');
    const peer = await at.dial();
    await peer.reply();
    peer.pieces.length = 0;
    peer.say(
      'EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<noor@here.example>\r\nDATA\r\nx\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<noor@here.example>\r\nDATA\r\ny\r\n.\r\nQUIT\r\n',
    );
    await peer.closed();
    const codes = peer.pieces.join('').match(/^\d{3}(?= )/gm);
    assert.deepEqual(codes, ['250', '250', '250', '354', '250', '250', '250', '354', '250', '221']);
    assert.ok(peer.pieces.length <= 3, JSON.stringify(peer.pieces));
    assert.deepEqual(
      at.house.taken.map(({ content, fate }) => [content, fate]),
      [
        ['x\r\n', 'taken'],
        ['y\r\n', 'taken'],
      ],
    );
  });

  test('BDAT', async () => {
    const at = await door('mx');
    const peer = await plays(at, ENVELOPE);
    peer.say('BDAT 6\r\nhell\r\nBDAT 3 LAST\r\no\r\n');
    assert.equal(await peer.reply(), '250 2.0.0 6 octets received');
    assert.equal(await peer.reply(), '250 2.0.0 Taken [journey1]');
    assert.equal(at.house.taken[0]?.content, 'hell\r\no\r\n');
    peer.leave();
  });

  test('a house that thinks is waited for, and the peer is held back meanwhile', async () => {
    const soon = async (): Promise<undefined> => void (await sleep(5));
    const at = await door('mx', { begin: soon, recipient: soon, finish: soon });
    const peer = await at.dial();
    for (const line of ['EHLO c.example', 'MAIL FROM:<a@b.example>', 'RCPT TO:<noor@here.example>', 'DATA', 'x', '.', 'QUIT']) {
      peer.say(`${line}\r\n`);
      await sleep(1);
    }
    await peer.closed();
    assert.deepEqual(peer.pieces.join('').match(/^\d{3}(?= )/gm), ['220', '250', '250', '250', '354', '250', '221']);
  });
});

describe('refusals', () => {
  test('stand with their code, their words and the journey', async () => {
    const at = await door('mx', {
      begin: ({ from }) => (from === 'bad@b.example' ? refuse('noSuchDomain') : undefined),
      recipient: async ({ address }) => (address === 'nobody@here.example' ? refuse('noSuchUser', { secret: 'never told' }) : undefined),
      finish: () => refuse('badHeader'),
    });
    const peer = await plays(
      at,
      `S: 220 …
      C: EHLO c.example
      S: 250-…
      C: MAIL FROM:<bad@b.example>
      S: 550 5.1.2 The domain of that address does not exist
      C: MAIL FROM:<a@b.example>
      S: 250 …
      C: RCPT TO:<nobody@here.example>
      S: 550 5.1.1 There is no such address here [journey1]
      C: DATA
      S: 554 5.5.1 No recipient was taken
      C: RCPT TO:<noor@here.example>
      S: 250 …
      C: DATA
      S: 354 …
      C: .
      S: 550 5.6.0 The header of the message is not well formed [journey1]
      C: NOOP
      S: 250 …`,
    );
    assert.equal(at.house.taken[0]?.fate, 'refused badHeader');
    peer.leave();
  });

  test('SECURITY: bare line endings and smuggled commands: nothing is kept', async () => {
    const at = await door('mx');
    const peer = await plays(at, `${ENVELOPE}\nC: DATA\nS: 354 …`);
    peer.say('hello\n.\nMAIL FROM:<evil@b.example>\nRCPT TO:<noor@here.example>\nDATA\nx\r\n.\r\n');
    assert.equal(await peer.reply(), '550 5.6.11 Lines end in CRLF: a bare CR or LF was found in the message [journey1]');
    assert.deepEqual(
      at.house.taken.map(({ fate }) => fate),
      ['aborted bareLineEnding'],
    );
    assert.match(await peer.ask('NOOP'), /^250 /);
    peer.leave();
  });

  test('a message beyond the size limit', async () => {
    const house = new House(undefined, 1_000);
    const listener = await listenMx(house.host, { host: '127.0.0.1', port: 0 });
    open.push(listener);
    const peer = await Peer.dial(listener);
    await peer.play(`${ENVELOPE}\nC: DATA\nS: 354 …`);
    peer.say(`${'x'.repeat(98)}\r\n`.repeat(20));
    assert.equal(await peer.ask('.'), '552 5.3.4 The message is larger than we take [journey1]');
    assert.equal(house.taken[0]?.fate, 'aborted tooBig');
    peer.leave();
  });

  test('RSET, EHLO and going away abandon', async () => {
    const at = await door('mx');
    const peer = await plays(
      at,
      `${ENVELOPE}\nC: RSET\nS: 250 …\nC: MAIL FROM:<>\nS: 250 …\nC: EHLO x\nS: 250-…\nC: MAIL FROM:<>\nS: 250 …`,
    );
    peer.leave();
    await sleep(20);
    assert.deepEqual(
      at.house.taken.map(({ fate }) => fate),
      ['abandoned', 'abandoned', 'abandoned'],
    );
  });

  test('going away in the middle of content aborts', async () => {
    const at = await door('mx');
    const peer = await plays(at, `${ENVELOPE}\nC: DATA\nS: 354 …\nC: half a`);
    await until(() => at.house.taken[0]?.content === 'half a\r\n');
    peer.leave();
    await until(() => at.house.taken[0]?.fate === 'aborted');
  });

  test('going away while the house decides who may begin: the transaction is abandoned', async () => {
    const at = await door('mx', { begin: async () => void (await sleep(30)) });
    const peer = await plays(at, 'S: 220 …\nC: EHLO x\nS: 250-…\nC: MAIL FROM:<>');
    peer.leave();
    await until(() => at.house.taken[0]?.fate === 'abandoned');
  });
});

describe('trouble in the house', () => {
  const fault = new Fault('unavailable', 'the disk is slow');
  const cases: readonly (readonly [string, Wishes, string])[] = [
    ['at MAIL', { begin: () => Promise.reject(fault) }, 'MAIL'],
    [
      'at MAIL, at once',
      {
        begin() {
          throw fault;
        },
      },
      'MAIL',
    ],
    ['at RCPT', { recipient: () => Promise.reject(fault) }, 'RCPT'],
    [
      'at DATA',
      {
        content() {
          throw fault;
        },
      },
      'DATA',
    ],
    ['while content is written', { write: () => Promise.reject(fault) }, '.'],
    [
      'while content is written, at once',
      {
        write() {
          throw fault;
        },
      },
      '.',
    ],
    ['at the end', { finish: () => Promise.reject(fault) }, '.'],
  ];
  for (const [when, wishes, verb] of cases) {
    test(`${when}: 451 with an incident number, and the conversation goes on`, async () => {
      const at = await door('mx', wishes);
      const peer = await at.dial();
      await peer.reply();
      let answer = await peer.ask('EHLO c.example');
      for (const line of ['MAIL FROM:<a@b.example>', 'RCPT TO:<noor@here.example>', 'DATA', 'x\r\n.']) {
        answer = await peer.ask(line);
        if (line.endsWith(verb) || line.startsWith(verb)) break;
      }
      const [told] = at.house.troubles;
      assert.equal(answer, `451 4.3.0 Something went wrong on our side; try again later [${told?.incident}]`);
      assert.equal(told?.trouble, fault);
      assert.ok(told?.dialogue.includes('C: EHLO c.example'));
      assert.match(await peer.ask('NOOP'), /^250 /);
      assert.notEqual(at.house.taken[0]?.fate, 'taken');
      peer.leave();
    });
  }

  test('a full disk is 452 4.3.1', async () => {
    const at = await door('mx', { finish: () => Promise.reject(new Fault('full', 'no space left')) });
    const peer = await plays(at, `${ENVELOPE}\nC: DATA\nS: 354 …\nC: .\nS: 452 4.3.1 There is no room just now; try again later […]`);
    peer.leave();
  });

  test('a house that never answers: the peer is let go', async () => {
    let now = 0;
    let isAsked = false;
    const hangs = (): Promise<undefined> => {
      isAsked = true;
      return new Promise(() => {});
    };
    const at = await door('mx', { finish: hangs }, { deadlines: new Deadlines(5, () => now) });
    const peer = await plays(at, `${ENVELOPE}\nC: DATA\nS: 354 …\nC: .`);
    await until(() => isAsked);
    now += 600_001;
    assert.match(await peer.reply(), /^421 4\.3\.0 /);
    await peer.closed();
    assert.equal(at.house.troubles.length, 1);
  });
});

describe('large messages', () => {
  test('stream through with back-pressure: no more is read than the house has written', async () => {
    let waiting = 0;
    let most = 0;
    let octets = 0;
    const at = await door('mx', {
      async write(bytes) {
        waiting += bytes.length;
        octets += bytes.length;
        most = Math.max(most, waiting);
        if (octets % 7 === 0) await sleep(1);
        else await Promise.resolve();
        waiting -= bytes.length;
      },
    });
    const peer = await plays(at, `${ENVELOPE}\nC: DATA\nS: 354 …`);
    const block = Buffer.from(`${'x'.repeat(76)}\r\n`.repeat(8_000));
    for (let n = 0; n < 80; n++) peer.say(block);
    assert.equal(await peer.ask('.'), '250 2.0.0 Taken [journey1]');
    assert.equal(octets, block.length * 80);
    assert.ok(most <= 3 * 65_536, `${most} octets were under way at once`);
    peer.leave();
  });

  test('a small one arrives in a single piece', async () => {
    const sizes: number[] = [];
    const at = await door('mx', { write: (bytes) => void sizes.push(bytes.length) });
    const peer = await plays(at, `${ENVELOPE}\nC: DATA\nS: 354 …`);
    peer.say(`${'x'.repeat(76)}\r\n`.repeat(50).concat('.\r\n'));
    assert.match(await peer.reply(), /^250 /);
    assert.deepEqual(sizes, [3_900]);
    peer.leave();
  });
});

describe('mail from our own people', () => {
  test('587: TLS first, then a name, then mail', async () => {
    const at = await door('submission');
    const peer = await plays(
      at,
      `S: 220 …
      C: EHLO laptop
      S: 250-…STARTTLS
      C: AUTH PLAIN ${plain('noor', PASSWORD)}
      S: 530 5.7.0 Start TLS first
      C: MAIL FROM:<noor@here.example>
      S: 530 5.7.0 Start TLS first
      C: STARTTLS
      S: 220 …
      C: \\TLS
      C: EHLO laptop
      S: 250-…AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN
      C: MAIL FROM:<noor@here.example>
      S: 530 5.7.0 Sign in first
      C: AUTH PLAIN ${plain('noor', 'wrong')}
      S: 535 5.7.8 …
      C: AUTH PLAIN ${plain('noor', PASSWORD)}
      S: 235 2.7.0 …
      C: MAIL FROM:<noor@here.example>
      S: 250 …`,
    );
    assert.equal(at.house.taken[0]?.caller.signedIn?.person, PERSON.person);
    assert.equal(at.house.taken[0]?.caller.protocol, 'ESMTPSA');
    peer.leave();
  });

  test('465: TLS from the first octet; LOGIN, cancelled and then done', async () => {
    const at = await door('submission', {}, { tls: certificate });
    const peer = await plays(
      at,
      `S: 220 …
      C: EHLO laptop
      S: 250-…AUTH …
      C: AUTH LOGIN
      S: 334 VXNlcm5hbWU6
      C: *
      S: 501 5.7.0 …
      C: AUTH LOGIN
      S: 334 VXNlcm5hbWU6
      C: ${Buffer.from('noor').toString('base64')}
      S: 334 UGFzc3dvcmQ6
      C: ${Buffer.from(PASSWORD).toString('base64')}
      S: 235 2.7.0 …`,
    );
    peer.leave();
  });

  for (const isPlus of [false, true]) {
    test(`SCRAM-SHA-256${isPlus ? '-PLUS with tls-exporter' : ''}: both sides prove themselves`, async () => {
      const at = await door('submission', {}, { tls: certificate });
      const peer = await at.dial();
      await peer.reply();
      await peer.ask('EHLO laptop');
      const { socket } = peer;
      const binding =
        'exportKeyingMaterial' in socket ? socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)) : Buffer.alloc(0);
      const client = new ScramClient({ login: 'noor', password: PASSWORD, ...(isPlus ? { flag: 'p=tls-exporter', binding } : {}) });
      const coded = (text: string): string => Buffer.from(text).toString('base64');
      const decoded = (reply: string): string => Buffer.from(reply.slice(4), 'base64').toString();
      const first = await peer.ask(`AUTH SCRAM-SHA-256${isPlus ? '-PLUS' : ''} ${coded(client.first())}`);
      const final = await peer.ask(coded(client.final(decoded(first))));
      assert.equal(client.trusts(decoded(final)), true, final);
      assert.match(await peer.ask(''), /^235 2\.7\.0 /);
      peer.leave();
    });
  }

  test('SCRAM with a wrong password, or a name nobody has, or for somebody else', async () => {
    const at = await door('submission', {}, { tls: certificate });
    const peer = await at.dial();
    await peer.reply();
    await peer.ask('EHLO laptop');
    for (const wrong of [
      { login: 'noor', password: 'guess' },
      { login: 'nobody', password: PASSWORD },
    ]) {
      const client = new ScramClient(wrong);
      const first = await peer.ask(`AUTH SCRAM-SHA-256 ${Buffer.from(client.first()).toString('base64')}`);
      const final = client.final(Buffer.from(first.slice(4), 'base64').toString());
      assert.match(await peer.ask(Buffer.from(final).toString('base64')), /^535 5\.7\.8 /);
    }
    const other = new ScramClient({ login: 'noor', password: PASSWORD, actAs: 'boss' });
    assert.match(await peer.ask(`AUTH SCRAM-SHA-256 ${Buffer.from(other.first()).toString('base64')}`), /^535 5\.7\.8 /);
    assert.match(await peer.ask(`AUTH PLAIN ${Buffer.from(`boss\0noor\0${PASSWORD}`).toString('base64')}`), /^535 5\.7\.8 /);
    assert.match(await peer.ask('AUTH PLAIN AAAA'), /^421 4\.7\.0 /);
    await peer.closed();
  });

  test('where TLS is waived (benches, on loopback) AUTH works in clear', async () => {
    const house = new House();
    const listener = await listenSubmission({ ...house.host, allowsPlaintext: true }, { host: '127.0.0.1', port: 0 });
    open.push(listener);
    const peer = await Peer.dial(listener);
    await peer.play(`S: 220 …\nC: EHLO x\nS: 250-…AUTH SCRAM-SHA-256 PLAIN LOGIN\nC: MAIL FROM:<>\nS: 530 5.7.0 Sign in first`);
    await peer.play(`C: AUTH PLAIN ${plain('noor', PASSWORD)}\nS: 235 …\nC: MAIL FROM:<noor@here.example>\nS: 250 …`);
    assert.equal(house.taken[0]?.caller.protocol, 'ESMTPA');
    peer.leave();
  });

  test('SECURITY: no secret is in the dialogue of an incident', async () => {
    const at = await door('submission', { begin: () => Promise.reject(new Fault('unavailable', 'x')) }, { tls: certificate });
    const peer = await plays(
      at,
      `S: 220 …\nC: EHLO x\nS: 250-…\nC: AUTH PLAIN ${plain('noor', PASSWORD)}\nS: 235 …\nC: MAIL FROM:<>\nS: 451 …`,
    );
    const dialogue = at.house.troubles[0]?.dialogue.join('\n') ?? '';
    assert.match(dialogue, /C: AUTH PLAIN \*{8}/);
    assert.equal(dialogue.includes(plain('noor', PASSWORD)), false);
    peer.leave();
  });
});

describe('what the peer signed in with is taken away', () => {
  const SIGNED_IN = `S: 220 …\nC: EHLO x\nS: 250-…\nC: AUTH PLAIN ${plain('noor', PASSWORD)}\nS: 235 …`;
  const RECIPIENT = 'C: MAIL FROM:<noor@here.example>\nS: 250 …\nC: RCPT TO:<a@b.example>\nS: 250 …';
  const implicit = { tls: certificate };

  test('between commands: 421 at once, and nothing is left watching', async () => {
    const at = await door('submission', {}, implicit);
    const peer = await plays(at, SIGNED_IN);
    assert.equal(at.house.hold.watchers, 1);
    at.house.hold.take('accountClosedNow');
    assert.match(await peer.reply(), /^421 4\.7\.13 This account was closed/);
    await peer.closed();
    const left = await plays(at, 'S: 220 …');
    left.leave();
    const another = await door('submission', {}, implicit);
    const quits = await plays(another, `${SIGNED_IN}\nC: QUIT\nS: 221 …`);
    await quits.closed();
    await until(() => another.house.hold.watchers === 0);
  });

  test('while content comes: 421, and it is not taken', async () => {
    const at = await door('submission', {}, implicit);
    const peer = await plays(at, `${SIGNED_IN}\n${RECIPIENT}\nC: DATA\nS: 354 …\nC: half of it`);
    await until(() => at.house.taken[0]?.content !== '');
    at.house.hold.take();
    assert.equal(at.house.taken[0]?.fate, 'aborted');
    peer.say('the rest\r\n.\r\n');
    assert.match(await peer.reply(), /^421 4\.7\.8 /);
    await peer.closed();
    assert.equal(at.house.taken[0]?.fate, 'aborted');
  });

  test('while the house decides: its answer first, then 421; what was pipelined behind it is not obeyed', async () => {
    const decided = Promise.withResolvers<undefined>();
    let isAsked = false;
    const at = await door(
      'submission',
      {
        finish: () => {
          isAsked = true;
          return decided.promise;
        },
      },
      implicit,
    );
    const peer = await plays(at, `${SIGNED_IN}\n${RECIPIENT}\nC: DATA\nS: 354 …`);
    peer.say('x\r\n.\r\nMAIL FROM:<noor@here.example>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n');
    await until(() => isAsked);
    peer.say('RSET\r\nMAIL FROM:<noor@here.example>\r\n');
    await sleep(20);
    at.house.hold.take();
    decided.resolve(undefined);
    assert.match(await peer.reply(), /^250 2\.0\.0 Taken/);
    assert.match(await peer.reply(), /^421 4\.7\.8 /);
    await peer.closed();
    assert.deepEqual(
      at.house.taken.map(({ fate }) => fate),
      ['taken'],
    );
  });

  test('during the sign-in itself', async () => {
    const at = await door('submission', {}, implicit);
    at.house.hold.lost = refuse('passwordWithdrawn');
    const peer = await plays(at, `${SIGNED_IN}\nS: 421 4.7.8 …`);
    await peer.closed();
    assert.equal(at.house.hold.watchers, 0);
  });
});

describe('time and closing', () => {
  test('silence for five minutes ends the conversation, and drips do not prolong it', async () => {
    let now = 0;
    const deadlines = new Deadlines(5, () => now);
    const at = await door('mx', {}, { deadlines });
    const peer = await plays(at, 'S: 220 …\nC: EHLO x\nS: 250-…');
    for (let n = 0; n < 5; n++) {
      now += 59_000;
      peer.say('N');
      await until(() => deadlines.now === now);
    }
    now += 6_000;
    assert.match(await peer.reply(), /^421 4\.4\.2 /);
    await peer.closed();
  });

  test('content in drips ends after an hour, and nothing is kept', async () => {
    let now = 0;
    const deadlines = new Deadlines(5, () => now);
    const at = await door('mx', {}, { deadlines });
    const peer = await plays(at, `${ENVELOPE}\nC: DATA\nS: 354 …\nC: x`);
    await until(() => at.house.taken[0]?.content === 'x\r\n');
    // Twenty drips of nearly three minutes each: the hour that all of a content may take ends the next one early.
    for (let n = 0; n < 20; n++) {
      now += 179_000;
      await until(() => deadlines.now === now);
      assert.equal(at.house.taken[0]?.fate, 'receiving');
      peer.say('y');
      await until(() => at.house.taken[0]?.content.length === 4 + n);
    }
    now += 21_000;
    assert.match(await peer.reply(), /^421 4\.4\.2 /);
    await peer.closed();
    await until(() => at.house.taken[0]?.fate === 'aborted');
  });

  test('content that stops coming ends the conversation', async () => {
    let now = 0;
    const at = await door('mx', {}, { deadlines: new Deadlines(5, () => now) });
    const peer = await plays(at, `${ENVELOPE}\nC: DATA\nS: 354 …\nC: x`);
    await until(() => at.house.taken[0]?.content === 'x\r\n');
    now += 181_000;
    assert.match(await peer.reply(), /^421 4\.4\.2 /);
    await peer.closed();
  });

  test('a server that closes says so, and lets a message be finished first', async () => {
    const done = Promise.withResolvers<undefined>();
    let isAsked = false;
    const waits = (): Promise<undefined> => {
      isAsked = true;
      return done.promise;
    };
    const at = await door('mx', { finish: waits });
    const idle = await plays(at, 'S: 220 …\nC: EHLO x\nS: 250-…');
    const busy = await plays(at, `${ENVELOPE}\nC: DATA\nS: 354 …\nC: x\nC: .`);
    await until(() => isAsked);
    const closing = at.listener.close(5_000);
    assert.match(await idle.reply(), /^421 4\.3\.2 /);
    await idle.closed();
    done.resolve(undefined);
    assert.match(await busy.reply(), /^250 2\.0\.0 Taken/);
    assert.match(await busy.reply(), /^421 4\.3\.2 /);
    await busy.closed();
    await closing;
    assert.equal(at.house.taken[0]?.fate, 'taken');
  });

  test('a peer that has said everything and closed its side still hears the answer', async () => {
    const at = await door('mx', { finish: async () => void (await sleep(20)) });
    const peer = await at.dial();
    peer.socket.end('EHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<noor@here.example>\r\nDATA\r\nx\r\n.\r\n');
    await peer.closed();
    assert.match(peer.pieces.join(''), /250 2\.0\.0 Taken/);
  });

  test('too many from one address are told so', async () => {
    const at = await door('mx', {}, { limits: { perAddress: 1 } });
    const first = await plays(at, 'S: 220 …');
    const second = await at.dial();
    assert.match(await second.reply(), /^421 4\.7\.0 /);
    first.leave();
  });
});

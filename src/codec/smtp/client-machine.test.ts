import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClientAction, SmtpClientMachine } from './client-machine.ts';
import type { ClientMessage } from './client-message.ts';
import type { ClientOptions } from './client-opening.ts';

const MESSAGE: ClientMessage = {
  sender: 'anna@example.org',
  recipients: [{ address: 'ben@example.net' }, { address: 'cleo@example.net' }],
  size: 24,
  body: '7bit',
  smtpUtf8: false,
};
const CONTENT = 'Subject: hi\r\n\r\n.hello\r\n';
const ALL =
  '250-mx\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250 STARTTLS\r\n';
const PLAIN = '250-mx\r\n250 SIZE 1000\r\n';

/** A server in a table: what it says to a line that begins so. The longest match wins; `.` is the end of content, '' the greeting. */
type Table = Readonly<Record<string, string>>;
const DEFAULTS: Table = {
  '': '220 mx ESMTP\r\n',
  EHLO: ALL,
  HELO: '250 mx\r\n',
  STARTTLS: '220 go\r\n',
  MAIL: '250 2.1.0 ok\r\n',
  RCPT: '250 2.1.5 ok\r\n',
  DATA: '354 go\r\n',
  '.': '250 2.0.0 taken\r\n',
  RSET: '250 ok\r\n',
  QUIT: '221 bye\r\n',
  BDAT: '250 ok\r\n',
};

type Run = { wire: string; actions: ClientAction[]; machine: SmtpClientMachine; dialogue: readonly string[] };
type Setup = Readonly<{
  table?: Table;
  options?: Partial<ClientOptions>;
  messages?: readonly ClientMessage[];
  content?: string;
  /** Size of the next piece of what the server says. */
  cut?: () => number;
  /** The connection is lost when this line has been said. */
  loseAfter?: string;
  /** The server says this when the first piece of content reaches it. */
  early?: string;
}>;

/** Plays a whole connection between a machine and a table. */
function play({
  table = {},
  options = {},
  messages = [MESSAGE],
  content = CONTENT,
  cut = () => 1_000_000,
  loseAfter,
  early,
}: Setup = {}): Run {
  const replies: Table = { ...DEFAULTS, ...table };
  const machine = new SmtpClientMachine({ name: 'us.example', startTls: 'never', ...options });
  const run: Run = { wire: '', actions: [], machine, dialogue: [] };
  const left = [...messages];
  let owed = Buffer.from(replies[''] ?? '');
  let [isInContent, isLost, seen] = [false, false, 0];
  const answer = (line: string): void => {
    const key = Object.keys(replies)
      .filter((each) => each !== '' && line.startsWith(each))
      .sort((a, b) => b.length - a.length)[0];
    if (!isLost) owed = Buffer.concat([owed, Buffer.from(key === undefined ? '500 what\r\n' : (replies[key] ?? ''))]);
    if (loseAfter !== undefined && line.startsWith(loseAfter)) isLost = true;
  };
  const serve = (): void => {
    for (let end = run.wire.indexOf('\r\n', seen); end >= 0; end = run.wire.indexOf('\r\n', seen)) {
      const line = run.wire.slice(seen, end);
      seen = end + 2;
      const chunk = /^BDAT (\d+)/.exec(line);
      if (chunk !== null) seen += Number(chunk[1]);
      if (isInContent ? line === '.' : true) {
        isInContent = false;
        answer(line);
        if (line === 'DATA' && (replies[Object.keys(replies).includes('DATA') ? 'DATA' : ''] ?? '').startsWith('354')) isInContent = true;
      }
    }
  };
  const feed = (): ClientAction[] => {
    const actions: ClientAction[] = [];
    const bytes = Buffer.from(content, 'latin1');
    for (let at = 0; at < bytes.length; at += 7) {
      run.wire += Buffer.concat([...machine.content(bytes.subarray(at, at + 7))]).toString('latin1');
      if (early !== undefined && at === 0) actions.push(...machine.receive(Buffer.from(early)));
    }
    run.wire += Buffer.concat([...machine.contentEnd()]).toString('latin1');
    return [...actions, ...machine.pending()];
  };
  const obey = (actions: readonly ClientAction[]): void => {
    for (const action of actions) {
      run.actions.push(action);
      if (action.do === 'say') run.wire += action.text;
      if (action.do === 'startTls') obey(machine.tlsStarted());
      if (action.do === 'sendContent') obey(feed());
      if (action.do === 'done') run.dialogue = machine.dialogue;
      if ((action.do === 'ready' || action.do === 'done') && machine.isReady) {
        const next = left.shift();
        obey(next === undefined ? machine.quit() : machine.send(next));
      }
    }
  };
  for (let turn = 0; turn < 5000; turn++) {
    if (owed.length > 0) {
      const size = cut();
      const piece = Buffer.from(owed.subarray(0, size));
      owed = owed.subarray(size);
      obey(machine.receive(piece));
    } else if (isLost) obey(machine.lost('connectionLost'));
    serve();
    if (run.actions.at(-1)?.do === 'hangUp' || (owed.length === 0 && !isLost)) break;
  }
  return run;
}

const last = (run: Run): ClientAction | undefined => run.actions.at(-1);
const outcomes = (run: Run): string[] =>
  run.actions
    .filter((action) => action.do === 'done')
    .flatMap(({ outcomes }) => outcomes)
    .map((each) => {
      if (each.outcome === 'taken') return `taken ${each.reply.code}`;
      if (each.outcome === 'refused') return `refused ${each.stage} ${each.reply.code}`;
      return each.outcome === 'unfit' ? `unfit ${each.unfit}` : `broken ${each.stage} ${each.trouble}${each.mayBeTaken ? ' maybe' : ''}`;
    });

test('a message goes through in as few turns as pipelining allows', () => {
  const run = play();
  assert.equal(
    run.wire,
    'EHLO us.example\r\nMAIL FROM:<anna@example.org> SIZE=24\r\nRCPT TO:<ben@example.net>\r\nRCPT TO:<cleo@example.net>\r\nDATA\r\n' +
      'Subject: hi\r\n\r\n..hello\r\n.\r\nQUIT\r\n',
  );
  assert.deepEqual(outcomes(run), ['taken 250', 'taken 250']);
  assert.deepEqual(last(run), { do: 'hangUp', stage: 'quit', reply: null, trouble: null });
  assert.equal(run.actions.filter((action) => action.do === 'say').length, 3);
});

test('the dialogue is word for word, opening included, for each message', () => {
  const run = play({ messages: [MESSAGE, { ...MESSAGE, sender: '', recipients: [{ address: 'dora@example.net' }] }] });
  assert.deepEqual(run.dialogue, [
    'S: 220 mx ESMTP',
    'C: EHLO us.example',
    ...ALL.trimEnd()
      .split('\r\n')
      .map((line) => `S: ${line}`),
    'C: MAIL FROM:<> SIZE=24',
    'C: RCPT TO:<dora@example.net>',
    'C: DATA',
    'S: 250 2.1.0 ok',
    'S: 250 2.1.5 ok',
    'S: 354 go',
    'C: (23 octets of content)',
    'C: .',
    'S: 250 2.0.0 taken',
  ]);
});

test('whole, byte by byte and in random cuts, the same actions', () => {
  let seed = 11;
  const random = (): number => 1 + ((seed = (seed * 48_271) % 0x7fffffff) % 9);
  const setups: Setup[] = [
    {},
    { table: { EHLO: PLAIN } },
    { options: { startTls: 'offered' } },
    { table: { 'RCPT TO:<ben': '550 no\r\n' }, messages: [MESSAGE, MESSAGE] },
  ];
  for (const setup of setups) {
    // How replies arrive may change which commands share a write, never what is said or what comes of it.
    const facts = (run: Run): unknown[] => [run.wire, outcomes(run), last(run), run.dialogue.toSorted()];
    const whole = facts(play(setup));
    assert.deepEqual(facts(play({ ...setup, cut: () => 1 })), whole);
    for (let round = 0; round < 20; round++) assert.deepEqual(facts(play({ ...setup, cut: random })), whole);
  }
});

test('without PIPELINING each command waits, and DATA is not said for nobody', () => {
  const run = play({ table: { EHLO: PLAIN } });
  assert.equal(run.actions.filter((action) => action.do === 'say').length, 6);
  assert.deepEqual(outcomes(run), ['taken 250', 'taken 250']);
  const none = play({ table: { EHLO: PLAIN, RCPT: '550 5.1.1 no\r\n' }, messages: [MESSAGE, MESSAGE] });
  assert.deepEqual(
    outcomes(none),
    Array.from({ length: 4 }, () => 'refused rcpt 550'),
  );
  assert.ok(!none.wire.includes('DATA'));
  assert.equal(none.wire.split('RSET').length, 2);
});

test('every stage may say no', () => {
  const cases: [string, Table, string[]][] = [
    ['sender', { MAIL: '451 4.7.1 later\r\n', RCPT: '503 no\r\n', DATA: '503 no\r\n' }, ['refused mail 451', 'refused mail 451']],
    ['one recipient', { 'RCPT TO:<cleo': '550 5.1.1 no\r\n' }, ['taken 250', 'refused rcpt 550']],
    ['all, and DATA too', { RCPT: '450 busy\r\n', DATA: '554 nobody\r\n' }, ['refused rcpt 450', 'refused rcpt 450']],
    ['all, but DATA is let in', { RCPT: '550 no\r\n', '.': '554 nobody\r\n' }, ['refused rcpt 550', 'refused rcpt 550']],
    ['DATA', { DATA: '451 disk\r\n' }, ['refused data 451', 'refused data 451']],
    ['the content', { '.': '554 5.7.1 spam\r\n' }, ['refused content 554', 'refused content 554']],
    ['421 at the second recipient', { 'RCPT TO:<cleo': '421 closing\r\n' }, ['refused rcpt 421', 'refused rcpt 421']],
    ['421 after the content', { '.': '421 closing\r\n' }, ['refused content 421', 'refused content 421']],
    ['a positive answer to DATA', { DATA: '250 what\r\n' }, ['broken mail badReply', 'broken mail badReply']],
    ['nonsense after the content', { '.': 'thanks\r\n' }, ['broken content badReply maybe', 'broken content badReply maybe']],
  ];
  for (const [what, table, expected] of cases) assert.deepEqual(outcomes(play({ table })), expected, what);
});

test('the next message begins with RSET where the last one was left half-way', () => {
  const run = play({ table: { RCPT: '550 no\r\n', DATA: '503 no\r\n' }, messages: [MESSAGE, MESSAGE] });
  assert.ok(run.wire.includes('DATA\r\nRSET\r\nMAIL FROM'));
  const good = play({ messages: [MESSAGE, MESSAGE, MESSAGE] });
  assert.ok(!good.wire.includes('RSET') && outcomes(good).length === 6);
  const rude = play({ table: { RCPT: '550 no\r\n', DATA: '503 no\r\n', RSET: '500 no\r\n' }, messages: [MESSAGE, MESSAGE] });
  assert.deepEqual(outcomes(rude).slice(2), ['broken mail badReply', 'broken mail badReply']);
});

test('a lost connection is certain before the final dot and unknown after it', () => {
  const cases: [string, string[]][] = [
    ['MAIL', ['broken mail connectionLost', 'broken mail connectionLost']],
    ['RCPT TO:<cleo', ['broken rcpt connectionLost', 'broken rcpt connectionLost']],
    ['.', ['broken content connectionLost maybe', 'broken content connectionLost maybe']],
  ];
  for (const [loseAfter, expected] of cases) {
    const table = { [loseAfter]: '' };
    assert.deepEqual(outcomes(play({ loseAfter, table: { ...table, EHLO: PLAIN } })), expected, loseAfter);
  }
  assert.deepEqual(outcomes(play({ loseAfter: 'EHLO', table: { EHLO: '' } })), []);
  const bye = play({ loseAfter: 'QUIT', table: { QUIT: '' } });
  assert.deepEqual(last(bye), { do: 'hangUp', stage: 'quit', reply: null, trouble: null });
});

test('a verdict spoken in the middle of the content stops it', () => {
  const run = play({ early: '552 5.3.4 too much\r\n' });
  assert.deepEqual(outcomes(run), ['refused content 552', 'refused content 552']);
  assert.deepEqual(run.actions.map((action) => action.do).slice(-3), ['stopContent', 'done', 'hangUp']);
  assert.ok(!run.wire.includes('hello'));
  assert.deepEqual(outcomes(play({ early: '250 fine\r\n' })), ['broken content badReply', 'broken content badReply']);
});

test('bare line ends are never sent', () => {
  const run = play({ content: 'a\r\nb\n.\nMAIL FROM:<x@y>\r\n' });
  assert.deepEqual(outcomes(run), ['broken content badContent', 'broken content badContent']);
  assert.ok(!run.wire.includes('b\n') && last(run)?.do === 'hangUp');
});

test('greetings and hellos', () => {
  const cases: [Table, string][] = [
    [{ '': '554 go away\r\n' }, 'greeting 554 null'],
    [{ '': '421 busy\r\n' }, 'greeting 421 null'],
    [{ '': '250 odd\r\n' }, 'greeting 250 null'],
    [{ '': 'SSH-2.0-OpenSSH\r\n' }, 'greeting undefined badReply'],
    [{ EHLO: '550 no\r\n', HELO: '550 no\r\n' }, 'ehlo 550 null'],
    [{ EHLO: '450 later\r\n' }, 'ehlo 450 null'],
  ];
  for (const [table, expected] of cases) {
    const end = last(play({ table }));
    assert.ok(end?.do === 'hangUp');
    assert.equal(`${end.stage} ${end.reply?.code} ${end.trouble}`, expected);
  }
  const old = play({ table: { EHLO: '502 what\r\n' } });
  assert.deepEqual(outcomes(old), ['taken 250', 'taken 250']);
  assert.ok(old.wire.includes('HELO us.example\r\nMAIL FROM:<anna@example.org>\r\n'));
});

test('STARTTLS where offered, and only then', () => {
  const run = play({ options: { startTls: 'offered' } });
  assert.ok(run.wire.startsWith('EHLO us.example\r\nSTARTTLS\r\nEHLO us.example\r\nSTARTTLS') === false);
  assert.ok(run.wire.startsWith('EHLO us.example\r\nSTARTTLS\r\nEHLO us.example\r\nMAIL'));
  assert.ok(outcomes(play({ options: { startTls: 'offered' }, table: { STARTTLS: '454 no\r\n' } })).includes('taken 250'));
  const ends = [
    play({ options: { startTls: 'required' }, table: { EHLO: PLAIN } }),
    play({ options: { startTls: 'required' }, table: { STARTTLS: '454 no\r\n' } }),
  ].map(last);
  assert.deepEqual(
    ends.map((end) => end?.do === 'hangUp' && [end.stage, end.trouble ?? end.reply?.code]),
    [
      ['starttls', 'noTls'],
      ['starttls', 454],
    ],
  );
});

test('what is sent in clear behind the 220 of STARTTLS is an attack', () => {
  const end = last(play({ options: { startTls: 'offered' }, table: { STARTTLS: '220 go\r\n250-evil\r\n' } }));
  assert.ok(end?.do === 'hangUp' && end.trouble === 'badReply');
});

test('AUTH: PLAIN, LOGIN, masked, and not in clear unless told', () => {
  const auth = { user: 'anna', password: 'geheim' };
  const offer = (words: string): Table => ({ EHLO: `250-mx\r\n250 AUTH ${words}\r\n` });
  const secure: Partial<ClientOptions> = { isSecure: true, auth };
  const plain = play({ options: secure, table: { ...offer('LOGIN PLAIN'), AUTH: '235 ok\r\n' } });
  assert.ok(plain.wire.includes(`AUTH PLAIN ${Buffer.from('\0anna\0geheim').toString('base64')}\r\nMAIL`));
  assert.ok(plain.dialogue.includes('C: AUTH PLAIN ***') && !plain.dialogue.join().includes('Z2Vo'));
  const login = play({
    options: secure,
    table: { ...offer('LOGIN'), AUTH: '334 VXNlcm5hbWU6\r\n', YW5uYQ: '334 UGFzc3dvcmQ6\r\n', Z2VoZWlt: '235 ok\r\n' },
  });
  assert.deepEqual(outcomes(login), ['taken 250', 'taken 250']);
  assert.equal(login.dialogue.filter((line) => line === 'C: ***').length, 2);
  const ends = [
    play({ options: secure, table: { ...offer('PLAIN'), AUTH: '535 5.7.8 no\r\n' } }),
    play({ options: secure, table: offer('CRAM-MD5') }),
    play({ options: { auth, startTls: 'offered' }, table: offer('PLAIN') }),
    play({ options: secure, table: { ...offer('PLAIN'), AUTH: '334 \r\n', AGFu: '334 \r\n' } }),
  ].map(last);
  assert.deepEqual(
    ends.map((end) => end?.do === 'hangUp' && `${end.stage} ${end.trouble ?? end.reply?.code}`),
    ['auth 535', 'auth noAuth', 'starttls noTls', 'auth badReply'],
  );
});

test('parameters only where offered', () => {
  const rich: ClientMessage = {
    ...MESSAGE,
    body: '8bitmime',
    returnContent: 'HDRS',
    envelopeId: 'a b+c',
    size: 24,
    recipients: [
      { address: 'bén@example.net', notify: 'SUCCESS,FAILURE', originalRecipient: 'rfc822;ben+x@example.net' },
      { address: 'c@example.net', originalRecipient: 'utf-8;bén+@example.net' },
    ],
  };
  const run = play({ messages: [rich] });
  assert.ok(
    Buffer.from(run.wire).toString().includes('MAIL FROM:<anna@example.org> SIZE=24 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+20b+2Bc\r\n'),
  );
  assert.ok(run.wire.includes('RCPT TO:<bén@example.net> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;ben+2Bx@example.net\r\n'));
  assert.ok(run.wire.includes('ORCPT=utf-8;bén\\x{2B}@example.net\r\n'));
  const poor = play({ messages: [{ ...rich, body: '7bit' }], table: { EHLO: '250-mx\r\n250 DSN\r\n' } });
  assert.deepEqual(outcomes(poor), ['unfit needsUtf8', 'taken 250']);
  assert.ok(poor.wire.includes('ORCPT=utf-8;b\\x{E9}n\\x{2B}@example.net\r\n'));
});

test('what a server cannot take is not sent', () => {
  const cases: [Partial<ClientMessage>, string, string][] = [
    [{ size: 1001 }, ALL, 'tooBig'],
    [{ smtpUtf8: true }, PLAIN, 'needsUtf8'],
    [{ sender: 'ünal@example.org' }, PLAIN, 'needsUtf8'],
    [{ body: '8bitmime' }, PLAIN, 'needs8Bit'],
    [{ body: 'binarymime' }, PLAIN, 'needsBinary'],
    [{ requireTls: true }, ALL, 'needsTls'],
    [{ sender: 'a>\r\nRCPT TO:<x' }, ALL, 'badAddress'],
    [{ recipients: [{ address: 'a\nb@x' }, { address: '' }] }, ALL, 'badAddress'],
  ];
  for (const [change, offers, unfit] of cases) {
    const run = play({ messages: [{ ...MESSAGE, ...change }], table: { EHLO: offers } });
    assert.deepEqual(outcomes(run), [`unfit ${unfit}`, `unfit ${unfit}`]);
    assert.ok(run.wire.endsWith('EHLO us.example\r\nQUIT\r\n'));
  }
});

test('binary messages go by BDAT (RFC 3030)', () => {
  const binary: ClientMessage = { ...MESSAGE, body: 'binarymime' };
  const run = play({ messages: [binary], content: 'a\n\0.\r.\n' });
  assert.ok(run.wire.includes('BODY=BINARYMIME') && run.wire.includes('BDAT 7 LAST\r\na\n\0.\r.\nQUIT'));
  assert.deepEqual(outcomes(run), ['taken 250', 'taken 250']);
  const big = play({ messages: [{ ...binary, size: 900 }], content: 'x'.repeat(600_000) });
  assert.deepEqual(big.dialogue.filter((line) => line.startsWith('C: BDAT')).length, 3);
  assert.deepEqual(outcomes(big), ['taken 250', 'taken 250']);
  const no = play({ messages: [binary], table: { BDAT: '452 full\r\n' } });
  assert.deepEqual(outcomes(no), ['refused content 452', 'refused content 452']);
  const early = play({ messages: [{ ...binary, size: 900 }], content: 'x'.repeat(600_000), table: { 'BDAT 262': '552 no\r\n' } });
  assert.deepEqual(outcomes(early), ['refused content 552', 'refused content 552']);
  const nobody = play({ messages: [binary], table: { RCPT: '550 no\r\n' } });
  assert.ok(!nobody.wire.includes('BDAT'));
});

test('a server that talks without end is cut off, and the dialogue stays small', () => {
  const run = play({ table: { EHLO: '250-x\r\n'.repeat(5000) } });
  assert.ok(last(run)?.do === 'hangUp');
  assert.ok(run.machine.dialogue.length < 200);
  const many = play({
    messages: [{ ...MESSAGE, recipients: Array.from({ length: 500 }, (_, at) => ({ address: `a${at}@example.net` })) }],
  });
  assert.equal(outcomes(many).length, 500);
  assert.ok(
    many.dialogue.length < 200 &&
      many.dialogue.some((line) => line.endsWith('lines left out')) &&
      many.dialogue.at(-1) === 'S: 250 2.0.0 taken',
  );
});

test('an idle connection that speaks up is over', () => {
  const machine = new SmtpClientMachine({ name: 'us', startTls: 'never' });
  machine.receive(Buffer.from('220 x\r\n'));
  assert.deepEqual(
    machine.receive(Buffer.from(PLAIN)).map((action) => action.do),
    ['ready'],
  );
  assert.deepEqual(
    machine.receive(Buffer.from('421 idle too long\r\n')).map((action) => action.do),
    ['hangUp'],
  );
  assert.throws(() => machine.send(MESSAGE));
});

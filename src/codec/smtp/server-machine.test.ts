import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { SmtpServerMachine } from './server-machine.ts';
import { OFFER, type Play, play, RULES } from './testdata/play.ts';

const crlf = (...lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('');
const EHLO_LINES =
  '250 mx.example\nPIPELINING\nSIZE 1000\n8BITMIME\nSMTPUTF8\nCHUNKING\nBINARYMIME\nDSN\nENHANCEDSTATUSCODES\nLIMITS MAILMAX=100000 RCPTMAX=1000';
const GREETED = ['ask hello EHLO c.example', `${EHLO_LINES}\nSTARTTLS`];
const ENVELOPE = crlf('EHLO c.example', 'MAIL FROM:<a@b.example>', 'RCPT TO:<c@d.example>');
const ENVELOPE_DONE = [...GREETED, 'ask sender a@b.example', '250 2.1.0 Sender OK', 'ask recipient c@d.example', '250 2.1.5 Recipient OK'];
const SEND = '354 Send the message, end with a dot on a line of its own';
const TAKEN = '250 2.0.0 Message taken';
const BYE = ['221 2.0.0 Goodbye', 'hangUp'];

/** Every conversation is played whole, byte by byte, cut once at every place, and in random cuts: always the same. */
function plays(name: string, input: string, expected: readonly string[], how: Omit<Play, 'cuts'> = {}): void {
  test(name, () => {
    assert.deepEqual(play(input, how), expected);
    assert.deepEqual(play(input, { ...how, cuts: Array.from({ length: input.length - 1 }, (_, at) => at + 1) }), expected, 'byte by byte');
    for (let cut = 1; cut < input.length; cut++) assert.deepEqual(play(input, { ...how, cuts: [cut] }), expected, `cut at ${cut}`);
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: input.length - 1 }), { maxLength: 12 }), (cuts) => {
        assert.deepEqual(play(input, { ...how, cuts: cuts.sort((a, b) => a - b) }), expected);
      }),
      { numRuns: 30 },
    );
  });
}

describe('a conversation', () => {
  plays(
    'RFC 5321 appendix D.1: a message for one',
    crlf('EHLO c.example', 'MAIL FROM:<a@b.example>', 'RCPT TO:<c@d.example>', 'DATA', 'Subject: x', '', '..hello', '.', 'QUIT'),
    [...ENVELOPE_DONE, 'ask content', SEND, 'content "Subject: x\\r\\n\\r\\n.hello\\r\\n"', 'ask message 22', TAKEN, ...BYE],
  );
  plays('HELO has no extensions', crlf('HELO c.example'), ['ask hello HELO c.example', '250 mx.example']);
  plays(
    'two messages one after the other, the second from nobody',
    `${ENVELOPE}${crlf('DATA', 'x', '.', 'MAIL FROM:<>', 'RCPT TO:<postmaster>', 'DATA', '.')}`,
    [
      ...ENVELOPE_DONE,
      'ask content',
      SEND,
      'content "x\\r\\n"',
      'ask message 3',
      TAKEN,
      'ask sender <>',
      '250 2.1.0 Sender OK',
      'ask recipient postmaster',
      '250 2.1.5 Recipient OK',
      'ask content',
      SEND,
      'ask message 0',
      TAKEN,
    ],
  );
  plays(
    'the session may use its own words',
    `${ENVELOPE}${crlf('DATA', '.')}`,
    [...ENVELOPE_DONE.slice(0, -1), '250 2.1.5 fine', 'ask content', SEND, 'ask message 0', '250 2.0.0 fine'],
    {
      decide: ({ about }) => (about === 'recipient' ? '2.1.5 fine' : about === 'message' ? '2.0.0 fine' : true),
    },
  );
  plays(
    'a message may be refused, and another sent',
    `${ENVELOPE}${crlf('DATA', '.', 'MAIL FROM:<>')}`,
    [...ENVELOPE_DONE, 'ask content', SEND, 'ask message 0', '550 5.7.1 no', 'ask sender <>', '250 2.1.0 Sender OK'],
    {
      decide: ({ about }) => (about === 'message' ? { code: 550, text: '5.7.1 no' } : true),
    },
  );
  plays('RSET forgets', `${ENVELOPE}${crlf('RSET', 'RSET', 'DATA')}`, [
    ...ENVELOPE_DONE,
    'forget',
    '250 2.0.0 OK',
    '250 2.0.0 OK',
    '503 5.5.1 That command is out of order',
  ]);
  plays('EHLO forgets too, QUIT as well', `${ENVELOPE}${crlf('EHLO c.example', 'MAIL FROM:<>', 'QUIT')}`, [
    ...ENVELOPE_DONE,
    'forget',
    ...GREETED,
    'ask sender <>',
    '250 2.1.0 Sender OK',
    'forget',
    ...BYE,
  ]);
  plays('small talk', crlf('NOOP whatever', 'VRFY someone', 'EXPN list', 'HELP', 'HELP MAIL', 'noop'), [
    '250 2.0.0 OK',
    '252 2.5.0 Send a message to find out',
    '502 5.5.1 That command is not offered here',
    '214 2.0.0 See RFC 5321 for what may be said here',
    '214 2.0.0 See RFC 5321 for what may be said here',
    '250 2.0.0 OK',
  ]);
  plays('spaces at the end of a line are let pass', `EHLO c.example  \r\nMAIL FROM:<> \r\n`, [
    ...GREETED,
    'ask sender <>',
    '250 2.1.0 Sender OK',
  ]);
  plays('nothing is heard after QUIT', crlf('QUIT', 'NOOP'), BYE);
});

describe('order', () => {
  const first = '503 5.5.1 Say EHLO first';
  plays('EHLO comes first', crlf('MAIL FROM:<>', 'RCPT TO:<a@b.example>', 'DATA', 'STARTTLS', 'AUTH PLAIN', 'RSET'), [
    first,
    first,
    first,
    first,
    first,
    '250 2.0.0 OK',
  ]);
  plays(
    'one sender per message, recipients before content',
    `${crlf('EHLO c.example', 'RCPT TO:<a@b.example>', 'MAIL FROM:<>', 'MAIL FROM:<>', 'DATA')}`,
    [
      ...GREETED,
      '503 5.5.1 That command is out of order',
      'ask sender <>',
      '250 2.1.0 Sender OK',
      '503 5.5.1 The sender has been named already',
      '554 5.5.1 No recipient was taken',
    ],
  );
  plays(
    'a refused sender is no sender, a refused recipient none',
    crlf('EHLO c.example', 'MAIL FROM:<a@b.example>', 'RCPT TO:<c@d.example>', 'MAIL FROM:<>', 'RCPT TO:<c@d.example>', 'DATA'),
    [
      ...GREETED,
      'ask sender a@b.example',
      '550 5.1.8 no',
      '503 5.5.1 That command is out of order',
      'ask sender <>',
      '250 2.1.0 Sender OK',
      'ask recipient c@d.example',
      '550 5.1.1 no',
      '554 5.5.1 No recipient was taken',
    ],
    {
      decide: (question) =>
        question.about === 'recipient'
          ? { code: 550, text: '5.1.1 no' }
          : question.about === 'sender' && question.sender !== null
            ? { code: 550, text: '5.1.8 no' }
            : true,
    },
  );
  plays('verbs without arguments have none', `${ENVELOPE}${crlf('DATA now', 'RSET x', 'QUIT x')}`, [
    ...ENVELOPE_DONE,
    ...Array.from({ length: 3 }, () => '501 5.5.4 no argument is expected here'),
  ]);
  plays(
    'a refusal with 421 ends the conversation',
    crlf('EHLO c.example', 'NOOP'),
    ['ask hello EHLO c.example', '421 4.3.2 closing', 'hangUp'],
    {
      decide: () => ({ code: 421, text: '4.3.2 closing' }),
    },
  );
  plays(
    'content refused ends the transaction',
    `${ENVELOPE}${crlf('DATA', 'RCPT TO:<c@d.example>')}`,
    [...ENVELOPE_DONE, 'ask content', '452 4.3.1 full', '503 5.5.1 That command is out of order'],
    {
      decide: ({ about }) => (about === 'content' ? { code: 452, text: '4.3.1 full' } : true),
    },
  );
});

describe('parameters', () => {
  // Said at MAIL the recipient would never hear of it: the house says no to each recipient instead (R-49).
  plays('a declared size beyond the limit is for the house to judge', crlf('EHLO c.example', 'MAIL FROM:<> SIZE=1001'), [
    ...GREETED,
    'ask sender <>',
    '250 2.1.0 Sender OK',
  ]);
  plays('unknown ones are 555, wrong ones 501', crlf('EHLO c.example', 'MAIL FROM:<> FOO', 'MAIL FROM:<> RET=ALL', 'MAIL FROM:<a@>'), [
    ...GREETED,
    '555 5.5.4 an unknown parameter',
    '501 5.5.4 RET is FULL or HDRS',
    '501 5.1.7 a domain name is missing',
  ]);
  const utf8 = (text: string): string => Buffer.from(text).toString('latin1');
  plays(
    'non-ASCII addresses need SMTPUTF8 (RFC 6531 §3.5)',
    utf8(
      crlf(
        'EHLO c.example',
        'MAIL FROM:<é@b.example>',
        'MAIL FROM:<>',
        'RCPT TO:<é@b.example>',
        'RCPT TO:<e@b.example> ORCPT=utf-8;é@b.example',
        'RSET',
        'MAIL FROM:<é@b.example> SMTPUTF8',
        'RCPT TO:<é@b.example> ORCPT=utf-8;é@b.example',
      ),
    ),
    [
      ...GREETED,
      '550 5.6.7 That sender address needs SMTPUTF8',
      'ask sender <>',
      '250 2.1.0 Sender OK',
      '553 5.6.7 That recipient address needs SMTPUTF8',
      '553 5.6.7 That recipient address needs SMTPUTF8',
      'forget',
      '250 2.0.0 OK',
      'ask sender é@b.example',
      '250 2.1.0 Sender OK',
      'ask recipient é@b.example',
      '250 2.1.5 Recipient OK',
    ],
  );
  test('they reach the session parsed', () => {
    const seen: unknown[] = [];
    play(
      crlf('EHLO c.example', 'MAIL FROM:<> BODY=8BITMIME RET=HDRS ENVID=x', 'RCPT TO:<c@d.example> NOTIFY=NEVER ORCPT=rfc822;c@d.example'),
      {
        decide(question) {
          if ('parameters' in question) seen.push(question.parameters);
          return true;
        },
      },
    );
    assert.deepEqual(seen, [
      { size: null, body: '8bitmime', smtpUtf8: false, auth: null, returnContent: 'headers', envelopeId: 'x' },
      { notify: { never: true, success: false, failure: false, delay: false }, originalRecipient: 'rfc822;c@d.example' },
    ]);
  });
});

describe('BDAT (RFC 3030)', () => {
  plays('one chunk, which is the last', `${ENVELOPE}BDAT 9 LAST\r\nhello\r\n\r\nQUIT\r\n`, [
    ...ENVELOPE_DONE,
    'ask content',
    'content "hello\\r\\n\\r\\n"',
    'ask message 9',
    TAKEN,
    ...BYE,
  ]);
  plays('RFC 3030 §4.2: several, pipelined, the last empty', `${ENVELOPE}BDAT 7\r\nhello\r\nBDAT 5\r\n.\r\n\r\nBDAT 0 LAST\r\nRSET\r\n`, [
    ...ENVELOPE_DONE,
    'ask content',
    'content "hello\\r\\n"',
    '250 2.0.0 7 octets received',
    'content ".\\r\\n\\r\\n"',
    '250 2.0.0 5 octets received',
    'ask message 12',
    TAKEN,
    '250 2.0.0 OK',
  ]);
  plays('CRLF may be divided between chunks', `${ENVELOPE}BDAT 2\r\na\rBDAT 1 LAST\r\n\n`, [
    ...ENVELOPE_DONE,
    'ask content',
    'content "a\\r"',
    '250 2.0.0 2 octets received',
    'content "\\n"',
    'ask message 3',
    TAKEN,
  ]);
  plays('DATA and BDAT do not mix', `${ENVELOPE}BDAT 3\r\na\r\nDATA\r\nBDAT 0 LAST\r\n`, [
    ...ENVELOPE_DONE,
    'ask content',
    'content "a\\r\\n"',
    '250 2.0.0 3 octets received',
    '503 5.5.1 That command is out of order',
    'ask message 3',
    TAKEN,
  ]);
  plays('RSET clears chunks', `${ENVELOPE}BDAT 3\r\na\r\nRSET\r\nBDAT 3 LAST\r\na\r\n`, [
    ...ENVELOPE_DONE,
    'ask content',
    'content "a\\r\\n"',
    '250 2.0.0 3 octets received',
    'forget',
    '250 2.0.0 OK',
    '503 5.5.1 That command is out of order',
  ]);
  plays('out of order, its octets are no commands', `BDAT 12 LAST\r\nMAIL FROM:<>NOOP\r\n`, ['503 5.5.1 Say EHLO first', '250 2.0.0 OK']);
  plays('without a recipient too', `${crlf('EHLO c.example', 'MAIL FROM:<>')}BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n`, [
    ...GREETED,
    'ask sender <>',
    '250 2.1.0 Sender OK',
    '554 5.5.1 No recipient was taken',
    '250 2.0.0 OK',
  ]);
  plays(
    'content refused by the session: octets are read, chunks behind it refused, RSET clears',
    `${ENVELOPE}BDAT 6\r\nQUIT\r\nBDAT 6\r\nQUIT\r\nDATA\r\nRSET\r\nMAIL FROM:<>\r\n`,
    [
      ...ENVELOPE_DONE,
      'ask content',
      '452 4.3.1 full',
      '503 5.5.1 A chunk was refused; say RSET first',
      '503 5.5.1 A chunk was refused; say RSET first',
      'forget',
      '250 2.0.0 OK',
      'ask sender <>',
      '250 2.1.0 Sender OK',
    ],
    { decide: ({ about }) => (about === 'content' ? { code: 452, text: '4.3.1 full' } : true) },
  );
  plays(
    'after the last chunk was refused another message may follow',
    `${ENVELOPE}BDAT 6 LAST\r\nQUIT\r\nMAIL FROM:<>\r\n`,
    [...ENVELOPE_DONE, 'ask content', '452 4.3.1 full', 'ask sender <>', '250 2.1.0 Sender OK'],
    {
      decide: ({ about }) => (about === 'content' ? { code: 452, text: '4.3.1 full' } : true),
    },
  );
  plays(
    'SECURITY: bare line endings are refused as in DATA',
    `${ENVELOPE}BDAT 12\r\na\r\n.\nb\r\ncc\r\nBDAT 2\r\n\r\nBDAT 0 LAST\r\nMAIL FROM:<>\r\n`,
    [
      ...ENVELOPE_DONE,
      'ask content',
      'spoil bareLineEnding',
      '550 5.6.11 Lines end in CRLF: a bare CR or LF was found in the message',
      '503 5.5.1 A chunk was refused; say RSET first',
      '503 5.5.1 A chunk was refused; say RSET first',
      'ask sender <>',
      '250 2.1.0 Sender OK',
    ],
  );
  plays('a CR at the very end is bare', `${ENVELOPE}BDAT 2 LAST\r\na\rNOOP\r\n`, [
    ...ENVELOPE_DONE,
    'ask content',
    'spoil bareLineEnding',
    '550 5.6.11 Lines end in CRLF: a bare CR or LF was found in the message',
    '250 2.0.0 OK',
  ]);
  plays(
    'BINARYMIME takes any octets, and no DATA',
    `${crlf('EHLO c.example', 'MAIL FROM:<> BODY=BINARYMIME', 'RCPT TO:<c@d.example>', 'DATA')}BDAT 4 LAST\r\n\n\0\r\xff`,
    [
      ...GREETED,
      'ask sender <>',
      '250 2.1.0 Sender OK',
      'ask recipient c@d.example',
      '250 2.1.5 Recipient OK',
      '503 5.5.1 BODY=BINARYMIME goes with BDAT only',
      'ask content',
      'content "\\n\\u0000\\rÿ"',
      'ask message 4',
      TAKEN,
    ],
  );
  plays('SECURITY: a chunk of unknown length ends the conversation', `${ENVELOPE}BDAT many\r\nNOOP\r\n`, [
    ...ENVELOPE_DONE,
    'forget',
    '501 5.5.4 The form is BDAT octets [LAST]',
    'hangUp',
  ]);
  plays('a chunk beyond all bounds as well', `${ENVELOPE}BDAT 999999999999\r\nNOOP\r\n`, [
    ...ENVELOPE_DONE,
    'forget',
    '552 5.3.4 The message is larger than we take',
    'hangUp',
  ]);
  test('chunks that make the message too big', () => {
    const log = play(`${ENVELOPE}BDAT 600\r\n${'x'.repeat(600)}BDAT 600 LAST\r\n${'x'.repeat(600)}NOOP\r\n`);
    assert.deepEqual(log.slice(-4), [
      '250 2.0.0 600 octets received',
      'spoil tooBig',
      '552 5.3.4 The message is larger than we take',
      '250 2.0.0 OK',
    ]);
  });
});

describe('SECURITY: line endings', () => {
  const bad = ['500 5.5.2 Lines end in CRLF and hold no control characters', 'hangUp'];
  plays('a bare LF behind a command', 'EHLO c.example\nQUIT\r\n', bad);
  plays('a bare CR in a command', 'EHLO c.example\rQUIT\r\n', bad);
  plays('CR CR LF', 'EHLO c.example\r\r\nQUIT\r\n', bad);
  plays('an LF alone', '\nQUIT\r\n', bad);
  plays('control characters and broken UTF-8 are refused, the conversation goes on', 'NOOP \0\r\nNOOP \xff\r\n\tNOOP\r\nNOOP\r\n', [
    bad[0] ?? '',
    bad[0] ?? '',
    bad[0] ?? '',
    '250 2.0.0 OK',
  ]);

  plays(
    'content with a bare LF and a dot: all of it is content, and refused',
    `${ENVELOPE}DATA\r\nhello\n.\nMAIL FROM:<x@evil.example>\r\n.\r\nNOOP\r\n`,
    [
      ...ENVELOPE_DONE,
      'ask content',
      SEND,
      'spoil bareLineEnding',
      '550 5.6.11 Lines end in CRLF: a bare CR or LF was found in the message',
      '250 2.0.0 OK',
    ],
  );

  test('whatever stands around the dot, no smuggled command is ever obeyed', () => {
    const ends = ['\r', '\n', '\r\n', '\n\r', '\r\r\n', '\r\n\n', '\0\r\n', ' \r\n'];
    for (const before of ends) {
      for (const after of ends) {
        if (before.endsWith('\r\n') && after === '\r\n') continue;
        const log = play(
          `${ENVELOPE}DATA\r\nhello${before}.${after}MAIL FROM:<smuggled@evil.example>\r\nRCPT TO:<victim@d.example>\r\nDATA\r\nx\r\n.\r\n`,
        );
        assert.equal(
          log.some((line) => line.includes('smuggled') && !line.startsWith('content')),
          false,
          JSON.stringify([before, after, log]),
        );
      }
    }
  });
});

describe('STARTTLS', () => {
  const ready = ['220 2.0.0 Ready to start TLS', 'startTls'];
  plays('SECURITY: what is pipelined behind it is not obeyed', crlf('EHLO c.example', 'STARTTLS', 'NOOP', 'QUIT'), [...GREETED, ...ready]);
  plays('not in a transaction, not with arguments', `${ENVELOPE}${crlf('STARTTLS', 'RSET', 'STARTTLS now')}`, [
    ...ENVELOPE_DONE,
    '503 5.5.1 That command is out of order',
    'forget',
    '250 2.0.0 OK',
    '501 5.5.4 no argument is expected here',
  ]);
  plays(
    'not where it is not offered',
    crlf('EHLO c.example', 'STARTTLS'),
    ['ask hello EHLO c.example', EHLO_LINES, '502 5.5.1 That command is not offered here'],
    { offer: { startTls: false } },
  );
  plays('not twice', crlf('EHLO c.example', 'STARTTLS'), ['ask hello EHLO c.example', EHLO_LINES, '503 5.5.1 TLS is on already'], {
    offer: { tlsOn: true },
  });

  test('after the handshake everything said before is forgotten', () => {
    const machine = new SmtpServerMachine(RULES, OFFER);
    machine.receive(Buffer.from('EHLO c.example\r\n'));
    machine.accept();
    machine.receive(Buffer.from('STARTTLS\r\nMAIL FROM:<x@evil.example>\r\n'));
    assert.deepEqual(machine.receive(Buffer.from('MAIL FROM:<y@evil.example>\r\n')), []);
    machine.tlsBegan({ startTls: true, tlsOn: true, mechanisms: ['PLAIN'] });
    assert.deepEqual(machine.receive(Buffer.from('MAIL FROM:<>\r\n')), [{ do: 'say', code: 503, text: '5.5.1 Say EHLO first' }]);
    machine.receive(Buffer.from('EHLO c.example\r\n'));
    const [hello] = machine.accept();
    assert.equal(hello?.do === 'say' && hello.text, `${EHLO_LINES.slice(4)}\nAUTH PLAIN`);
  });
});

describe('AUTH (RFC 4954)', () => {
  const offer = { startTls: false, tlsOn: true, mechanisms: ['PLAIN', 'LOGIN'] };
  const greeted = ['ask hello EHLO c.example', `${EHLO_LINES}\nAUTH PLAIN LOGIN`];
  const begin = (...lines: readonly string[]): string => crlf('EHLO c.example', ...lines);
  plays(
    'PLAIN with an initial response; a second one is 503',
    begin('AUTH PLAIN AGEAYg==', 'AUTH PLAIN AGEAYg=='),
    [...greeted, 'ask signIn PLAIN "\\u0000a\\u0000b"', '235 2.7.0 You are signed in', '503 5.5.1 You are signed in already'],
    { offer },
  );
  plays(
    'PLAIN without one gets an empty challenge',
    begin('AUTH PLAIN', 'AGEAYg==', 'NOOP'),
    [...greeted, 'ask signIn PLAIN -', '334 ', 'ask signInResponse "\\u0000a\\u0000b"', '235 2.7.0 You are signed in', '250 2.0.0 OK'],
    {
      offer,
      decide: ({ about }) => (about === 'signIn' ? { challenge: '' } : true),
    },
  );
  plays(
    'LOGIN in two challenges; an empty response is one',
    begin('AUTH LOGIN', 'YQ==', ''),
    [
      ...greeted,
      'ask signIn LOGIN -',
      '334 VXNlcm5hbWU6',
      'ask signInResponse "a"',
      '334 UGFzc3dvcmQ6',
      'ask signInResponse ""',
      '535 5.7.8 no',
    ],
    {
      offer,
      decide: (question) => {
        if (question.about === 'signIn') return { challenge: 'Username:' };
        if (question.about !== 'signInResponse') return true;
        return question.response.length > 0 ? { challenge: 'Password:' } : { code: 535, text: '5.7.8 no' };
      },
    },
  );
  plays(
    'the client may give up, or send what is not base64',
    begin('AUTH PLAIN', '*', 'AUTH PLAIN', '!!', 'AUTH PLAIN =AAA'),
    [
      ...greeted,
      'ask signIn PLAIN -',
      '334 ',
      'forgetSignIn',
      '501 5.7.0 The sign-in was cancelled',
      'ask signIn PLAIN -',
      '334 ',
      'forgetSignIn',
      '501 5.5.2 That is not base64',
      '501 5.5.2 not base64',
    ],
    { offer, decide: ({ about }) => (about === 'signIn' ? { challenge: '' } : true) },
  );
  plays(
    'not in a transaction; not a mechanism we do not have',
    `${begin('AUTH CRAM-MD5', 'MAIL FROM:<>', 'AUTH PLAIN')}`,
    [
      ...greeted,
      '504 5.5.4 That mechanism is not offered here',
      'ask sender <>',
      '250 2.1.0 Sender OK',
      '503 5.5.1 That command is out of order',
    ],
    { offer },
  );
  plays('SECURITY: never without TLS', begin('AUTH PLAIN AGEAYg=='), [...GREETED, '530 5.7.0 Start TLS first'], {
    offer: { signInNeedsTls: true },
  });
  plays('not where it is never offered', begin('AUTH PLAIN AGEAYg=='), [...GREETED, '502 5.5.1 That command is not offered here']);
  plays(
    'failures are counted',
    begin(...Array.from({ length: 6 }, () => 'AUTH PLAIN AGEAYg==')),
    [
      ...greeted,
      ...Array.from({ length: 4 }, () => ['ask signIn PLAIN "\\u0000a\\u0000b"', '535 5.7.8 no']).flat(),
      'ask signIn PLAIN "\\u0000a\\u0000b"',
      '421 4.7.0 Too many failed sign-ins; goodbye',
      'hangUp',
    ],
    { offer, decide: ({ about }) => (about === 'signIn' ? { code: 535, text: '5.7.8 no' } : true) },
  );

  test('SECURITY: secrets are not heard', () => {
    const heard: string[] = [];
    play(begin('AUTH PLAIN AGEAYg==', 'AUTH LOGIN', 'c2VjcmV0', 'c2VjcmV0'), {
      offer,
      rules: { heard: (line) => void heard.push(line) },
      decide: ({ about }) => (about === 'hello' ? true : about === 'signIn' ? { challenge: 'x' } : { code: 535, text: '5.7.8 no' }),
    });
    assert.deepEqual(heard, ['EHLO c.example', 'AUTH PLAIN ********', '********', '********', '********']);
    assert.equal(heard.join().includes('c2Vj') || heard.join().includes('AGEA'), false);
  });
});

describe('bounds', () => {
  test('a line of 12,288 octets is read, one more is not', () => {
    assert.deepEqual(play(`NOOP ${'x'.repeat(12_281)}\r\n`), ['250 2.0.0 OK']);
    const tooLong = ['500 5.5.6 The line is too long', 'hangUp'];
    assert.deepEqual(play(`NOOP ${'x'.repeat(12_282)}\r\n`), tooLong);
    assert.deepEqual(play('x'.repeat(12_289)), tooLong);
    assert.deepEqual(play('x'.repeat(20_000), { cuts: Array.from({ length: 19_999 }, (_, at) => at + 1) }), tooLong);
  });

  test('mistakes', () => {
    const log = play(crlf(...Array.from({ length: 30 }, () => 'FOO')));
    assert.equal(log.filter((line) => line.startsWith('500')).length, 19);
    assert.deepEqual(log.slice(-2), ['421 4.7.0 Too many errors; goodbye', 'hangUp']);
  });

  test('small talk, and empty chunks', () => {
    for (const line of ['NOOP', 'RSET', 'VRFY x', 'HELP']) {
      const log = play(crlf(...Array.from({ length: 300 }, () => line)));
      assert.equal(log.length, 202);
      assert.equal(log.at(-2), '421 4.7.0 Too many commands without a message; goodbye');
    }
    assert.equal(play(`${ENVELOPE}${'BDAT 0\r\n'.repeat(300)}`).at(-2), '421 4.7.0 Too many commands without a message; goodbye');
  });

  test('a message wipes the count of small talk', () => {
    const log = play(
      crlf(
        'EHLO c.example',
        ...Array.from({ length: 300 }, () => ['RSET', 'MAIL FROM:<>', 'RCPT TO:<a@b.example>', 'DATA', '.']).flat(),
        'QUIT',
      ),
    );
    assert.equal(log.at(-2), '221 2.0.0 Goodbye');
  });

  test('recipients taken, refused and named', () => {
    const many = (count: number): string =>
      crlf('EHLO c.example', 'MAIL FROM:<>', ...Array.from({ length: count }, (_, at) => `RCPT TO:<u${at}@b.example>`));
    const taken = play(`${many(1_002)}${crlf('DATA', '.')}`);
    assert.equal(taken.filter((line) => line.startsWith('250 2.1.5')).length, 1_000);
    assert.equal(taken.filter((line) => line.startsWith('452 4.5.3')).length, 2);
    assert.equal(taken.at(-1), TAKEN);
    const refused = play(many(200), { decide: ({ about }) => (about === 'recipient' ? { code: 550, text: '5.1.1 no' } : true) });
    assert.equal(refused.filter((line) => line.startsWith('550')).length, 99);
    assert.deepEqual(refused.slice(-3), ['forget', '421 4.7.0 Too many errors; goodbye', 'hangUp']);
    assert.equal(play(many(10_001)).at(-2), '421 4.7.0 Too many errors; goodbye');
  });

  test('a message that is too big is read to its end, but not for ever', () => {
    const over = play(`${ENVELOPE}DATA\r\n${`${'x'.repeat(98)}\r\n`.repeat(11)}.\r\nNOOP\r\n`);
    assert.deepEqual(over.slice(-3), ['spoil tooBig', '552 5.3.4 The message is larger than we take', '250 2.0.0 OK']);
    const machine = new SmtpServerMachine(RULES, OFFER);
    for (const actions of [machine.receive(Buffer.from(ENVELOPE)), machine.accept(), machine.accept(), machine.accept()])
      assert.ok(actions.length > 0);
    machine.receive(Buffer.from('DATA\r\n'));
    machine.accept();
    const megabyte = Buffer.from(`${'x'.repeat(1_022)}\r\n`.repeat(1_024));
    let octets = 0;
    let last = machine.receive(megabyte);
    for (; last.at(-1)?.do !== 'hangUp' && octets < 1e9; octets += megabyte.length) last = machine.receive(megabyte);
    assert.ok(octets < 70_000_000, String(octets));
  });

  test('input nobody reads is a bug of the session', () => {
    const machine = new SmtpServerMachine(RULES, OFFER);
    machine.receive(Buffer.from('EHLO c.example\r\n'));
    assert.equal(machine.isWaiting, true);
    assert.throws(() => {
      for (let n = 0; n < 20; n++) machine.receive(Buffer.alloc(65_536));
    });
  });

  test('another protocol is shown the door', () => {
    for (const line of ['GET / HTTP/1.1', 'POST /x HTTP/1.1', 'Host: x', 'SSH-2.0-x']) {
      assert.deepEqual(play(`${line}\r\nEHLO x\r\n`), ['500 5.5.1 This is a mail server', 'hangUp']);
    }
  });
});

describe('LMTP (RFC 2033)', () => {
  const rules = { isLmtp: true };
  test('LHLO instead of EHLO', () => {
    assert.deepEqual(play(crlf('EHLO c.example'), { rules }), ['500 5.5.1 That command is not known here']);
    assert.equal(play(crlf('LHLO c.example'), { rules })[0], 'ask hello LHLO c.example');
    assert.deepEqual(play(crlf('LHLO c.example')), ['500 5.5.1 That command is not known here']);
  });

  test('one answer for each recipient after the content', () => {
    const machine = new SmtpServerMachine({ ...RULES, ...rules }, OFFER);
    const say = (text: string): unknown[] => machine.receive(Buffer.from(text));
    say('LHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<c@b.example>\r\nDATA\r\nx\r\n.\r\n');
    for (let n = 0; n < 5; n++) machine.accept();
    const replies = [
      { code: 250, text: '2.0.0 OK' },
      { code: 452, text: '4.2.2 full' },
    ];
    assert.throws(() => new SmtpServerMachine(RULES, OFFER).answerEach(replies));
    assert.deepEqual(
      machine.answerEach(replies),
      replies.map((reply) => ({ do: 'say', ...reply })),
    );
  });

  test('also when the machine says no by itself', () => {
    const log = play(
      crlf('LHLO c.example', 'MAIL FROM:<>', 'RCPT TO:<a@b.example>', 'RCPT TO:<c@b.example>', 'DATA').concat('x\n\r\n.\r\n'),
      { rules },
    );
    assert.equal(log.filter((line) => line.startsWith('550 5.6.11')).length, 2);
  });
});

test('hostile bytes of any kind never throw', () => {
  const word = fc.constantFrom(
    'EHLO x',
    'MAIL FROM:<a@b.example>',
    'RCPT TO:<a@b.example>',
    'DATA',
    '.',
    'BDAT 5',
    'BDAT 3 LAST',
    'AUTH PLAIN',
    'STARTTLS',
    'RSET',
    '\r\n',
    '\n',
    '\r',
    '\0',
    '..',
    'QUIT',
    'é',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), fc.boolean(), (words, says) => {
      play(words.join(says ? '\r\n' : ''), { decide: () => (says ? true : { code: 550, text: '5.0.0 no' }) });
    }),
    { numRuns: 500 },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildDsn, type DsnReport, FULL_RETURN_LIMIT, HEADER_RETURN_LIMIT } from './dsn.ts';
import { parseDsnFields } from './dsn-fields.ts';
import { type ParsedDsn, parseDsn } from './dsn-parse.ts';

const AT = Date.UTC(2026, 10, 23, 8, 0, 0);
const ORIGINAL = Buffer.from('From: anna@example.org\r\nTo: ben@example.net\r\nSubject: hi\r\n\r\nhello\r\n');
const REPORT: DsnReport = {
  facts: {
    reportingMta: 'mail.example.org',
    originalEnvelopeId: 'QQ314159',
    receivedFromMta: 'laptop.example.org',
    arrivedAt: AT - 60_000,
    recipients: [
      {
        originalRecipient: 'rfc822;ben@example.net',
        finalRecipient: 'ben@example.net',
        action: 'failed',
        status: '5.1.1',
        remoteMta: 'mx.example.net',
        diagnostic: ['550-5.1.1 No such user', '550 5.1.1 here'],
        lastAttemptAt: AT,
        finalLogId: 'j-1',
      },
      { finalRecipient: 'cleo@example.net', action: 'delayed', status: '4.4.1', willRetryUntil: AT + 3_600_000 },
    ],
  },
  from: 'Mail server <postmaster@example.org>',
  to: 'anna@example.org',
  subject: 'Not delivered / Niet bezorgd: “hi”',
  messageId: '<1@mail.example.org>',
  inReplyTo: '<0@example.org>',
  at: AT,
  boundary: 'b0undary',
  texts: [
    { language: 'en', text: 'Ben did not get it.\nNo such user.' },
    { language: 'nl', text: 'Ben heeft het niet gekregen: één adres bestaat niet.' },
  ],
  fields: [['X-Reference', 'abc\r\nBcc: evil@example.org']],
  original: { give: 'full', message: ORIGINAL },
  mayUseUtf8: true,
};

const read = (message: Buffer): ParsedDsn => {
  const dsn = parseDsn(message);
  assert.ok(dsn.ok, dsn.ok ? '' : dsn.why);
  return dsn.value;
};

test('a report is read back as it was written', () => {
  const built = buildDsn(REPORT);
  const dsn = read(built.message);
  assert.deepEqual(dsn.facts, REPORT.facts);
  assert.deepEqual(dsn.original, { give: 'full', message: ORIGINAL });
  assert.ok(dsn.text.includes('Ben did not get it.\r\nNo such user.') && dsn.text.includes('één adres'));
  assert.deepEqual([built.body, built.smtpUtf8], ['7bit', false]);
});

test('the header is that of an automatic report', () => {
  const text = buildDsn(REPORT).message.toString();
  const header = text.slice(0, text.indexOf('\r\n\r\n'));
  assert.ok(
    header.includes('Auto-Submitted: auto-replied\r\n') &&
      header.includes('MIME-Version: 1.0\r\n') &&
      header.includes('Date: Mon, 23 Nov 2026 08:00:00 +0000\r\n'),
  );
  assert.ok(header.includes('Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="b0undary"'));
  assert.ok(header.includes('In-Reply-To: <0@example.org>\r\n') && header.includes('X-Reference: abc Bcc: evil@example.org\r\n'));
  assert.ok(/^Subject: =\?utf-8\?[QB]\?/m.test(header) && !/\nBcc/.test(header));
  assert.ok(!/\r(?!\n)|(?<!\r)\n/.test(text));
});

test('the fields are those of RFC 3464', () => {
  const text = buildDsn(REPORT).message.toString();
  assert.ok(
    text.includes(
      'Content-Type: message/delivery-status\r\n\r\nOriginal-Envelope-Id: QQ314159\r\nReporting-MTA: dns; mail.example.org\r\nReceived-From-MTA: dns; laptop.example.org\r\n' +
        'Arrival-Date: Mon, 23 Nov 2026 07:59:00 +0000\r\n\r\nOriginal-Recipient: rfc822; ben@example.net\r\nFinal-Recipient: rfc822; ben@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n' +
        'Remote-MTA: dns; mx.example.net\r\nDiagnostic-Code: smtp; 550-5.1.1 No such user\r\n 550 5.1.1 here\r\nLast-Attempt-Date: Mon, 23 Nov 2026 08:00:00 +0000\r\nFinal-Log-ID: j-1\r\n' +
        '\r\nFinal-Recipient: rfc822; cleo@example.net\r\nAction: delayed\r\nStatus: 4.4.1\r\nWill-Retry-Until: Mon, 23 Nov 2026 09:00:00 +0000\r\n',
    ),
  );
});

test("another server's words cannot write fields or lines of their own", () => {
  const [first] = REPORT.facts.recipients;
  assert.ok(first !== undefined);
  const evil = {
    ...first,
    diagnostic: ['550 a\r\nStatus: 2.0.0', '550 b\r\n\r\nFinal-Recipient: x\u2028y', 'x'.repeat(5000)],
    remoteMta: 'mx\r\nAction: delivered',
  };
  const dsn = read(buildDsn({ ...REPORT, facts: { ...REPORT.facts, recipients: [evil] } }).message);
  assert.deepEqual(
    dsn.facts.recipients.map(({ status, action }) => [status, action]),
    [['5.1.1', 'failed']],
  );
  assert.equal(dsn.facts.recipients[0]?.diagnostic?.[2]?.length, 900);
});

const GLOBAL_ORIGINAL = Buffer.from('From: ünal@example.org\r\nSubject: hé\r\n\r\nhello\r\n');
const GLOBAL: DsnReport = {
  ...REPORT,
  facts: {
    reportingMta: 'mail.example.org',
    recipients: [
      {
        originalRecipient: 'utf-8;bén+a@example.net',
        finalRecipient: 'bén+a@example.net',
        action: 'failed',
        status: '5.6.7',
        diagnostic: ['550 né'],
      },
    ],
  },
  original: { give: 'full', message: GLOBAL_ORIGINAL },
};

test('international mail: plain where the way back allows it', () => {
  const built = buildDsn({ ...GLOBAL, to: 'ünal@example.org' });
  const text = built.message.toString();
  assert.deepEqual([built.body, built.smtpUtf8], ['8bitmime', true]);
  assert.ok(
    text.includes('message/global-delivery-status') &&
      text.includes('message/global\r\n') &&
      text.includes('Final-Recipient: utf-8; bén+a@example.net'),
  );
  const dsn = read(built.message);
  assert.deepEqual(dsn.facts, GLOBAL.facts);
  assert.deepEqual(dsn.original, { give: 'full', message: GLOBAL_ORIGINAL });
});

test('international mail: in 7 bits where it does not', () => {
  for (const give of ['full', 'headers'] as const) {
    const built = buildDsn({ ...GLOBAL, mayUseUtf8: false, original: { give, message: GLOBAL_ORIGINAL } });
    assert.deepEqual([built.body, built.smtpUtf8], ['7bit', false]);
    const dsn = read(built.message);
    assert.equal(dsn.facts.recipients[0]?.finalRecipient, 'bén+a@example.net');
    assert.ok(built.message.includes('Final-Recipient: utf-8; b\\x{E9}n\\x{2B}a@example.net'));
    const wanted = give === 'full' ? GLOBAL_ORIGINAL : GLOBAL_ORIGINAL.subarray(0, GLOBAL_ORIGINAL.indexOf('hello'));
    assert.deepEqual(dsn.original, { give, message: wanted });
  }
});

test('what is given back, and how much', () => {
  const original = (message: Buffer, give: 'full' | 'headers' = 'full'): [string, number, string] => {
    const built = buildDsn({ ...REPORT, original: { give, message } });
    const back = read(built.message).original;
    return [back?.give ?? '', back?.message.length ?? 0, built.body];
  };
  assert.deepEqual(original(ORIGINAL, 'headers'), ['headers', ORIGINAL.indexOf('hello'), '7bit']);
  assert.deepEqual(original(Buffer.from('A: b\r\n\r\né\r\n')), ['full', 12, '8bitmime']);
  assert.deepEqual(original(Buffer.from('A: b\r\n\r\na\nb\0\r\n')), ['headers', 8, '7bit']);
  assert.deepEqual(original(Buffer.concat([ORIGINAL, Buffer.alloc(FULL_RETURN_LIMIT, 'x')]))[0], 'headers');
  const [give, size] = original(Buffer.from(`${`A: ${'b'.repeat(95)}\r\n`.repeat(1000)}\r\n`), 'headers');
  assert.ok(give === 'headers' && size <= HEADER_RETURN_LIMIT && size > HEADER_RETURN_LIMIT - 101);
  assert.equal(read(buildDsn({ ...REPORT, original: null }).message).original, null);
});

test('a boundary that the content holds is lengthened', () => {
  const message = Buffer.from('A: b\r\n\r\n--b0undary\r\n--b0undaryx--\r\n');
  const dsn = read(buildDsn({ ...REPORT, original: { give: 'full', message } }).message);
  assert.deepEqual(dsn.original?.message, message);
});

test('reports of other servers are read', () => {
  const foreign = [
    'Content-Type: MULTIPART/Report; boundary=zz; report-type=delivery-status',
    '',
    'preamble',
    '--zz',
    '',
    'It failed.',
    '--zz',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA:dns;mx.example',
    '',
    'Final-Recipient:RFC822; ben@example.net',
    'action : Failed (permanent)',
    'Status: 5.2.2 (full)',
    'Diagnostic-Code: SMTP;',
    '\t552 full',
    '',
    'Action: failed',
    '',
    '--zz',
    'Content-Type: text/rfc822-headers',
    '',
    'Subject: hi',
    '',
  ].join('\n');
  const dsn = read(Buffer.from(foreign));
  assert.deepEqual(dsn.facts, {
    reportingMta: 'mx.example',
    recipients: [{ finalRecipient: 'ben@example.net', action: 'failed', status: '5.2.2', diagnostic: ['552 full'] }],
  });
  assert.deepEqual([dsn.text, dsn.original?.give], ['It failed.', 'headers']);
});

test('what is no report is refused', () => {
  const bad = [
    '',
    'Subject: x\r\n\r\nhi',
    'Content-Type: multipart/report; boundary=a\r\n\r\n--a--',
    'Content-Type: multipart/report; boundary=a\r\n\r\n--a\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: x\r\n--a--',
  ];
  for (const text of bad) assert.equal(parseDsn(Buffer.from(text)).ok, false, text);
  assert.equal(parseDsnFields('\n\n\n'), undefined);
  const built = buildDsn(REPORT).message;
  for (let length = 0; length < built.length; length += 13) parseDsn(built.subarray(0, length));
});

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { explain, readReply } from './explain.ts';
import { FLOOR_KEYS, REPLY_ROWS, TROUBLES } from './replies.table.ts';
import { SAYINGS, type SayingName } from './sayings.table.ts';
import { OF_RELAY } from './tell/relay.ts';
import { reply } from './world.test.ts';

const GOOGLE = 'aspmx.l.google.com';
const M365 = 'school-example.mail.protection.outlook.com';
const LIVE = 'hotmail-com.olc.protection.outlook.com';
const YAHOO = 'mta5.am0.yahoodns.net';
const MX = 'mx1.far.example';

/** What must be said of which answer by which server. */
const CASES: readonly (readonly [host: string, text: string, saying: SayingName])[] = [
  // The forty of the design, in its order
  [MX, '421 4.3.2 Service too busy', 'busy'],
  [MX, '450 4.4.5 congestion', 'busy'],
  [MX, '451 4.4.1 upstream host unreachable', 'noAnswer'],
  [MX, '451 4.4.2 Bad connection', 'brokenOff'],
  [MX, '450 4.7.1 Greylisted', 'comeBack'],
  [MX, '451 4.3.0 Local problem', 'theirFault'],
  [MX, '452 4.3.1 Insufficient system storage', 'theirFault'],
  [MX, '452 4.2.2 x', 'mailboxFull'],
  [MX, '552 5.2.2 x', 'mailboxFull'],
  [GOOGLE, '450-4.2.1 The user you are trying to contact is receiving mail too quickly.', 'tooMuchForThem'],
  [MX, '452 4.5.3 x', 'tooManyRecipients'],
  [MX, '451 4.4.3 x', 'dnsTrouble'],
  [MX, '454 4.7.0 TLS not available due to local problem', 'noTls'],
  [MX, '451 4.7.5 x', 'notProven'],
  [MX, '550 4.4.7 x', 'gaveUp'],
  [MX, '550 5.1.1 x', 'noSuchAddress'],
  [M365, '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup', 'noSuchAddress'],
  [YAHOO, "554 delivery error: dd This user doesn't have a yahoo.com account (x@yahoo.com) [0]", 'noSuchAddress'],
  [MX, '550 5.1.2 x', 'noSuchDomain'],
  [MX, '553 5.1.3 x', 'badAddress'],
  [MX, '556 5.1.10 x', 'takesNoMail'],
  [MX, '556 x', 'takesNoMail'],
  [MX, '551 User not local; please try <new@other.example>', 'moved'],
  [MX, '550 5.1.6 x', 'moved'],
  [MX, '550 5.2.1 x', 'closed'],
  [MX, '552 5.3.4 x', 'tooBig'],
  [MX, '554 5.4.6 x', 'loop'],
  [M365, '554 5.4.14 Hop count exceeded - possible mail loop ATTR34', 'loop'],
  [M365, '550 5.4.1 Recipient address rejected: Access denied. AS(201806281)', 'addressOrSetup'],
  [MX, '503 5.5.1 x', 'misunderstood'],
  ['', '535 5.7.8 That name and password do not belong together', 'signIn'],
  ['', '530 5.7.0 Sign in first', 'signIn'],
  [MX, '535 5.7.8 Error: authentication failed', 'relaySignIn'],
  [MX, '553 5.6.7 x', 'noAccents'],
  [MX, '554 5.6.0 x', 'badlyBuilt'],
  [GOOGLE, '550-5.7.1 Messages missing a valid Message-ID header are not accepted.', 'badlyBuilt'],
  [MX, '550 5.7.1 x', 'theirRules'],
  [MX, '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org', 'blocklisted'],
  [MX, '554 5.7.1 <a@b.example>: Relay access denied', 'notTheirDomain'],
  [GOOGLE, '552-5.7.0 This message was blocked because its content presents a potential security issue.', 'dangerous'],
  [MX, '550 5.7.1 Virus found: Eicar', 'virus'],
  [MX, '550 5.7.23 x', 'spf'],
  [GOOGLE, '550-5.7.27 SPF did not pass', 'spf'],
  [MX, '550 5.7.20 x', 'dkim'],
  [GOOGLE, '550-5.7.30 DKIM did not pass', 'dkim'],
  [GOOGLE, "550-5.7.26 Unauthenticated email from x.example is not accepted due to domain's DMARC policy.", 'dmarc'],
  [M365, '550 5.7.509 Access denied, sending domain x.example does not pass DMARC verification', 'dmarc'],
  [YAHOO, '554 5.7.9 Message not accepted for policy reasons.', 'dmarc'],
  [GOOGLE, '550-5.7.32 alignment', 'notAligned'],
  [GOOGLE, '421-4.7.40 no DMARC record', 'noDmarc'],
  [MX, '550 5.7.25 x', 'reverseDns'],
  [GOOGLE, '421-4.7.23 PTR missing', 'reverseDns'],
  [GOOGLE, '421-4.7.29 not sent over TLS', 'wantTls'],
  [MX, '550 5.7.10 x', 'wantTls'],
  [GOOGLE, '421-4.7.28 Gmail has detected an unusual rate of mail', 'reputation'],
  [GOOGLE, '550-5.7.1 likely suspicious due to the very low reputation of the sending IP address', 'reputation'],
  [LIVE, '550 5.7.1 Unfortunately, messages from [192.0.2.1] were not sent. (S3140)', 'microsoftBlocks'],
  [LIVE, '550 5.7.1 part of their network is on our block list (S3150)', 'microsoftBlocks'],
  [M365, '550 5.7.606 Access denied, banned sending IP [192.0.2.1]', 'microsoftBlocks'],
  [M365, '550 5.7.649 x', 'microsoftBlocks'],
  [M365, '451 4.7.500 Server busy. Please try again later', 'microsoftWary'],
  [M365, '451 4.7.650 The mail server has been temporarily rate limited (S3115)', 'microsoftWary'],
  [M365, '451 4.7.850 x', 'microsoftWary'],
  [LIVE, '550 5.7.515 Access denied, sending domain does not meet the required authentication level', 'microsoftBulk'],
  [YAHOO, '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred', 'complaints'],
  [YAHOO, '421 4.7.1 [TS03] All messages from 192.0.2.1 will be permanently deferred', 'complaints'],
  [YAHOO, '553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1', 'complaints'],
  [M365, '550 5.7.124 sender not in allowed-senders list', 'insidersOnly'],
  [M365, '550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup', 'insidersOnly'],
  [M365, '550 5.7.134 x', 'insidersOnly'],

  // Known traps: the same code means different things
  [MX, '550 5.7.27 Sender address has null MX', 'senderTakesNoMail'],
  ['mx.google.com.evil.example', '550 5.7.27 x', 'senderTakesNoMail'],
  [MX, '556 5.1.10 Recipient address has null MX', 'takesNoMail'],
  [M365, '550 5.1.10 x', 'noSuchAddress'],
  [GOOGLE, '550-5.7.31 x', 'noDmarc'],
  [GOOGLE, '550-5.7.40 x', 'noDmarc'],
  [MX, '550 5.7.30 REQUIRETLS support required', 'cannotPromiseTls'],
  [MX, '550 5.7.29 ARC validation failure', 'arc'],
  [MX, '550 5.7.9 x', 'theirRules'],
  ['smtp.relay.example', '550 5.7.27 SPF did not pass - gsmtp', 'spf'],
  [MX, '550 5.1.1 <spam@far.example>: user unknown', 'noSuchAddress'],
  [MX, '550 5.7.1 <virus.spam@far.example>... x', 'theirRules'],
  [MX, '550 5.1.1 Please use the resource mailbox youtube', 'noSuchAddress'],
  [
    MX,
    '550-5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM. DKIM = did not pass',
    'notProvenSender',
  ],
  [MX, '550 5.7.1 The sender is unauthenticated; we require either SPF or DKIM', 'notProvenSender'],
  [MX, '550 5.7.30 Messages of bulk senders require DKIM', 'dkim'],

  // Something about the mailbox, and not that it does not exist
  [MX, '450 4.2.0 Not now', 'someWait'],
  [MX, '550 5.2.0 No', 'someNo'],
  [MX, '550 5.2.0 No such user', 'noSuchAddress'],

  // First contact
  [MX, '450 4.2.0 <a@b.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/b.html', 'comeBack'],
  [MX, '451 4.7.1 Greylisting in action, please come back in 00:05:00', 'comeBack'],
  [MX, '450 4.7.1 Greylisted for 5 minutes', 'comeBack'],
  [MX, '451 4.7.1 Try again later', 'comeBack'],
  [MX, '450 4.3.2 Service currently unavailable', 'comeBack'],
  [MX, '451 GL - temporary problem. Try again later.', 'comeBack'],
  [YAHOO, '451 Resources temporarily unavailable - Please try again later [GL01]', 'comeBack'],
  [MX, '450 4.7.1 Policy rejection- please try later', 'comeBack'],
  ['mx.gmx.net', '451 4.7.1 greylisted c=grey', 'comeBack'],

  // Other providers
  [M365, '550 5.1.8 Access denied, bad outbound sender', 'microsoftAccount'],
  [M365, '550 5.7.708 Access denied, traffic not accepted from this IP', 'microsoftAccount'],
  [M365, '550 5.7.513 Client host blocked by recipient', 'recipientRefusesYou'],
  [M365, '550 5.7.520 Your organization does not allow external forwarding', 'forwardBlocked'],
  [M365, '452 4.5.3 Too many recipients', 'tooManyRecipients'],
  [M365, '450 4.7.26 Service does not accept messages sent over IPv6 unless they pass', 'notProvenSender'],
  [LIVE, '552 5.2.2 mailbox full', 'mailboxFull'],
  ['mx01.mail.icloud.com', '554 5.7.1 [CS01] Message rejected due to local policy.', 'looksLikeSpam'],
  ['mx01.mail.icloud.com', '550 5.7.1 [HM08] refused', 'complaints'],
  ['mx01.mail.icloud.com', '552 5.2.2 <x@icloud.com>: user is over quota', 'mailboxFull'],
  ['mail.protonmail.ch', '550 5.1.1 <x@proton.me>: Recipient address rejected: Address does not exist', 'noSuchAddress'],
  ['mx00.emig.gmx.net', '554-Bad DNS PTR resource record. c=rdns', 'reverseDns'],
  ['mx-ha.web.de', '554-Reject due to policy restrictions.', 'theirRules'],
  ['smtp-in.orange.fr', '550 5.1.1 Adresse d au moins un destinataire invalide. OFR_416 [416]', 'noSuchAddress'],
  ['smtp-in.orange.fr', '421 mwinf5c04 ME Trop de connexions, veuillez verifier votre configuration. OFR_104', 'tooManyConnections'],
  ['mx1.free.fr', '550 5.7.1 Too many errors from your ip', 'networkBlocked'],
  ['mx.kpnmail.nl', '550 5.1.1 Recipient unknown', 'noSuchAddress'],
  ['mx1.xs4all.nl', '550 5.1.1 unknown user', 'noSuchAddress'],
  ['mx.tb.mail.iss.as9143.net', '421 mx1.tb.mail.iss.as9143.net MXIN104 too many connections', 'tooManyConnections'],
  ['mx1.comcast.net', '554 PTR record', 'reverseDns'],
  ['eu-smtp-inbound-1.mimecast.com', '554 Email rejected due to security policies', 'looksLikeSpam'],
  ['eu-smtp-inbound-1.mimecast.com', '451 Internal resources are temporarily unavailable', 'comeBack'],
  ['mxa.pphosted.com', '550 5.1.1 User Unknown', 'noSuchAddress'],
  [MX, '554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1', 'blocklisted'],
  [
    MX,
    '554 Service unavailable; Client host blocked using Barracuda Reputation; http://www.barracudanetworks.com/reputation',
    'blocklisted',
  ],

  // Lists by name
  [MX, '550 5.7.1 listed at bl.spamcop.net', 'blocklisted'],
  [MX, '550 rejected because 192.0.2.1 is in a black list at dnsbl.sorbs.net', 'blocklisted'],
  [MX, '554 5.7.1 https://www.spamhaus.org/query/ip/192.0.2.1 pbl.spamhaus.org', 'dynamicAddress'],
  [MX, '550 5.7.1 url in dbl.spamhaus.org', 'blockedLink'],
  [MX, '550 5.7.1 Blocked by uribl', 'blockedLink'],
  [MX, '550 5.7.1 UCEPROTECT-Network', 'blocklisted'],

  // Servers
  [MX, '550 5.1.1 <x@b.example>: Recipient address rejected: User unknown in local recipient table', 'noSuchAddress'],
  [MX, '550 Unrouteable address', 'noSuchAddress'],
  [MX, '550 sorry, no mailbox here by that name. (#5.1.1 - chkusr)', 'noSuchAddress'],
  [MX, "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", 'notTheirDomain'],
  [MX, '553 5.1.8 <x@b.example>... Domain of sender address x@b.example does not exist', 'senderDomainUnknown'],
  [MX, '550 Sender verify failed', 'badSender'],
  [MX, '554 5.7.1 <mail.example[192.0.2.1]>: Client host rejected: cannot find your reverse hostname', 'reverseDns'],
  [MX, '450 4.7.1 <mail.local>: Helo command rejected: Host not found', 'helloName'],
  [MX, '530 5.7.0 Must issue a STARTTLS command first', 'wantTls'],
  [MX, '452 4.3.1 Insufficient system resources (UsedDiskSpace)', 'busy'],
  [MX, '550 5.7.1 RESOLVER.RST.AuthRequired; authentication required', 'insidersOnly'],
  [MX, '552 5.3.4 Message size exceeds fixed limit', 'tooBig'],
  [MX, '501 <x>: sender address must contain a domain', 'misunderstood'],

  // The floor
  [MX, '450 x', 'busy'],
  [MX, '459 x', 'someWait'],
  [MX, '550 x', 'someNo'],
  [MX, '599', 'someNo'],
  [MX, '250 2.1.5 ok', 'accepted'],
  [MX, '777 x', 'strangeAnswer'],
];

test('the catalogue says the right thing, traps included', () => {
  const wrong = CASES.flatMap(([host, text, saying]) => {
    const found = explain(reply(text), host);
    return found.saying === saying ? [] : [`${text} at ${host}: ${found.saying} (${found.key}), not ${saying}`];
  });
  assert.deepEqual(wrong, []);
});

test('every row has its own key, every saying is in use, every pattern can be read', () => {
  assert.ok(REPLY_ROWS.length >= 120, `${REPLY_ROWS.length} rows`);
  const keys = REPLY_ROWS.map(({ key }) => key);
  assert.deepEqual(
    keys.filter((key, at) => keys.indexOf(key) !== at),
    [],
  );
  const troubles = Object.values(TROUBLES).flatMap(({ say, never }) => [say, never ?? say]);
  const used = new Set<string>([...REPLY_ROWS.map(({ say }) => say), ...troubles, ...Object.values(OF_RELAY)]);
  assert.deepEqual(
    Object.keys(SAYINGS).filter((name) => !used.has(name)),
    [],
  );
  for (const row of REPLY_ROWS) {
    for (const word of row.words ?? []) assert.equal(word, word.toLowerCase(), `${row.key}: ${word}`);
    for (const code of row.codes ?? []) assert.match(code, /^([2-5]\d\d|[2-5]xx|[45]\dx)$/, row.key);
    for (const code of row.enhanced ?? []) assert.match(code, /^[x245]\.\d\.\d{1,3}(-\d{1,3})?$/, row.key);
  }
});

test('every row can be reached: none stands wholly behind another', () => {
  // A row given exactly what it asks for must answer itself, or say the same as the row before it.
  const shadowed = REPLY_ROWS.filter((row) => row.words === undefined && row.at === undefined).flatMap((row) => {
    const enhanced = row.enhanced?.[0]?.replace('x', '5').split('-')[0];
    const code = (row.codes?.[0] ?? (enhanced?.startsWith('4') ? '450' : enhanced?.startsWith('2') ? '250' : '550')).replaceAll('x', '9');
    const found = explain({ code: Number(code), enhanced: enhanced ?? null, lines: [`${code} zzz`] }, row.there === true ? MX : '');
    return found.key === row.key || found.saying === row.say || row.key === 'strange' ? [] : [`${row.key} is answered by ${found.key}`];
  });
  assert.deepEqual(shadowed, []);
});

test('the words keep the rules: no codes, no blame, je in Dutch, one word for one thing', () => {
  for (const [name, { en, nl, help }] of Object.entries(SAYINGS)) {
    assert.match(help, /^[a-z]+(-[a-z]+)*$/, name);
    for (const text of [en.meaning, en.next, nl.meaning, nl.next]) {
      assert.match(text, /^[A-Z].*\.$/, `${name}: a sentence`);
      assert.doesNotMatch(text, /\d/, `${name}: no numbers`);
      assert.ok(text.length <= 160, `${name}: ${text.length} characters`);
    }
    assert.doesNotMatch(`${nl.meaning} ${nl.next}`, /\bu\b|\buw\b|postvak|e-mail\b/, name);
    assert.doesNotMatch(`${en.meaning} ${en.next}`, /\bfault of\b|your fault|error|inbox|recipient server|bounce/i, name);
    assert.ok('wait' in en === 'wait' in nl, `${name}: both languages wait, or none`);
  }
});

test('an owner, a page and both languages, for whatever is asked', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 999 }),
      fc.array(fc.string({ maxLength: 200 }), { maxLength: 5 }),
      fc.domain(),
      (code, lines, host) => {
        const found = explain({ code, enhanced: null, lines }, host);
        assert.ok(['you', 'them', 'admin', 'nobody'].includes(found.owner));
        assert.ok(found.meaning.en !== '' && found.meaning.nl !== '' && found.next.en !== '' && found.next.nl !== '');
        assert.equal(found.retry, code >= 400 && code < 500);
      },
    ),
    { numRuns: 300, seed: 7 },
  );
});

test('a hostile reply costs little', () => {
  const lines = Array.from({ length: 500 }, () => `550-${'5.7.1 user*'.repeat(5_000)}`);
  const started = performance.now();
  for (let turn = 0; turn < 20; turn++) explain({ code: 550, enhanced: null, lines }, MX);
  assert.ok(performance.now() - started < 500);
  readReply('9'.repeat(5_000_000));
});

test('while we try again the next step says so, and a final no does not', () => {
  assert.equal(
    explain(reply('452 4.2.2 full'), MX).next.en,
    'We try again by ourselves. Reach them in another way and ask them to make room.',
  );
  assert.equal(explain(reply('552 5.2.2 full'), MX).next.en, 'Reach them in another way and ask them to make room.');
  assert.equal(explain(reply('451 4.7.1 greylisted'), MX).next.nl, 'Wij proberen het vanzelf opnieuw. Meestal duurt het enkele minuten.');
  for (const { key, codes } of REPLY_ROWS) {
    if (codes?.every((code) => code.startsWith('5')) !== true) continue;
    assert.doesNotMatch(explain(reply(`${codes[0]?.replaceAll('x', '9') ?? ''} zzz`), MX).next.en, /try again by ourselves/, key);
  }
});

test('troubles have words too, unknown ones included', () => {
  for (const name of Object.keys(TROUBLES)) {
    const found = explain(name, MX);
    assert.equal(found.key, `trouble:${name}`);
    assert.ok(found.specific);
  }
  assert.equal(explain('timeout', MX).saying, 'noAnswer');
  assert.equal(explain('nullMx', '').retry, false);
  assert.equal(explain('somethingNew', MX).saying, 'someWait');
  assert.equal(explain('constructor', MX).specific, false);
});

test('what went wrong before anybody answered is told to the end, and blames nobody else', () => {
  for (const [name, willRetry, saying, owner] of [
    ['badContent', false, 'badlyBuilt', 'you'],
    ['badAddress', false, 'badAddress', 'you'],
    ['contentLost', true, 'contentLost', 'admin'],
    ['contentLost', false, 'contentLost', 'admin'],
    ['cancelled', true, 'ourFault', 'admin'],
    ['noServer', false, 'noServer', 'you'],
    ['noServer', true, 'noWay', 'them'],
  ] as const) {
    const found = explain(name, '', willRetry);
    assert.deepEqual([found.saying, found.owner, found.retry], [saying, owner, willRetry], name);
    assert.equal(/by ourselves/.test(found.next.en), willRetry, name);
    assert.equal(/vanzelf opnieuw/.test(found.next.nl), willRetry, name);
  }
  assert.equal(explain('noServer', '', false).meaning.en, 'This domain has no mail server.');
  assert.equal(explain('noServer', '', false).meaning.nl, 'Dit domein heeft geen mailserver.');
});

test('a pasted reply is read, in one line or several', () => {
  assert.deepEqual(readReply('550-5.1.1 No such\r\n550 5.1.1 user'), {
    code: 550,
    enhanced: '5.1.1',
    lines: ['550-5.1.1 No such', '550 5.1.1 user'],
  });
  assert.deepEqual(readReply('smtp; 550-5.1.1 No such 550 5.1.1 user')?.lines, ['550-5.1.1 No such', '550 5.1.1 user']);
  assert.equal(readReply('220-hello 421 4.2.1 later')?.code, 421);
  assert.equal(readReply('554 from 192.0.5.1.2')?.enhanced, null);
  assert.equal(readReply('nothing here, 4 of 10'), undefined);
  assert.equal(readReply(''), undefined);
});

// Real bounces

const BOUNCES = join(import.meta.dirname, '../../../../shared/data/bounces/bsd');
const why = existsSync(BOUNCES) ? false : 'the bounces are not beside this checkout';

test('coverage: at least 95 in 100 real replies are explained, all of them by class', { skip: why }, (context) => {
  let all = 0;
  let specific = 0;
  for (const file of readdirSync(BOUNCES).filter((name) => name.endsWith('.eml'))) {
    const text = readFileSync(join(BOUNCES, file), 'latin1').replaceAll('\r\n', '\n');
    for (const match of text.matchAll(/^Diagnostic-Code:[ \t]*(.*(?:\n[ \t]+.*)*)/gim)) {
      const value = (match[1] ?? '').replaceAll(/\s+/g, ' ');
      const found = readReply(value.slice(value.indexOf(';') + 1));
      if (found === undefined) continue;
      all++;
      const explanation = explain(found, MX);
      if (explanation.specific) specific++;
      assert.notEqual(explanation.key, 'strange', value);
      assert.ok(explanation.specific !== FLOOR_KEYS.has(explanation.key));
    }
  }
  context.diagnostic(`${specific} of ${all} real replies explained (${((100 * specific) / all).toFixed(1)} %)`);
  assert.ok(all > 250, `${all} replies`);
  assert.ok(specific / all >= 0.95);
});

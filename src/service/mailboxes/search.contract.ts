/** What SEARCH finds, over any store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UidSet } from '../../core/command.ts';
import type { EmailId } from '../../core/ids.ts';
import { FLAG } from '../../core/mailbox.ts';
import { append, type MakeStore, NOW, openHouse, select } from './house.contract.ts';
import type { Criterion, MailAccount, OpenMailbox } from './mailboxes.ts';

const DAY = 86_400_000;
const CRLF = '\r\n';

type Sample = Readonly<{ head: readonly string[]; body?: string | Buffer; flags?: number; keywords?: string[]; receivedAt?: number }>;

const base64 = (text: string | Buffer): string =>
  Buffer.from(text)
    .toString('base64')
    .replace(/(.{76})/g, `$1${CRLF}`);

/** By uid, from 1 on. */
const SAMPLES: readonly Sample[] = [
  // 1: plain ASCII
  {
    head: [
      'From: Zoë de Vries <zoe@school.example>',
      'To: Sam <sam@school.example>',
      'Subject: Report of the Meeting',
      'Date: Sun, 1 Feb 2026 23:30:00 -0500',
    ],
    body: 'The annual budget was\r\ndiscussed at length.\r\n',
    flags: FLAG.seen,
    receivedAt: NOW - 10 * DAY,
  },
  // 2: quoted-printable, latin1
  {
    head: [
      'From: "Bert" <bert@shop.example>',
      'To: noor@school.example',
      'Cc: Team <team@school.example>',
      'Subject: =?iso-8859-1?Q?Re=FCnie_in_de_caf=E9?=',
      'Content-Type: text/plain; charset=iso-8859-1',
      'Content-Transfer-Encoding: quoted-printable',
      'Date: Mon, 2 Feb 2026 00:30:00 +0100',
    ],
    body: 'Gezellige co=F6rdinatie, na de re=\r\n=FCnie.\r\n',
    keywords: ['$Work'],
    receivedAt: NOW - 3 * DAY,
  },
  // 3: base64, UTF-8, in a multipart with HTML
  {
    head: [
      'From: =?utf-8?B?5bGx55Sw?= <yamada@example.jp>',
      'Subject: =?UTF-8?Q?Stra=C3=9Fe_und_?= =?UTF-8?Q?=CE=A3=CE=AF=CF=83=CF=85=CF=86=CE=BF=CF=82?=',
      'X-Loop: alpha',
      'X-Loop: beta',
      'MIME-Version: 1.0',
      'Content-Type: multipart/alternative; boundary=b',
    ],
    body: [
      '--b',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      base64('Het is een prachtige überraschung vandaag.'),
      '--b',
      'Content-Type: text/html; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      '<style>.secret{color:red}</style><p>Een <b>bij</b>zonder vre&euml;md &amp; mooi verhaal</p>',
      '--b--',
      '',
    ].join(CRLF),
    flags: FLAG.flagged,
    receivedAt: NOW - DAY,
  },
  // 4: Shift_JIS in base64, with an attachment
  {
    head: ['From: sam@school.example', 'Subject: multi-byte', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=m'],
    body: [
      '--m',
      'Content-Type: text/plain; charset=shift_jis',
      'Content-Transfer-Encoding: base64',
      '',
      base64(Buffer.from('93fa967b8cea82cc8365834c8358836782c582b7', 'hex')),
      '--m',
      'Content-Type: application/pdf; name="ignored.pdf"',
      'Content-Disposition: attachment; filename="Rekening maart.pdf"',
      'Content-Transfer-Encoding: base64',
      '',
      base64('invisible words'),
      '--m--',
      '',
    ].join(CRLF),
    flags: FLAG.deleted | FLAG.seen,
  },
  // 5: an attached message
  {
    head: ['From: sam@school.example', 'Subject: forwarded', 'MIME-Version: 1.0', 'Content-Type: message/rfc822'],
    body: ['From: inner@example.org', 'Subject: =?utf-8?Q?binnenste_onderwerp_=C3=A9?=', '', 'inner words'].join(CRLF),
  },
  // 6: no header to speak of
  { head: ['X-Only: this'], body: '' },
];

const and = (...of: Criterion[]): Criterion => ({ by: 'and', of });
const or = (...of: Criterion[]): Criterion => ({ by: 'or', of });
const not = (of: Criterion): Criterion => ({ by: 'not', of });
const header = (field: string, text: string): Criterion => ({ by: 'header', field, text });
const body = (text: string): Criterion => ({ by: 'body', text });
const text = (words: string): Criterion => ({ by: 'text', text: words });
const flag = (bit: number, set = true): Criterion => ({ by: 'flag', flag: bit, set });
const uids = (...set: UidSet): Criterion => ({ by: 'uids', uids: set });
const sent = (when: 'before' | 'on' | 'since', day: number): Criterion => ({ by: 'sent', when, day });
const received = (when: 'before' | 'on' | 'since', day: number): Criterion => ({ by: 'received', when, day });
const FEB = (day: number): number => Date.UTC(2026, 1, day);
const MAR_1 = Date.UTC(2026, 2, 1);

const TABLE: readonly (readonly [string, Criterion, readonly number[]])[] = [
  ['all', { by: 'all' }, [1, 2, 3, 4, 5, 6]],
  ['nothing of an empty or', or(), []],
  ['all of an empty and', and(), [1, 2, 3, 4, 5, 6]],
  ['uids', uids([2, 3], [6, 99]), [2, 3, 6]],
  ['not uids', not(uids([2, 3], [6, 99])), [1, 4, 5]],
  ['seen', flag(FLAG.seen), [1, 4]],
  ['unseen', flag(FLAG.seen, false), [2, 3, 5, 6]],
  ['keyword, whatever its case', { by: 'keyword', keyword: '$WORK', set: true }, [2]],
  ['no keyword', { by: 'keyword', keyword: '$work', set: false }, [1, 3, 4, 5, 6]],
  ['larger and smaller', and({ by: 'larger', octets: 100 }, { by: 'smaller', octets: 100_000 }), [1, 2, 3, 4, 5]],
  ['received before', received('before', MAR_1), [1, 2, 3]],
  ['received on', received('on', MAR_1 - DAY), [3]],
  ['received since', received('since', MAR_1), [4, 5, 6]],
  ['sent on, as written', sent('on', FEB(1)), [1]],
  ['sent on, another zone', sent('on', FEB(2)), [2]],
  ['sent before: no date, no match', sent('before', FEB(3)), [1, 2]],
  ['not sent before', not(sent('before', FEB(3))), [3, 4, 5, 6]],
  ['younger', { by: 'age', when: 'younger', seconds: 2 * 86_400 }, [3, 4, 5, 6]],
  ['younger, to the second', { by: 'age', when: 'younger', seconds: 86_400 }, [3, 4, 5, 6]],
  ['older, to the second', { by: 'age', when: 'older', seconds: 86_400 }, [1, 2, 3]],
  ['from by name, accents left out', header('From', 'zoe DE'), [1]],
  ['from by name, accents written', header('from', 'ZOË'), [1]],
  ['from by address', header('from', 'bert@shop'), [2]],
  ['from in encoded words', header('from', '山田'), [3]],
  ['cc', header('cc', 'team'), [2]],
  ['to exists', header('to', ''), [1, 2]],
  ['bcc exists nowhere', header('bcc', ''), []],
  ['subject in encoded words', header('subject', 'reünie in de CAFÉ'), [2]],
  ['subject without accents', header('subject', 'reunie'), [2]],
  ['accents that are not there', header('subject', 'mëeting'), []],
  ['sharp s', header('subject', 'STRASSE'), [3]],
  ['sharp s, the other way', header('subject', 'straße'), [3]],
  ['both sigmas', header('subject', 'ΣΊΣΥΦΟΣ'), [3]],
  ['substring', header('subject', 'eeti'), [1]],
  ['any field, second of two', header('X-Loop', 'BETA'), [3]],
  ['any field exists', header('x-only', ''), [6]],
  ['field that is not there', header('x-none', ''), []],
  ['body over a line end', body('budget was discussed'), [1]],
  ['body does not look at the header', body('Meeting'), []],
  ['quoted-printable and a soft break', body('de reünie.'), [2]],
  ['latin1 without accents', body('coordinatie'), [2]],
  ['base64', body('PRACHTIGE Überraschung'), [3]],
  ['html is read, not matched', body('een bijzonder vreëmd & mooi'), [3]],
  ['markup is no text', body('color:red'), []],
  ['shift_jis', body('日本語の'), [4]],
  ['half-width and full-width', body('ﾃｷｽﾄ'), [4]],
  ['file names', body('rekening maart'), [4]],
  ['attachments are not read', body('invisible'), []],
  ['inner header of an attached message', body('binnenste onderwerp é'), [5]],
  ['inner words', body('inner words'), [5]],
  ['text looks at headers too', text('REPORT of'), [1]],
  ['text finds field names', text('x-loop: alpha'), [3]],
  ['text in bodies', text('reünie'), [2]],
  ['empty text is everywhere', text(''), [1, 2, 3, 4, 5, 6]],
  ['empty body is everywhere', body(''), [1, 2, 3, 4, 5, 6]],
  ['not body', not(body('e')), [6]],
  ['and of all kinds', and(flag(FLAG.seen), header('subject', 'report'), body('budget'), { by: 'larger', octets: 10 }), [1]],
  ['or of all kinds', or(flag(FLAG.flagged), body('inner'), header('cc', 'team')), [2, 3, 5]],
  ['nested', and(not(or(flag(FLAG.seen), text('inner'))), or(body('reünie'), header('x-only', 'THIS'))), [2, 6]],
];

async function filled(makeStore: MakeStore): Promise<{ noor: MailAccount; inbox: OpenMailbox }> {
  const { noor } = await openHouse(makeStore);
  for (const { head, body: content = '', ...rest } of SAMPLES) {
    await append(noor, 'INBOX', Buffer.concat([Buffer.from(`${head.join(CRLF)}${CRLF}${CRLF}`), Buffer.from(content)]), rest);
  }
  return { noor, inbox: await select(noor) };
}

export function searchContract(name: string, makeStore: MakeStore): void {
  const it = (what: string, run: () => Promise<void>): void => void test(`search over ${name}: ${what}`, run);

  it('a table of meanings', async () => {
    const { inbox } = await filled(makeStore);
    for (const [what, criterion, expected] of TABLE) assert.deepEqual([...(await inbox.search(criterion))], expected, what);
  });

  it('by modseq, email and thread', async () => {
    const { inbox } = await filled(makeStore);
    const { columns } = inbox;
    assert.deepEqual([...(await inbox.search({ by: 'modseq', from: columns.modseq(4) }))], [5, 6]);
    assert.deepEqual([...(await inbox.search({ by: 'email', email: columns.email(2) }))], [3]);
    assert.deepEqual([...(await inbox.search({ by: 'email', email: 1 as EmailId }))], []);
    const [first] = await inbox.messages([1]);
    assert.ok(first);
    assert.deepEqual([...(await inbox.search({ by: 'thread', thread: first.thread }))], [1]);
  });

  it('what is removed meanwhile is not found, and does no harm', async () => {
    const { inbox } = await filled(makeStore);
    const searching = inbox.search(text('e'));
    await inbox.expunge([[1, 3]], false);
    const found = [...(await searching)];
    assert.ok(found.every((uid) => uid >= 1 && uid <= 6));
    assert.deepEqual([...(await inbox.search(text('sam@')))], [4, 5]);
  });

  it('aborted before and during, it finds nothing', async () => {
    const { inbox } = await filled(makeStore);
    assert.deepEqual([...(await inbox.search({ by: 'all' }, AbortSignal.abort()))], []);
    const abort = new AbortController();
    const searching = inbox.search(text('e'), abort.signal);
    abort.abort();
    assert.deepEqual([...(await searching)], []);
  });

  it('absurd criteria find nothing', async () => {
    const { inbox } = await filled(makeStore);
    let deep: Criterion = { by: 'all' };
    for (let level = 0; level < 5_000; level++) deep = { by: 'not', of: deep };
    assert.deepEqual([...(await inbox.search(deep))], []);
    const wide: Criterion = { by: 'or', of: Array.from({ length: 5_000 }, () => ({ by: 'all' as const })) };
    assert.deepEqual([...(await inbox.search(wide))], []);
  });

  it('large parts are searched slice by slice, words over the cut included', async () => {
    const { noor } = await openHouse(makeStore);
    const line = 'Regel zonder bijzonderheden, met accént.\r\n';
    const lines = Array.from({ length: 12_000 }, () => line);
    lines[3_333] = 'de naald in\r\n';
    lines[3_334] = 'de hooiberg\r\n';
    lines[11_999] = 'het allerlaatste woord';
    const plain = lines.join('');
    const head = (encoding: string): string =>
      `Subject: big\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
    await append(noor, 'INBOX', head('8bit') + plain);
    await append(noor, 'INBOX', head('base64') + base64(plain));
    await append(noor, 'INBOX', `Subject: one line\r\n\r\n${'x'.repeat(600_000)}naald${'y'.repeat(300_000)}`);
    const inbox = await select(noor);
    assert.deepEqual([...(await inbox.search(body('naald in de hooiberg')))], [1, 2]);
    assert.deepEqual([...(await inbox.search(body('allerlaatste WOORD')))], [1, 2]);
    assert.deepEqual([...(await inbox.search(body('xnaaldy')))], [3]);
    assert.deepEqual([...(await inbox.search(body('afwezig')))], []);
  });

  it('SECURITY: large UTF-16 and uuencode are searched slice by slice too', async () => {
    const { noor } = await openHouse(makeStore);
    const text = `${'zonder bijzonderheden\r\n'.repeat(20_000)}hier de naald\r\n${'en verder\r\n'.repeat(5_000)}`;
    const utf16 = Buffer.from(text, 'utf16le');
    const head = (type: string, encoding: string): Buffer =>
      Buffer.from(`Subject: big\r\nContent-Type: text/plain; charset=${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`);
    await append(noor, 'INBOX', Buffer.concat([head('utf-16', 'binary'), Buffer.from([0xff, 0xfe]), utf16]));
    await append(noor, 'INBOX', Buffer.concat([head('utf-16', 'binary'), Buffer.from(utf16).swap16()]));
    await append(noor, 'INBOX', Buffer.concat([head('utf-16le', 'base64'), Buffer.from(base64(utf16))]));
    await append(noor, 'INBOX', Buffer.concat([head('utf-8', 'x-uuencode'), Buffer.from(uuencoded(Buffer.from(text)))]));
    // Each line stands for twenty times its octets.
    await append(noor, 'INBOX', Buffer.concat([head('utf-8', 'x-uuencode'), Buffer.from(`begin 644 x\r\n${'_\r\n'.repeat(20_000)}`)]));
    const inbox = await select(noor);
    assert.deepEqual([...(await inbox.search(body('de naald')))], [1, 2, 3, 4]);
    assert.deepEqual([...(await inbox.search(body('afwezig')))], []);
  });

  it('SECURITY: hundreds of criteria over thousands of fields fold each text once', async () => {
    const { noor } = await openHouse(makeStore);
    const fields = Array.from({ length: 1_900 }, (_, number) => `X-Field-${number}: Wörd ${'ë'.repeat(40)}\r\n`).join('');
    await append(noor, 'INBOX', `${fields}To: ${'Zoë <zoe@school.example>, '.repeat(500)}\r\n\r\nx\r\n`);
    const inbox = await select(noor);
    const begun = performance.now();
    const many = (make: (number: number) => Criterion): Criterion => or(...Array.from({ length: 300 }, (_, number) => make(number)));
    assert.deepEqual([...(await inbox.search(many((number) => text(`absent ${number}`))))], []);
    assert.deepEqual([...(await inbox.search(many((number) => header('to', `absent ${number}`))))], []);
    assert.deepEqual([...(await inbox.search(and(text('x-field-7: word'), header('x-field-8', 'WÖRD'))))], [1]);
    // A word does not go on from one field to the next.
    assert.deepEqual([...(await inbox.search(text('ë x-field-8')))], []);
    assert.ok(performance.now() - begun < 2_000);
  });
}

/** 45 octets a line, as every encoder writes it. */
function uuencoded(octets: Buffer): string {
  const lines: string[] = [];
  for (let at = 0; at < octets.length; at += 45) {
    const line = octets.subarray(at, at + 45);
    let text = String.fromCharCode(0x20 + line.length);
    for (let three = 0; three < line.length; three += 3) {
      const bits = ((line[three] ?? 0) << 16) | ((line[three + 1] ?? 0) << 8) | (line[three + 2] ?? 0);
      for (const shift of [18, 12, 6, 0]) text += String.fromCharCode(0x20 + ((bits >> shift) & 63));
    }
    lines.push(text);
  }
  return `begin 644 x.txt\r\n${lines.join('\r\n')}\r\n\`\r\nend\r\n`;
}

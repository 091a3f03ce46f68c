import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ArgumentReader, parse, readCommandLine, tagOf } from '../command-line.ts';
import { Cursor } from '../cursor.ts';
import { parseAppendEnd, parseNextAppend, readAppend } from './append.ts';
import { readAuthenticate, readAuthenticateLine } from './authenticate.ts';
import { readNothing } from './bare.ts';
import { readCopy } from './copy.ts';
import { readCreate } from './create.ts';
import { readEnable } from './enable.ts';
import { readFetch } from './fetch.ts';
import { readId } from './id.ts';
import { readList, readLsub } from './list.ts';
import { readLogin } from './login.ts';
import { readMailboxArgument } from './mailbox.ts';
import { readRename } from './rename.ts';
import { readSearch } from './search.ts';
import { readSelect } from './select.ts';
import { readStatus } from './status.ts';
import { readStore } from './store.ts';
import { readUidExpunge } from './uid-expunge.ts';

/** The arguments of a command line; its tag and name are read first. */
function read<T>(line: string | Buffer, reader: ArgumentReader<T>, utf8 = false) {
  const head = readCommandLine(Buffer.from(line), utf8);
  return head.ok ? parse(head.value.cursor, reader) : head;
}

function value<T>(line: string | Buffer, reader: ArgumentReader<T>, utf8 = false): T {
  const parsed = read(line, reader, utf8);
  return parsed.ok ? parsed.value : assert.fail(`${line.toString()}: ${parsed.why} at ${parsed.at}`);
}

function refuses<T>(reader: ArgumentReader<T>, lines: readonly string[]): void {
  for (const line of lines) assert.equal(read(line, reader).ok, false, line);
}

const set = (...ranges: number[]) => ({ kind: 'ranges', ranges }) as const;

describe('command lines', () => {
  it('reads tag and name', () => {
    for (const [line, tag, name] of [
      ['a1 noop', 'a1', 'NOOP'],
      ['A.1] uid fetch 1 FLAGS', 'A.1]', 'UID FETCH'],
    ] as const) {
      const head = readCommandLine(Buffer.from(line), false);
      assert.ok(head.ok);
      assert.deepEqual([head.value.tag, head.value.name], [tag, name]);
    }
  });
  it('refuses what is none', () => {
    for (const line of ['', 'a', 'a ', ' a NOOP', 'a+ NOOP', 'a  NOOP', '( NOOP', 'a\0 NOOP', 'a UID', 'a UID ', '\xff NOOP'])
      assert.equal(readCommandLine(Buffer.from(line, 'latin1'), false).ok, false, line);
  });
  it('finds the tag of a broken command', () => {
    assert.equal(tagOf(Buffer.from('x7 (((')), 'x7');
    assert.equal(tagOf(Buffer.from('(((')), undefined);
    assert.equal(tagOf(Buffer.from('abc')), undefined);
  });
  it('takes nothing after a command without arguments', () => {
    assert.equal(read('a NOOP', readNothing).ok, true);
    refuses(readNothing, ['a NOOP ', 'a NOOP x']);
  });
});

describe('strings', () => {
  const login = (line: string | Buffer) => read(line, readLogin);
  it('come in three forms', () => {
    assert.deepEqual(value('a LOGIN bob s]ecret', readLogin), { user: 'bob', password: 's]ecret' });
    assert.deepEqual(value('a LOGIN "b o\\"b" "\\\\"', readLogin), { user: 'b o"b', password: '\\' });
    assert.deepEqual(value('a LOGIN {3}\r\nb\r\n {0+}\r\n', readLogin), { user: 'b\r\n', password: '' });
    assert.deepEqual(value('a LOGIN "bø" ""', readLogin), { user: 'bø', password: '' });
  });
  it('say where they break', () => {
    assert.deepEqual(login('a LOGIN "bob'), { ok: false, at: 12, why: 'The quoted string has no end' });
    assert.deepEqual(login('a LOGIN bob'), { ok: false, at: 11, why: 'Expected a space' });
    for (const bad of [
      'a LOGIN "b\\ob" x',
      'a LOGIN "a\rb" x',
      'a LOGIN {9}\r\nbob x',
      'a LOGIN {3}bob x',
      'a LOGIN b%b x',
      'a LOGIN {99999999999999999999}\r\n x',
      'a LOGIN {3}\r\nb\0b x',
    ])
      assert.equal(login(bad).ok, false, bad);
    assert.equal(login(Buffer.from('a LOGIN "b\xff" x', 'latin1')).ok, false);
  });
});

describe('commands before a mailbox is open', () => {
  it('AUTHENTICATE', () => {
    assert.deepEqual(value('a AUTHENTICATE plain', readAuthenticate), { mechanism: 'PLAIN', initial: undefined });
    assert.deepEqual(value('a AUTHENTICATE SCRAM-SHA-256 =', readAuthenticate), { mechanism: 'SCRAM-SHA-256', initial: Buffer.alloc(0) });
    assert.deepEqual(value('a AUTHENTICATE PLAIN AGEAYg==', readAuthenticate).initial, Buffer.from('\0a\0b'));
    refuses(readAuthenticate, [
      'a AUTHENTICATE',
      'a AUTHENTICATE PLAIN AGEAYg',
      'a AUTHENTICATE PLAIN A!==',
      'a AUTHENTICATE PLAIN AGEAYg== x',
    ]);
    assert.equal(readAuthenticateLine(Buffer.from('*')), 'cancelled');
    assert.deepEqual(readAuthenticateLine(Buffer.from('')), Buffer.alloc(0));
    assert.equal(readAuthenticateLine(Buffer.from('***')), undefined);
  });
  it('ENABLE and ID', () => {
    assert.deepEqual(value('a ENABLE imap4rev2 UTF8=ACCEPT', readEnable), ['IMAP4REV2', 'UTF8=ACCEPT']);
    refuses(readEnable, ['a ENABLE', 'a ENABLE ', 'a ENABLE a  b']);
    assert.deepEqual(
      [...value('a ID ("name" "x" "os" NIL)', readId)],
      [
        ['name', 'x'],
        ['os', undefined],
      ],
    );
    assert.equal(value('a ID NIL', readId).size, 0);
    assert.equal(value('a ID ()', readId).size, 0);
    refuses(readId, ['a ID', 'a ID "x"', 'a ID ("a")', `a ID ("${'a'.repeat(40)}" "b")`]);
  });
  it('mailboxes', () => {
    assert.deepEqual(value('a DELETE "a b"', readMailboxArgument), { mailbox: 'a b' });
    assert.deepEqual(value('a RENAME inbox {3}\r\nold', readRename), { from: 'INBOX', to: 'old' });
    assert.deepEqual(value('a CREATE Work/', readCreate), { mailbox: 'Work', uses: [] });
    assert.deepEqual(value('a CREATE Sent (USE (\\Sent \\XYZ))', readCreate), { mailbox: 'Sent', uses: ['sent', 'xyz'] });
    refuses(readCreate, ['a CREATE', 'a CREATE x (USE)', 'a CREATE x (FOO)', 'a CREATE x ()']);
    assert.deepEqual(value('a SELECT inbox (CONDSTORE)', readSelect), { mailbox: 'INBOX', condstore: true });
    assert.deepEqual(value('a SELECT "Entw&APw-rfe"', readSelect), { mailbox: 'Entwürfe', condstore: false });
    refuses(readSelect, ['a SELECT x (NOPE)', 'a SELECT x ()', 'a SELECT x y']);
    assert.deepEqual(value('a STATUS x (messages UIDNEXT messages)', readStatus), { mailbox: 'x', items: ['MESSAGES', 'UIDNEXT'] });
    refuses(readStatus, ['a STATUS x ()', 'a STATUS x (NOPE)', 'a STATUS x MESSAGES']);
  });
});

describe('LIST', () => {
  it('in its basic form', () => {
    const list = value('a LIST "" %', readList);
    assert.deepEqual([list.isExtended, list.reference, list.patterns], [false, '', ['%']]);
    assert.deepEqual(value('a LSUB "#news." comp.*', readLsub), { reference: '#news.', pattern: 'comp.*' });
    assert.deepEqual(value('a LIST "" "&APw-%&APw-"', readList).patterns, ['ü%ü']);
    assert.deepEqual(value('a LIST "" "ü*"', readList, true).patterns, ['ü*']);
  });
  it('in its extended form', () => {
    const list = value('a LIST (SUBSCRIBED RECURSIVEMATCH) "" (a* "b c") RETURN (CHILDREN SPECIAL-USE STATUS (UNSEEN))', readList);
    assert.equal(list.isExtended, true);
    assert.deepEqual(list.selection, { subscribed: true, specialUse: false, recursive: true, remote: false });
    assert.deepEqual(list.patterns, ['a*', 'b c']);
    assert.deepEqual(list.returns, { subscribed: false, children: true, specialUse: true, status: ['UNSEEN'] });
    assert.equal(value('a LIST () "" "" RETURN ()', readList).isExtended, true);
  });
  it('refuses what makes no sense', () =>
    refuses(readList, [
      'a LIST',
      'a LIST ""',
      'a LIST (RECURSIVEMATCH) "" *',
      'a LIST (REMOTE RECURSIVEMATCH) "" *',
      'a LIST (NOPE) "" *',
      'a LIST "" * RETURN',
      'a LIST "" * RETURN (NOPE)',
      'a LIST "" ()',
    ]));
});

describe('APPEND', () => {
  const none = { flags: [], receivedAtMs: undefined, isWrapped: false };
  it('reads what precedes each message', () => {
    assert.deepEqual(value('a APPEND Sent ', readAppend), { mailbox: 'Sent', message: none });
    assert.deepEqual(value('a APPEND Sent (\\seen work) " 7-Feb-1994 21:52:25 -0800" ', readAppend).message, {
      flags: ['\\Seen', 'work'],
      receivedAtMs: Date.UTC(1994, 1, 8, 5, 52, 25),
      isWrapped: false,
    });
    assert.equal(value('a APPEND {1}\r\nx UTF8 (', readAppend).message.isWrapped, true);
    assert.deepEqual(parseNextAppend(Buffer.from(' () '), false), { ok: true, value: none });
    assert.equal(parseNextAppend(Buffer.from(') '), true).ok, true);
    assert.equal(parseAppendEnd(Buffer.from(')'), true).ok, true);
    assert.equal(parseAppendEnd(Buffer.from(''), false).ok, true);
  });
  it('refuses the rest', () => {
    refuses(readAppend, [
      'a APPEND',
      'a APPEND x',
      'a APPEND x (\\Nope) ',
      'a APPEND x "today" ',
      'a APPEND x "32-Jan-2020 00:00:00 +0000" ',
      'a APPEND x "01-Jan-2020 25:00:00 +0000" ',
      'a APPEND x ()',
    ]);
    assert.equal(parseAppendEnd(Buffer.from(' x'), false).ok, false);
    assert.equal(parseNextAppend(Buffer.from(' '), true).ok, false);
  });
});

describe('commands on messages', () => {
  it('COPY, UID EXPUNGE', () => {
    assert.deepEqual(value('a UID COPY 2:* Trash', readCopy), { set: set(2, 0), mailbox: 'Trash' });
    assert.deepEqual(value('a MOVE $ Trash', readCopy).set, { kind: 'saved' });
    assert.deepEqual(value('a UID EXPUNGE 3', readUidExpunge), { set: set(3, 3) });
    refuses(readCopy, ['a COPY x Trash', 'a COPY 1', 'a COPY 0 x']);
  });
  it('STORE', () => {
    const plain = { set: set(1, 1), unchangedSince: undefined, how: 'replace', isSilent: false, flags: ['\\Seen'] };
    assert.deepEqual(value('a STORE 1 FLAGS (\\Seen)', readStore), plain);
    assert.deepEqual(value('a STORE 1 +flags.silent \\deleted work \\DELETED', readStore), {
      ...plain,
      how: 'add',
      isSilent: true,
      flags: ['\\Deleted', 'work'],
    });
    assert.deepEqual(value('a STORE 1 (UNCHANGEDSINCE 9) -FLAGS ()', readStore), { ...plain, how: 'remove', unchangedSince: 9, flags: [] });
    refuses(readStore, [
      'a STORE 1 FLAG (x)',
      'a STORE 1 FLAGS',
      'a STORE 1 (UNCHANGEDSINCE) FLAGS x',
      'a STORE 1 (UNCHANGEDSINCE 1 UNCHANGEDSINCE 2) FLAGS x',
      'a STORE 1 FLAGS (\\*)',
      `a STORE 1 FLAGS ${'x'.repeat(101)}`,
    ]);
  });
  it('FETCH items and macros', () => {
    const items = (text: string) => value(`a FETCH 1 ${text}`, readFetch).items;
    assert.deepEqual(
      items('fast').map((item) => item.get),
      ['flags', 'internalDate', 'size'],
    );
    assert.deepEqual(items('ALL').length, 4);
    assert.deepEqual(items('FULL')[4], { get: 'structure', isExtended: false });
    assert.deepEqual(
      items('(UID MODSEQ BODYSTRUCTURE BODY)').map((item) => item.get),
      ['uid', 'modseq', 'structure', 'structure'],
    );
    assert.deepEqual(items('RFC822.HEADER')[0], {
      get: 'section',
      label: 'RFC822.HEADER',
      section: { part: [], text: 'header', fields: [] },
      partial: undefined,
      marksSeen: false,
    });
    assert.equal(value('a FETCH 1:* (FLAGS) (CHANGEDSINCE 12345)', readFetch).changedSince, 12_345);
  });
  it('FETCH sections', () => {
    const section = (text: string) => {
      const item = value(`a FETCH 1 ${text}`, readFetch).items[0];
      return item?.get === 'section' ? item : assert.fail('no section');
    };
    assert.deepEqual(section('BODY[]').section, { part: [], text: 'all', fields: [] });
    assert.deepEqual(section('body.peek[1.2.mime]').section, { part: [1, 2], text: 'mime', fields: [] });
    const fields = section('BODY.PEEK[4.header.fields.not (From "X-Odd" {2}\r\nTo)]<10.200>');
    assert.deepEqual(fields.section, { part: [4], text: 'fieldsNot', fields: ['from', 'x-odd', 'to'] });
    assert.equal(fields.label, 'BODY[4.HEADER.FIELDS.NOT (FROM X-ODD TO)]');
    assert.deepEqual([fields.partial, fields.marksSeen], [{ origin: 10, length: 200 }, false]);
    assert.equal(section('BODY[TEXT]').marksSeen, true);
    const binary = value('a FETCH 1 (BINARY.PEEK[1.2]<0.5> BINARY.SIZE[3])', readFetch).items;
    assert.deepEqual(binary, [
      { get: 'binary', label: 'BINARY[1.2]', part: [1, 2], partial: { origin: 0, length: 5 }, marksSeen: false },
      { get: 'binarySize', label: 'BINARY.SIZE[3]', part: [3] },
    ]);
  });
  it('FETCH refuses the rest', () =>
    refuses(readFetch, [
      'a FETCH 1',
      'a FETCH 1 ()',
      'a FETCH 1 NOPE',
      'a FETCH 1 (ALL)',
      'a FETCH 1 BODY[MIME]',
      'a FETCH 1 BODY[1.]',
      'a FETCH 1 BODY[0]',
      'a FETCH 1 BODY[1',
      'a FETCH 1 BODY[HEADER.FIELDS]',
      'a FETCH 1 BODY[HEADER.FIELDS ()]',
      'a FETCH 1 BODY[]<1>',
      'a FETCH 1 BODY[]<0.0>',
      'a FETCH 1 BODY.PEEK',
      'a FETCH 1 BINARY[TEXT]',
      'a FETCH 1 BINARY.SIZE[1]<0.1>',
      `a FETCH 1 BODY[${'1.'.repeat(101)}1]`,
      `a FETCH 1 (${'UID '.repeat(101)}UID)`,
      'a FETCH 1 FLAGS (CHANGEDSINCE x)',
    ]));
});

describe('SEARCH', () => {
  const key = (text: string) => value(`a SEARCH ${text}`, readSearch).key;
  it('reads every key', () => {
    assert.deepEqual(key('ALL'), { by: 'all' });
    assert.deepEqual(key('unseen'), { by: 'flag', flag: '\\Seen', set: false });
    assert.deepEqual(key('KEYWORD $Junk'), { by: 'keyword', flag: '$Junk', set: true });
    assert.deepEqual(key('FROM "smith"'), { by: 'header', field: 'from', text: 'smith' });
    assert.deepEqual(key('HEADER Message-ID ""'), { by: 'header', field: 'message-id', text: '' });
    assert.deepEqual(key('SINCE 1-feb-1994'), { by: 'received', when: 'since', day: Date.UTC(1994, 1, 1) / 86_400_000 });
    assert.deepEqual(key('SENTON "01-Jan-1970"'), { by: 'sent', when: 'on', day: 0 });
    assert.deepEqual(key('LARGER 9000'), { by: 'larger', octets: 9000 });
    assert.deepEqual(key('YOUNGER 60'), { by: 'age', when: 'younger', seconds: 60 });
    assert.deepEqual(key('MODSEQ "/flags/\\\\draft" all 620162338'), { by: 'modseq', from: 620_162_338 });
    assert.deepEqual(key('UID 1:3'), { by: 'uids', set: set(1, 3) });
    assert.deepEqual(key('2,4:*'), { by: 'numbers', set: set(2, 2, 4, 0) });
    assert.deepEqual(key('(OR $ 1) TEXT {3+}\r\na\r\n'), {
      by: 'and',
      of: [
        {
          by: 'or',
          of: [
            { by: 'numbers', set: { kind: 'saved' } },
            { by: 'numbers', set: set(1, 1) },
          ],
        },
        { by: 'text', text: 'a\r\n' },
      ],
    });
    assert.deepEqual(key('NOT (SEEN DELETED)'), {
      by: 'not',
      of: {
        by: 'and',
        of: [
          { by: 'flag', flag: '\\Seen', set: true },
          { by: 'flag', flag: '\\Deleted', set: true },
        ],
      },
    });
  });
  it('reads result options and charsets', () => {
    const none = { min: false, max: false, all: false, count: false, save: false };
    assert.equal(value('a SEARCH ALL', readSearch).returns, undefined);
    assert.deepEqual(value('a SEARCH RETURN () ALL', readSearch).returns, { ...none, all: true });
    assert.deepEqual(value('a SEARCH RETURN (min SAVE) ALL', readSearch).returns, { ...none, min: true, save: true });
    assert.deepEqual(value(Buffer.from('a SEARCH CHARSET ISO-8859-1 BODY {1}\r\n\xfc', 'latin1'), readSearch).key, {
      by: 'body',
      text: 'ü',
    });
    assert.equal(value('a SEARCH CHARSET KLINGON BODY {1}\r\nx', readSearch).isUnknownCharset, true);
    assert.equal(read(Buffer.from('a SEARCH CHARSET UTF-8 BODY {1}\r\n\xfc', 'latin1'), readSearch).ok, false);
  });
  it('refuses what is broken, too deep or too much', () => {
    refuses(readSearch, [
      'a SEARCH',
      'a SEARCH ',
      'a SEARCH NOPE',
      'a SEARCH ()',
      'a SEARCH NOT',
      'a SEARCH OR SEEN',
      'a SEARCH RETURN (NOPE) ALL',
      'a SEARCH RETURN (MIN)',
      'a SEARCH BEFORE 31-Feb-2020',
      'a SEARCH BEFORE x',
      'a SEARCH YOUNGER 0',
      'a SEARCH MODSEQ "/x" all 1',
      'a SEARCH LARGER -1',
    ]);
    refuses(readSearch, [
      `a SEARCH ${'('.repeat(51)}ALL${')'.repeat(51)}`,
      `a SEARCH ${'NOT '.repeat(60)}ALL`,
      `a SEARCH ${'OR ALL '.repeat(60)}ALL`,
      `a SEARCH ${'ALL '.repeat(901)}ALL`,
    ]);
    assert.equal(read(`a SEARCH ${'('.repeat(49)}ALL${')'.repeat(49)}`, readSearch).ok, true);
  });
});

describe('hostile commands', () => {
  it('never throw and never hang', () => {
    const readers: readonly ArgumentReader<unknown>[] = [
      readAppend,
      readAuthenticate,
      readCopy,
      readCreate,
      readEnable,
      readFetch,
      readId,
      readList,
      readLsub,
      readLogin,
      readRename,
      readSearch,
      readSelect,
      readStatus,
      readStore,
    ];
    const pieces = [
      '(',
      ')',
      ' ',
      '"',
      '\\',
      '{3}\r\n',
      '{2+}\r\nab',
      '*',
      '1:*',
      ',',
      '$',
      'BODY[',
      ']',
      '<0.1>',
      'OR',
      'NOT',
      'RETURN',
      'FLAGS',
      '\0',
      '\xff',
      'NIL',
      '&',
      '-',
      '4294967296',
      'HEADER.FIELDS',
      '.',
      'x',
    ];
    let seed = 17;
    for (let round = 0; round < 3000; round++) {
      const line = Array.from({ length: 1 + (round % 25) }, () => {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        return pieces[(seed >> 8) % pieces.length];
      }).join('');
      for (const reader of readers) parse(new Cursor(Buffer.from(line, 'latin1')), reader);
    }
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEPTH_LIMIT } from '../../mime/limits.ts';
import { scan } from '../../mime/scanner.ts';
import { type BodyNode, bodyLists, bodyTree, hasAttachment } from './body-lists.ts';

/** A leaf, or a multipart: its subtype and what is in it. */
type Tree = string | readonly Tree[];
let boundary = 0;

/** A leaf is `type name`, perhaps with `; disposition` behind; the name becomes its Content-ID. */
function mime(tree: Tree): string {
  if (typeof tree === 'string') {
    const [head = ''] = tree.split(';', 1);
    const disposition = tree.includes(';') ? tree.slice(head.length + 1) : undefined;
    const [type = '', id = ''] = head.split(' ');
    return `Content-Type: ${type}\r\nContent-ID: ${id}\r\n${disposition === undefined ? '' : `Content-Disposition:${disposition}\r\n`}\r\n${id}\r\n`;
  }
  const [type, ...children] = tree;
  const own = `b${boundary++}.`;
  return `Content-Type: multipart/${String(type)}; boundary="${own}"\r\n\r\n${children.map((child) => `--${own}\r\n${mime(child)}\r\n`).join('')}--${own}--\r\n`;
}

const listsOf = (tree: Tree) => bodyLists(bodyTree(scan(Buffer.from(mime(tree))).root));
const ids = (nodes: readonly BodyNode[]): string => nodes.map(({ part }) => part.id).join('');

/** The tree, then textBody, htmlBody, attachments, hasAttachment. */
const CASES: readonly (readonly [string, Tree, string, string, string, boolean])[] = [
  [
    'the example of RFC 8621 §4.1.4',
    [
      'mixed',
      'text/plain A; inline',
      [
        'mixed',
        [
          'alternative',
          ['mixed', 'text/plain B; inline', 'image/jpeg C; inline', 'text/plain D; inline'],
          ['related', 'text/html E', 'image/jpeg F'],
        ],
        'image/jpeg G; attachment',
        'application/x-excel H',
        'message/rfc822 J',
      ],
      'text/plain K; inline',
    ],
    'ABCDK',
    'AEK',
    'CFGHJ',
    true,
  ],
  ['one text', 'text/plain A', 'A', 'A', '', false],
  ['one file', 'application/pdf A', '', '', 'A', true],
  ['HTML alone in an alternative', ['alternative', 'text/html A'], 'A', 'A', '', false],
  ['both kinds', ['alternative', 'text/plain A', 'text/html B', 'text/calendar C'], 'A', 'B', 'C', true],
  ['pictures shown in HTML', ['related', 'text/html A', 'image/png B', 'image/png C; inline'], 'A', 'A', 'BC', false],
  ['a picture that is a file all the same', ['related', 'text/html A', 'image/png B; attachment'], 'A', 'A', 'B', true],
  ['a named text that is not first', ['mixed', 'text/plain A', 'text/plain B; inline; filename=x'], 'A', 'A', 'B', false],
  ['texts behind texts', ['mixed', 'text/plain A', 'image/png B', 'text/html C'], 'ABC', 'ABC', '', false],
  ['an alternative of files', ['alternative', 'image/png A', 'application/pdf B'], '', '', 'AB', true],
  ['both kinds within one branch', ['alternative', ['mixed', 'text/plain A', 'text/html B', 'image/png C']], 'A', 'A', 'BC', true],
];
for (const [why, tree, text, html, attachments, has] of CASES)
  test(why, () => {
    const lists = listsOf(tree);
    assert.deepEqual([ids(lists.textBody), ids(lists.htmlBody), ids(lists.attachments)], [text, html, attachments]);
    assert.equal(hasAttachment(lists), has);
  });

test('part ids are section numbers', () => {
  const tree: Tree = ['mixed', 'text/plain A', ['mixed', 'text/plain B', 'message/rfc822 C']];
  const { textBody, attachments } = listsOf(tree);
  assert.deepEqual(
    [...textBody, ...attachments].map(({ partId }) => partId),
    ['1', '2.1', '2.2'],
  );
  assert.equal(listsOf('text/plain A').textBody[0]?.partId, '1');
});

test('a tree deeper than may be is shown as far as it is', () => {
  let tree: Tree = 'text/plain A';
  for (let depth = 0; depth < DEPTH_LIMIT * 2; depth++) tree = [depth % 2 === 0 ? 'alternative' : 'mixed', tree];
  assert.ok(listsOf(tree).attachments.length === 1);
});

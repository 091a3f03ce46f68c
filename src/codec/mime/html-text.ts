/**
 * The readable text of HTML, for previews, search and the spam filter. One
 * pass, no tree, nothing rendered: what is shown to people goes through the
 * webmail's cleaner instead.
 */
import { ENTITIES } from './html-entities.table.ts';

/** Elements whose content nobody reads. */
const UNREAD: ReadonlySet<string> = new Set([
  'script',
  'style',
  'head',
  'title',
  'noscript',
  'template',
  'svg',
  'object',
  'select',
  'textarea',
]);
/** Elements inside a line: between them no space is added. */
const INLINE: ReadonlySet<string> = new Set(
  'a abbr acronym b bdi bdo big cite code em font i ins kbd label mark q s samp small span strike strong sub sup tt u var wbr'.split(' '),
);
/** Characters in the name of an element or of a character reference; longer ones are none we know. */
const NAME_LIMIT = 32;
/** Characters of `limit` that may be collected more, since white space is folded only at the end. */
const COLLECT_FACTOR = 8;

/** At most `limit` characters; lines of the source are not kept. */
export function htmlText(html: string, limit: number): string {
  const pieces: string[] = [];
  let length = 0;
  for (let at = 0; at < html.length && length < limit * COLLECT_FACTOR; ) {
    const open = html.indexOf('<', at);
    const end = open < 0 ? html.length : open;
    if (end > at) {
      const text = decodeEntities(html.slice(at, end));
      pieces.push(text);
      // White space does not count: indented markup is mostly that.
      if (text.trim() !== '') length += text.length;
    }
    if (open < 0) break;
    at = afterTag(html, open, pieces);
  }
  return pieces.join('').replace(/\s+/g, ' ').trim().slice(0, limit);
}

/** Where reading goes on behind the markup that begins at `open`. */
function afterTag(html: string, open: number, pieces: string[]): number {
  if (html.startsWith('<!--', open)) return after(html, '-->', open + 4);
  const isEnd = html[open + 1] === '/';
  const name = elementName(html, isEnd ? open + 2 : open + 1);
  if (name === '' && html[open + 1] !== '!' && html[open + 1] !== '?' && !isEnd) {
    pieces.push('<');
    return open + 1;
  }
  if (!INLINE.has(name)) pieces.push(' ');
  const next = afterAttributes(html, open + 1);
  if (isEnd || !UNREAD.has(name)) return next;
  return afterElement(html, name, next);
}

function elementName(html: string, start: number): string {
  let end = start;
  const stop = start + NAME_LIMIT;
  while (end < stop && isNameCode(html.charCodeAt(end))) end++;
  return html.slice(start, end).toLowerCase();
}

const isNameCode = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39);

/** Behind the `>` of a tag; one inside quotes does not count, unless the quote is never closed. */
function afterAttributes(html: string, start: number): number {
  for (let at = start; at < html.length; at++) {
    const code = html.charCodeAt(at);
    if (code === 0x3e) return at + 1;
    if ((code !== 0x22 && code !== 0x27) || html[at - 1] !== '=') continue;
    const close = html.indexOf(html[at] ?? '', at + 1);
    if (close < 0) return after(html, '>', at);
    at = close;
  }
  return html.length;
}

/** Behind the end tag of an element, or the end of the text: unclosed scripts run on, as in browsers. */
function afterElement(html: string, name: string, start: number): number {
  for (let at = html.indexOf('</', start); at >= 0; at = html.indexOf('</', at + 2)) {
    if (elementName(html, at + 2) === name) return after(html, '>', at);
  }
  return html.length;
}

function after(text: string, mark: string, start: number): number {
  const at = text.indexOf(mark, start);
  return at < 0 ? text.length : at + mark.length;
}

function decodeEntities(text: string): string {
  let ampersand = text.indexOf('&');
  if (ampersand < 0) return text;
  const pieces: string[] = [];
  let done = 0;
  for (; ampersand >= 0; ampersand = text.indexOf('&', ampersand + 1)) {
    let end = ampersand + 1;
    while (end - ampersand < NAME_LIMIT && (isNameCode(text.charCodeAt(end)) || text[end] === '#')) end++;
    const character = characterOf(text.slice(ampersand + 1, end));
    if (character === undefined) continue;
    pieces.push(text.slice(done, ampersand), character);
    done = text[end] === ';' ? end + 1 : end;
  }
  pieces.push(text.slice(done));
  return pieces.join('');
}

function characterOf(reference: string): string | undefined {
  if (!reference.startsWith('#')) return ENTITIES.get(reference);
  const digits = reference.slice(1).toLowerCase();
  const code = digits.startsWith('x') ? Number.parseInt(digits.slice(1), 16) : Number.parseInt(digits, 10);
  if (Number.isNaN(code) || code < 0x20 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return ' ';
  return String.fromCodePoint(code);
}

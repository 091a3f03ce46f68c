/**
 * A reply as it goes over the wire (RFC 5321 §4.2): one line, or several of
 * which all but the last have a hyphen behind the code, the enhanced status
 * repeated on each (RFC 2034 §4).
 */

/** RFC 5321 §4.5.3.1.5: octets of a reply line, CRLF included. */
const REPLY_LINE_OCTETS = 512;
/** Lines of a reply beyond which nobody reads. */
const REPLY_LINES = 100;

/** Text that needs no care: printable ASCII on one line that fits. */
const PLAIN = /^[ -~]*$/;
const ODD = /[^\n -~]/;
const EACH_ODD = /[^\n -~]/g;
const STATUS = /^[245]\.\d{1,3}\.\d{1,3} /;

/** `text` may have several lines, divided by LF. Characters no reply may hold become '?'. */
export function replyText(code: number, text: string): string {
  if (text.length < REPLY_LINE_OCTETS - 6 && PLAIN.test(text)) return `${code} ${text}\r\n`;
  const status = STATUS.exec(text)?.[0] ?? '';
  const room = REPLY_LINE_OCTETS - 6 - status.length;
  // SECURITY: a CR or LF from outside (an address, another server's words) would begin a reply of its own.
  const body = ODD.test(text) ? text.slice(status.length).replaceAll(EACH_ODD, '?') : text.slice(status.length);
  const lines = body.split('\n', REPLY_LINES).flatMap((line) => (line.length <= room ? line : folded(line, room)));
  const last = Math.min(lines.length, REPLY_LINES) - 1;
  let reply = '';
  for (let at = 0; at < last; at++) reply += `${code}-${status}${lines[at]}\r\n`;
  return `${reply}${code} ${status}${lines[last]}\r\n`;
}

/** A long line as several, cut at spaces where there are any. */
function folded(line: string, room: number): string[] {
  const parts: string[] = [];
  let rest = line;
  while (rest.length > room) {
    const space = rest.lastIndexOf(' ', room);
    const cut = space > 0 ? space : room;
    parts.push(rest.slice(0, cut));
    rest = rest.slice(space > 0 ? cut + 1 : cut);
  }
  return [...parts, rest];
}

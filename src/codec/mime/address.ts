/**
 * Address lists (RFC 5322 §3.4, obsolete forms §4.4, UTF-8 by RFC 6532) as
 * IMAP wants them: groups as markers, text raw. Anything at all is read as
 * well as it can be; nothing is refused and nothing backtracks.
 */
import { ADDRESS_LIMIT, COMMENT_DEPTH_LIMIT } from './limits.ts';
import type { Address } from './structure.ts';

/** `complete` is false when ADDRESS_LIMIT cut the list. */
export type AddressList = Readonly<{ addresses: readonly Address[]; complete: boolean }>;

/** Characters in a domain literal, brackets counted: no domain is longer (RFC 5321 §4.5.3.1.2). */
const DOMAIN_LITERAL_LIMIT = 255;
const GROUP_END: Address = { name: null, mailbox: null, host: null };
/** An address inside angle brackets that needs no careful reading. */
const SIMPLE_SPEC = /^[^\s"(),:;<>@[\\\]]+@[^\s"(),:;<>@[\\\]]+$/;

/** A run of text without white space outside quotes. `at` is where its last unquoted @ stands, or -1. */
type Unit = { text: string; at: number };

export function parseAddressList(text: string, limit: number = ADDRESS_LIMIT): AddressList {
  const reader = new AddressReader(text, limit);
  return { addresses: reader.read(), complete: reader.complete };
}

class AddressReader {
  complete = true;
  readonly #text: string;
  readonly #limit: number;
  readonly #addresses: Address[] = [];
  #at = 0;
  #units: Unit[] = [];
  /** The next token begins a unit of its own. */
  #apart = true;
  #comment = '';
  #inGroup = false;

  constructor(text: string, limit: number) {
    this.#text = text;
    this.#limit = limit;
  }

  read(): Address[] {
    while (this.#at < this.#text.length && this.complete) this.#step(this.#text.charCodeAt(this.#at));
    this.#flush();
    if (this.#inGroup) this.#addresses.push(GROUP_END);
    return this.#addresses;
  }

  #step(code: number): void {
    switch (code) {
      case 0x2c: // ,
        this.#at++;
        return this.#flush();
      case 0x3b: // ;
        this.#at++;
        return this.#endGroup();
      case 0x3a: // :
        return this.#inGroup ? this.#word() : this.#beginGroup();
      case 0x3c: // <
        return this.#angle();
      default:
        return this.#token(code);
    }
  }

  /** White space, a comment, a quoted string or a word: what both phrases and addresses are made of. */
  #token(code: number): void {
    if (code === 0x22) return this.#quoted();
    if (code === 0x28) return this.#readComment();
    if (code > 0x20) return this.#word();
    this.#at++;
    this.#apart = true;
  }

  #beginGroup(): void {
    this.#at++;
    const name = joined(this.#units);
    this.#inGroup = true;
    this.#push({ name: null, mailbox: name, host: null });
  }

  /** QUIRK: outside a group a semicolon separates addresses, as Outlook users type it. */
  #endGroup(): void {
    this.#flush();
    if (!this.#inGroup) return;
    this.#inGroup = false;
    this.#addresses.push(GROUP_END);
  }

  #push(address: Address): void {
    if (this.#addresses.length >= this.#limit) this.complete = false;
    else this.#addresses.push(address);
    this.#units = [];
    this.#apart = true;
    this.#comment = '';
  }

  /** Ends an address without angle brackets: the last unit with an @ is the address, what stands before it the name. */
  #flush(): void {
    const units = this.#units;
    if (units.length === 0) {
      this.#comment = '';
      return;
    }
    let last = units.length - 1;
    while (last >= 0 && (units[last]?.at ?? -1) < 0) last--;
    const comment = this.#comment === '' ? null : this.#comment;
    if (last < 0) return this.#push({ name: comment, mailbox: joined(units), host: '' });
    const unit = units[last] ?? { text: '', at: 0 };
    const name = last === 0 ? comment : joined(units.slice(0, last));
    this.#push({ name, mailbox: unit.text.slice(0, unit.at), host: unit.text.slice(unit.at + 1) });
  }

  /** `<local@domain>`, with everything before it as the name. */
  #angle(): void {
    // QUIRK: `<<user@host>>` from mailers that bracket twice.
    while (this.#text.charCodeAt(this.#at + 1) === 0x3c) this.#at++;
    const close = this.#text.indexOf('>', this.#at);
    const simple = close < 0 ? '' : this.#text.slice(this.#at + 1, close);
    const name = this.#units.length === 0 ? null : joined(this.#units);
    if (SIMPLE_SPEC.test(simple)) {
      this.#at = close + 1;
      return this.#endAngle(name, { text: simple, at: simple.indexOf('@') });
    }
    this.#units = [];
    this.#apart = true;
    this.#at++;
    const comment = this.#comment;
    const spec = this.#carefulSpec();
    // What is said inside the brackets is about the address, not the person.
    this.#comment = comment;
    this.#endAngle(name, spec);
  }

  #endAngle(name: string | null, { text, at }: Unit): void {
    // A comment behind the bracket may be the name; and nothing else up to the comma is.
    while (this.#at < this.#text.length && !',;<'.includes(this.#text[this.#at] ?? '')) this.#token(this.#text.charCodeAt(this.#at));
    const shown = name ?? (this.#comment === '' ? null : this.#comment);
    this.#push(at < 0 ? { name: shown, mailbox: text, host: '' } : { name: shown, mailbox: text.slice(0, at), host: text.slice(at + 1) });
    if (this.#text[this.#at] === ',') this.#at++;
  }

  /** The inside of angle brackets with quotes, comments or a route in it. QUIRK: a missing `>` ends at a comma or the next `<`. */
  #carefulSpec(): Unit {
    const isRoute = this.#text[this.#at] === '@';
    let route = isRoute;
    while (this.#at < this.#text.length) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x3e) {
        this.#at++;
        break;
      }
      if (code === 0x3c || (code === 0x2c && !route)) break;
      if (code === 0x3a && route) {
        // RFC 5322 §4.4: a source route is read and thrown away.
        this.#units = [];
        this.#apart = true;
        route = false;
      }
      if (code === 0x3a || code === 0x2c || code === 0x3b) this.#at++;
      else this.#token(code);
    }
    return glued(this.#units);
  }

  /** QUIRK: without a closing quote the string runs to the end. */
  #quoted(): void {
    const start = this.#at + 1;
    let at = start;
    let escaped = false;
    while (at < this.#text.length && this.#text.charCodeAt(at) !== 0x22) {
      if (this.#text.charCodeAt(at) === 0x5c) {
        escaped = true;
        at++;
      }
      at++;
    }
    const inside = this.#text.slice(start, at);
    this.#at = at + 1;
    this.#add(escaped ? inside.replace(/\\(.?)/gs, '$1') : inside, true);
  }

  #readComment(): void {
    const start = this.#at + 1;
    let depth = 1;
    let at = start;
    for (; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === 0x5c) at++;
      else if (code === 0x28 && depth < COMMENT_DEPTH_LIMIT) depth++;
      else if (code === 0x29 && --depth === 0) break;
    }
    const inside = this.#text
      .slice(start, at)
      .replace(/\\(.?)/gs, '$1')
      .trim();
    // QUIRK: `user@host (Real Name)` is how the oldest mailers give the name. The last comment wins.
    if (inside !== '') this.#comment = inside;
    this.#at = at + 1;
    this.#apart = true;
  }

  /** Everything up to white space or a special; a domain literal whole. */
  #word(): void {
    const start = this.#at;
    let at = start;
    while (at < this.#text.length) {
      const code = this.#text.charCodeAt(at);
      if (at > start && isSpecial(code)) break;
      at += code === 0x40 ? 1 + literalLength(this.#text, at + 1) : 1;
    }
    this.#at = at;
    this.#add(this.#text.slice(start, at), false);
  }

  /** Joins the token to the unit before it when nothing is between, or when a dot or @ binds them (RFC 5322 §4.4 allows white space there). */
  #add(token: string, quoted: boolean): void {
    const last = this.#units.at(-1);
    const sign = quoted ? -1 : token.lastIndexOf('@');
    if (last !== undefined && (!this.#apart || binds(last, token, quoted))) {
      if (sign >= 0) last.at = last.text.length + sign;
      last.text += token;
    } else {
      this.#units.push({ text: token, at: sign });
    }
    this.#apart = false;
  }
}

function binds(last: Unit, token: string, quoted: boolean): boolean {
  if (!quoted && token.startsWith('@')) return true;
  return last.at === last.text.length - 1 || (last.at >= 0 && (last.text.endsWith('.') || token.startsWith('.')));
}

/** The length of the domain literal (RFC 5321 §4.1.3) that begins there, 0 when none does. */
function literalLength(text: string, at: number): number {
  if (text.charCodeAt(at) !== 0x5b) return 0;
  return text.slice(at, at + DOMAIN_LITERAL_LIMIT).indexOf(']') + 1;
}

/** Where a word ends: white space and `( ) < > " , ; :`. */
function isSpecial(code: number): boolean {
  if (code <= 0x20) return true;
  return code === 0x28 || code === 0x22 || code === 0x3c || code === 0x3e || code === 0x2c || code === 0x3b || code === 0x3a;
}

function joined(units: readonly Unit[]): string {
  const [only] = units;
  return units.length === 1 && only !== undefined ? only.text : units.map((unit) => unit.text).join(' ');
}

/** All units of an angle address as one; a space inside stays, since it was quoted or is a mistake worth seeing. */
function glued(units: readonly Unit[]): Unit {
  let text = '';
  let at = -1;
  for (const unit of units) {
    if (text !== '') text += ' ';
    if (unit.at >= 0) at = text.length + unit.at;
    text += unit.text;
  }
  return { text, at };
}

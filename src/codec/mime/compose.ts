/**
 * Builds messages: delivery reports, welcome mail, answers, tests. Same input,
 * same octets; time, ids and addresses come from the caller. Everything is
 * written so that it survives any relay: CRLF, short lines, seven bits.
 */
import { Buffer, isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import { unreachable } from '../../lib/unreachable.ts';
import { formatDate } from './date.ts';
import { encodeText } from './encode-text.ts';
import { type FormatOptions, formatAddressList } from './format-address.ts';
import { unstructured, writeField, writeParameter } from './header-writing.ts';
import type { Address } from './structure.ts';
import { encodeBase64 } from './transfer-encoding.ts';

export type Body =
  | Readonly<{ kind: 'text'; text: string; subtype?: string }>
  /** Octets sent as they are: an attached message (message/rfc822), message/delivery-status, text/rfc822-headers. */
  | Readonly<{ kind: 'lines'; type: string; bytes: Uint8Array; description?: string }>
  | Readonly<{ kind: 'file'; type: string; bytes: Uint8Array; name?: string; id?: string; inline?: boolean }>
  | Readonly<{ kind: 'multipart'; subtype: string; parts: readonly Body[]; parameters?: Readonly<Record<string, string>> }>;

export type Composition = Readonly<{
  from: readonly Address[];
  sender?: Address;
  replyTo?: readonly Address[];
  to?: readonly Address[];
  cc?: readonly Address[];
  bcc?: readonly Address[];
  subject?: string;
  /** Milliseconds since 1970. */
  date: number;
  zoneMinutes?: number;
  /** With angle brackets, as are those of `inReplyTo` and `references`. */
  messageId?: string;
  inReplyTo?: string;
  references?: readonly string[];
  /** Fields after the known ones; values are text, encoded where they must be. */
  more?: readonly (readonly [name: string, value: string])[];
  body: Body;
}> &
  FormatOptions;

/** Multiparts inside one another; what we build ourselves needs three. */
const DEPTH_LIMIT = 10;
/** RFC 5322 §2.1.1: octets in a line that any relay passes. */
const LINE_LIMIT = 998;
/** Boundaries tried before we say that the content was made to hold them all. */
const BOUNDARY_TRIES = 100;

export function compose(composition: Composition): Buffer {
  const { header, octets } = writeBody(composition.body, 0);
  return Buffer.concat([Buffer.from(`${messageFields(composition)}MIME-Version: 1.0\r\n${header}\r\n`, 'utf8'), octets]);
}

function messageFields(composition: Composition): string {
  const { from, sender, replyTo, to, cc, bcc, subject, date, zoneMinutes, messageId, inReplyTo, references, more = [] } = composition;
  const addresses = (name: string, list: readonly Address[] | undefined): string =>
    list === undefined || list.length === 0 ? '' : writeField(name, formatAddressList(list, composition));
  const words = (name: string, value: string | undefined): string => (value === undefined || value === '' ? '' : writeField(name, value));
  return [
    writeField('Date', formatDate(date, zoneMinutes)),
    addresses('From', from),
    addresses('Sender', sender === undefined ? undefined : [sender]),
    addresses('Reply-To', replyTo),
    addresses('To', to),
    addresses('Cc', cc),
    addresses('Bcc', bcc),
    subject === undefined ? '' : writeField('Subject', unstructured(subject, composition)),
    words('Message-ID', messageId),
    words('In-Reply-To', inReplyTo),
    words('References', references?.join(' ')),
    ...more.map(([name, value]) => writeField(name, unstructured(value, composition))),
  ].join('');
}

/** The content fields of a part, and its octets behind the blank line. */
type Written = Readonly<{ header: string; octets: Buffer }>;

function writeBody(body: Body, depth: number): Written {
  if (depth > DEPTH_LIMIT) throw new Error('a message was composed of too many parts inside one another');
  switch (body.kind) {
    case 'text':
      return writeText(body);
    case 'lines':
      return writeLines(body);
    case 'file':
      return writeFile(body);
    case 'multipart':
      return writeMultipart(body, depth);
    default:
      return unreachable(body);
  }
}

function writeText({ text, subtype = 'plain' }: Extract<Body, { kind: 'text' }>): Written {
  const { encoding, octets } = encodeText(text, { endsLine: true });
  const type = writeField('Content-Type', `text/${subtype}; charset=utf-8`);
  return { header: `${type}Content-Transfer-Encoding: ${encoding}\r\n`, octets };
}

function writeLines({ type, bytes, description }: Extract<Body, { kind: 'lines' }>): Written {
  const about = description === undefined ? '' : writeField('Content-Description', unstructured(description));
  const header = `${writeField('Content-Type', type)}${about}Content-Transfer-Encoding: ${encodingOf(bytes)}\r\n`;
  return { header, octets: Buffer.from(bytes) };
}

/** What these octets are without any encoding (RFC 2045 §2.7 to §2.9). */
function encodingOf(bytes: Uint8Array): '7bit' | '8bit' | 'binary' {
  const octets = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (octets.includes(0)) return 'binary';
  for (let at = 0; at < octets.length; ) {
    const lineFeed = octets.indexOf(0x0a, at);
    const end = lineFeed < 0 ? octets.length : lineFeed;
    if (end - at > LINE_LIMIT + 1) return 'binary';
    at = end + 1;
  }
  return isAscii(octets) ? '7bit' : '8bit';
}

function writeFile({ type, bytes, name, id, inline = false }: Extract<Body, { kind: 'file' }>): Written {
  const disposition = `${inline ? 'inline' : 'attachment'}${name === undefined ? '' : writeParameter('filename', name)}`;
  const header = [
    writeField('Content-Type', `${type}${name === undefined ? '' : writeParameter('name', name)}`),
    writeField('Content-Disposition', disposition),
    id === undefined ? '' : writeField('Content-ID', id),
    'Content-Transfer-Encoding: base64\r\n',
  ];
  return { header: header.join(''), octets: Buffer.from(encodeBase64(bytes), 'latin1') };
}

function writeMultipart({ subtype, parts, parameters = {} }: Extract<Body, { kind: 'multipart' }>, depth: number): Written {
  if (parts.length === 0) throw new Error('a multipart needs a part');
  const written = parts.map((part) => writeBody(part, depth + 1));
  const boundary = boundaryFor(written);
  const more = Object.entries(parameters).map(([name, value]) => writeParameter(name, value));
  const header = writeField('Content-Type', `multipart/${subtype}${more.join('')}; boundary="${boundary}"`);
  const pieces = written.flatMap(({ header, octets }) => [
    Buffer.from(`--${boundary}\r\n${header}\r\n`, 'utf8'),
    octets,
    Buffer.from('\r\n', 'latin1'),
  ]);
  return { header, octets: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`, 'latin1')]) };
}

/** A boundary that stands in none of the parts, made from the parts themselves. */
function boundaryFor(parts: readonly Written[]): string {
  const hash = createHash('sha256');
  for (const { header, octets } of parts) hash.update(header).update(octets);
  const digest = hash.digest('hex').slice(0, 24);
  for (let number = 0; number < BOUNDARY_TRIES; number++) {
    // RFC 2045 §6.7 advises `=_`: encoded text cannot hold it.
    const boundary = `=_${digest}_${number}`;
    if (!parts.some(({ header, octets }) => octets.includes(boundary) || header.includes(boundary))) return boundary;
  }
  throw new Error('the parts hold every boundary they could be given');
}

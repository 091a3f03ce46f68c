/**
 * BODY and BODYSTRUCTURE as FETCH answers them (RFC 9051 §7.5.2): the same tree, the second
 * with extension data. Depth and number of parts are bounded where the tree is made
 * (codec/mime/limits.ts).
 */
import type { Disposition, Parameters, Part } from '../mime/structure.ts';
import { nstring, string } from './encoder.ts';
import { renderEnvelope } from './envelope.ts';

type Form = Readonly<{ isExtended: boolean; utf8: boolean }>;

export function renderStructure(part: Part, form: Form): string {
  return part.type === 'multipart' ? renderMultipart(part, form) : renderLeaf(part, form);
}

function renderMultipart(part: Part, form: Form): string {
  const parts = part.parts.map((child) => renderStructure(child, form)).join('');
  const extension = form.isExtended ? ` ${renderParameters(part.parameters, form)}${renderTail(part, form)}` : '';
  return `(${parts} ${word(part.subtype, form)}${extension})`;
}

function renderLeaf(part: Part, form: Form): string {
  const kind = `${word(part.type, form)} ${word(part.subtype, form)} ${renderParameters(part.parameters, form)}`;
  const about = `${nstring(part.id, form.utf8)} ${nstring(part.description, form.utf8)} ${word(part.encoding, form)}`;
  const extension = form.isExtended ? ` ${nstring(part.md5, form.utf8)}${renderTail(part, form)}` : '';
  return `(${kind} ${about} ${part.bodyEnd - part.bodyStart}${renderContent(part, form)}${extension})`;
}

/** What text and attached messages have before the extension data. */
function renderContent(part: Part, form: Form): string {
  if (part.type === 'text') return ` ${part.lines}`;
  if (part.message === null) return '';
  const { envelope, root } = part.message;
  return ` ${renderEnvelope(envelope, form.utf8)} ${renderStructure(root, form)} ${part.lines}`;
}

const renderTail = (part: Part, form: Form): string =>
  ` ${renderDisposition(part.disposition, form)} ${renderLanguage(part.language, form)} ${nstring(part.location, form.utf8)}`;

function renderDisposition(disposition: Disposition | null, form: Form): string {
  if (disposition === null) return 'NIL';
  return `(${word(disposition.kind, form)} ${renderParameters(disposition.parameters, form)})`;
}

function renderParameters(parameters: Parameters, { utf8 }: Form): string {
  const pairs = Object.entries(parameters);
  if (pairs.length === 0) return 'NIL';
  return `(${pairs.map(([name, value]) => `${string(name, utf8)} ${string(value, utf8)}`).join(' ')})`;
}

function renderLanguage(language: readonly string[] | null, { utf8 }: Form): string {
  if (language === null || language.length === 0) return 'NIL';
  return `(${language.map((tag) => string(tag, utf8)).join(' ')})`;
}

/** QUIRK: words go out in upper case as in the RFCs' examples; some clients compare them without folding. */
const word = (text: string, { utf8 }: Form): string => string(text.toUpperCase(), utf8);

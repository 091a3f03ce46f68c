/** A told journey as text for a terminal or an e-mail: no colours, no control characters. */
import { printable } from './printable.ts';
import type { Language } from './sayings.table.ts';
import type { Mark, Told, ToldLine, ToldRecipient, Turn } from './tell/tell.ts';

/** Lines of the story that are printed; the rest is counted. */
const LINES_LIMIT = 500;
/** Verbatim lines under one line of the story. */
const RAW_LIMIT = 40;
const RECIPIENTS_LIMIT = 50;

const SIGNS: Readonly<Record<Mark, string>> = { done: '●', wait: '▲', problem: '✗', info: '○' };

const LABELS: Readonly<Record<Language, Readonly<Record<'turn' | 'you' | 'us' | 'them' | 'nobody' | 'next' | 'more', string>>>> = {
  en: { turn: 'Whose turn', you: 'you', us: 'us', them: 'them', nobody: 'nobody', next: 'What to do', more: 'more' },
  nl: { turn: 'Wie is aan zet', you: 'jij', us: 'wij', them: 'zij', nobody: 'niemand', next: 'Wat je kunt doen', more: 'meer' },
};

/** The three who may have to act, the one whose turn it is in brackets. */
export function turnText(turn: Turn, language: Language): string {
  const labels = LABELS[language];
  const us = turn.who === 'us' && turn.name !== null ? turn.name : labels.us;
  const them = turn.who === 'them' && turn.name !== null ? turn.name : labels.them;
  const seats = [
    ['you', labels.you],
    ['us', us],
    ['them', them],
  ] as const;
  const row = seats.map(([who, name]) => (who === turn.who ? `[ ${printable(name)} ]` : printable(name))).join(' ─ ');
  return turn.who === 'nobody' ? labels.nobody : row;
}

export function render(told: Told): string {
  const labels = LABELS[told.language];
  const out: string[] = [printable(told.headline), `${labels.turn}: ${turnText(told.turn, told.language)}`];
  if (told.recipients.length > 1) out.push('', ...recipientLines(told.recipients, labels.more));
  out.push('', ...storyLines(told.lines, labels.more));
  if (told.next.length > 0) out.push('', `${labels.next}:`, ...told.next.map((next) => `  → ${printable(next)}`));
  out.push('', printable(told.journey));
  return `${out.join('\n')}\n`;
}

function recipientLines(recipients: readonly ToldRecipient[], more: string): readonly string[] {
  const shown = recipients.slice(0, RECIPIENTS_LIMIT);
  const width = Math.min(40, Math.max(...shown.map(({ address }) => address.length)));
  const lines = shown.map(({ address, words }) => `${printable(address).padEnd(width)}  ${printable(words)}`);
  return recipients.length > shown.length ? [...lines, `… ${recipients.length - shown.length} ${more}`] : lines;
}

function storyLines(lines: readonly ToldLine[], more: string): readonly string[] {
  const out: string[] = [];
  let day = '';
  for (const line of lines.slice(0, LINES_LIMIT)) {
    if (line.day !== day) out.push(line.day);
    day = line.day;
    const about = line.recipient === undefined ? '' : `${line.recipient}: `;
    out.push(`${SIGNS[line.mark]} ${line.clock}  ${printable(about + line.text)}`);
    if (line.detail !== undefined) out.push(`│           ${printable(line.detail)}`);
    out.push(...line.raw.slice(0, RAW_LIMIT).map((raw) => `│           ┆ ${printable(raw)}`));
    if (line.raw.length > RAW_LIMIT) out.push(`│           ┆ … ${line.raw.length - RAW_LIMIT} ${more}`);
  }
  if (lines.length > LINES_LIMIT) out.push(`… ${lines.length - LINES_LIMIT} ${more}`);
  return out;
}

/** A told journey as text for a terminal or an e-mail: no colours, no control characters. */
import { printable } from './printable.ts';
import type { Language } from './sayings.table.ts';
import type { Mark, Told, ToldLine, ToldRecipient, Turn } from './tell/tell.ts';

/** Lines of the story that are printed; the rest is counted. */
const LINES_LIMIT = 500;
/** Verbatim lines under one line of the story. */
const RAW_LIMIT = 200;
const RECIPIENTS_LIMIT = 50;

const SIGNS: Readonly<Record<Mark, string>> = { done: '●', wait: '▲', problem: '✗', info: '○' };

const LABELS: Readonly<Record<Language, Readonly<Record<'turn' | 'you' | 'us' | 'them' | 'nobody' | 'next' | 'more' | 'talk', string>>>> = {
  en: {
    turn: 'Whose turn',
    you: 'you',
    us: 'us',
    them: 'them',
    nobody: 'nobody',
    next: 'What to do',
    more: 'more',
    talk: 'lines were said; --dialogue shows them',
  },
  nl: {
    turn: 'Wie is aan zet',
    you: 'jij',
    us: 'wij',
    them: 'zij',
    nobody: 'niemand',
    next: 'Wat je kunt doen',
    more: 'meer',
    talk: 'regels zijn gezegd; --dialogue laat ze zien',
  },
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

/** With `dialogue`, every line of every conversation with another server; without it, only the answers that decided something. */
export function render(told: Told, options: Readonly<{ dialogue?: boolean }> = {}): string {
  const labels = LABELS[told.language];
  const out: string[] = [printable(told.headline), `${labels.turn}: ${turnText(told.turn, told.language)}`];
  if (told.recipients.length > 1) out.push('', ...recipientLines(told.recipients, labels.more));
  out.push('', ...storyLines(told.lines, { ...labels, dialogue: options.dialogue === true }));
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

type Showing = Readonly<{ more: string; talk: string; dialogue: boolean }>;

const isDialogue = (line: ToldLine): boolean => /^[CS]: /.test(line.raw[0] ?? '');

function rawLines(line: ToldLine, { more, talk, dialogue }: Showing): readonly string[] {
  if (isDialogue(line) && !dialogue) return [`│           ┆ ${line.raw.length} ${talk}`];
  const shown = line.raw.slice(0, RAW_LIMIT).map((raw) => `│           ┆ ${printable(raw)}`);
  return line.raw.length > RAW_LIMIT ? [...shown, `│           ┆ … ${line.raw.length - RAW_LIMIT} ${more}`] : shown;
}

function storyLines(lines: readonly ToldLine[], showing: Showing): readonly string[] {
  const out: string[] = [];
  let day = '';
  for (const line of lines.slice(0, LINES_LIMIT)) {
    if (line.day !== day) out.push(line.day);
    day = line.day;
    const about = line.recipient === undefined ? '' : `${line.recipient}: `;
    out.push(`${SIGNS[line.mark]} ${line.clock}  ${printable(about + line.text)}`);
    if (line.detail !== undefined) out.push(`│           ${printable(line.detail)}`);
    out.push(...rawLines(line, showing));
  }
  if (lines.length > LINES_LIMIT) out.push(`… ${lines.length - LINES_LIMIT} ${showing.more}`);
  return out;
}

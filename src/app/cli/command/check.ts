/** `check mime`: what the server understands of a message in a file. */
import { type MessageReport, type ReadableMailbox, readMessage } from '../../../codec/mime/read.ts';
import { type Command, fine } from '../command.ts';
import { count, facts, size } from '../output.ts';
import { readGiven } from '../secrets.ts';

const person = ({ name, mailbox, host }: ReadableMailbox): string =>
  `${name === null ? '' : `${name} `}<${mailbox}${host === '' ? '' : `@${host}`}>`;

/** Groups as a header writes them: `Friends: <a@b>, <c@d>;`. */
const people = (list: MessageReport['readable']['from']): string =>
  list.map((one) => ('group' in one ? `${`${one.group}: ${one.members.map(person).join(', ')}`.trimEnd()};` : person(one))).join(', ');

function reportText(report: MessageReport): string {
  const { readable, parts, defects } = report;
  const head = facts([
    ['Size', size(report.size)],
    ['Subject', readable.subject ?? '–'],
    ['From', people(readable.from)],
    ['To', people(readable.to)],
    ['Date', readable.date ?? '–'],
    ['Fields', String(report.headers.length)],
    ['Preview', report.preview],
  ]);
  const tree = parts.map(
    ({ path, type, decodedSize, fileName }) =>
      `  ${path === '' ? '–' : path}  ${type}${decodedSize === null ? '' : `  ${size(decodedSize)}`}${fileName === null ? '' : `  ${fileName}`}\n`,
  );
  const wrong = defects.map(({ kind, at }) => `  ${kind} at octet ${at}\n`);
  return `${head}${count(parts.length, 'part', 'parts')}:\n${tree.join('')}${defects.length === 0 ? 'Well formed.\n' : `${count(defects.length, 'defect', 'defects')}:\n${wrong.join('')}`}`;
}

export const checkCommands: readonly Command[] = [
  {
    name: 'check mime',
    usage: 'FILE',
    summary: 'Shows what the server understands of a message: fields, parts, texts, defects',
    example: 'eigenpost check mime letter.eml --json',
    words: [1, 1],
    run: async (call) => {
      const bytes = await readGiven(call, call.words[0] ?? '-');
      if (!bytes.ok) return bytes;
      const report = readMessage(bytes.value);
      return fine({ json: report, text: reportText(report) });
    },
  },
];

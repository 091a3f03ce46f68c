/** `person`: one by one, or a school from a file. */
import { readSize, count, facts, size, table, when } from '../output.ts';
import { ask, part } from '../asking.ts';
import { type Call, type Command, EXIT, fail, fine, isSet, type Reply, type Shown, textOption } from '../command.ts';
import { readPeople, type Row } from '../people-file.ts';
import { passwordOption, readGiven } from '../secrets.ts';

type Person = Readonly<{
  address: string;
  name: string;
  organisation: string;
  language: string;
  state: string;
  quota: number;
  admin: boolean;
  createdAt: string;
}>;
/** `generatedPassword`: where none was given, the one the server made, told this once. */
type Made = Readonly<{ generatedPassword?: string }>;
type Added = Readonly<{ people: readonly (Person & Made & Readonly<{ weakPassword: boolean }>)[] }>;

/** Words of the command line for the fields of a person: undefined values are left out. */
function fieldsOf(call: Call): Reply<Record<string, unknown>> {
  const quotaText = textOption(call, 'quota');
  const quota = quotaText === undefined ? undefined : readSize(quotaText);
  if (quotaText !== undefined && quota === undefined)
    return fail(EXIT.usage, `"${quotaText}" is not a size. Write 10G, 500M or a number of octets; 0 is no limit.`);
  const admin = isSet(call, 'admin') ? true : isSet(call, 'no-admin') ? false : undefined;
  const all = { name: textOption(call, 'name'), language: textOption(call, 'language'), state: textOption(call, 'state'), quota, admin };
  return fine(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));
}

async function addOne(call: Call): Promise<Reply<Shown>> {
  const client = call.client();
  if (!client.ok) return client;
  const fields = fieldsOf(call);
  if (!fields.ok) return fields;
  const given = await passwordOption(call);
  if (!given.ok) return given;
  const person = { ...fields.value, address: call.words[0], ...(given.value === undefined ? {} : { password: given.value }) };
  const answer = await client.value.send<Added>('POST', '/people', {
    people: [person],
    acceptWeakPasswords: isSet(call, 'accept-weak-passwords'),
  });
  if (!answer.ok) return answer;
  const [added] = answer.value.people;
  if (added === undefined) return fail(EXIT.failed, 'The server added nobody.');
  if (added.weakPassword) call.talk('The password is weak: anybody may guess it.\n');
  return fine({ json: added, text: `Added ${added.address}.\n${shownOnce(added)}` });
}

const shownOnce = ({ generatedPassword }: Made): string =>
  generatedPassword === undefined ? '' : `Password, shown this once: ${generatedPassword}\n`;

async function addMany(call: Call, file: string): Promise<Reply<Shown>> {
  const client = call.client();
  if (!client.ok) return client;
  const bytes = await readGiven(call, file);
  if (!bytes.ok) return bytes;
  const rows = readPeople(bytes.value.toString('utf8'));
  if (!rows.ok) return { ...rows, sentence: `${file}: ${rows.sentence}` };
  const people = rows.value.map(({ address, name, password }) => ({ address, name, ...(password === undefined ? {} : { password }) }));
  const onProgress = (done: number): void => call.talk(`${done} of ${people.length}\n`);
  const answer = await client.value.sendLong<Added>(
    '/people',
    { people, acceptWeakPasswords: isSet(call, 'accept-weak-passwords') },
    onProgress,
  );
  if (!answer.ok)
    return { ...answer, sentence: `${whichRow(file, rows.value, answer.problem?.facts?.['at'])}${answer.sentence} Nobody was added.` };
  return fine(shownImport(call, answer.value));
}

/** A refusal names the place in what was sent; the person has a file with lines. */
function whichRow(file: string, rows: readonly Row[], at: string | undefined): string {
  const row = at === undefined ? undefined : rows[Number(at)];
  return row === undefined ? `${file}: ` : `${file}:${row.line}: ${row.address}: `;
}

function shownImport(call: Call, { people }: Added): Shown {
  const made = people.flatMap(({ address, generatedPassword }) => (generatedPassword === undefined ? [] : [[address, generatedPassword]]));
  const weak = people.filter(({ weakPassword }) => weakPassword).length;
  call.talk(`Added ${count(people.length, 'person', 'people')}.\n`);
  if (weak > 0) call.talk(`${count(weak, 'password is', 'passwords are')} weak: ask these people to choose another.\n`);
  const passwords = made.map(([address, password]) => `${address}\t${password}\n`).join('');
  return { json: { added: people.length, weak, people, generatedPasswords: Object.fromEntries(made) }, text: passwords };
}

async function change(call: Call): Promise<Reply<Shown>> {
  const client = call.client();
  if (!client.ok) return client;
  const fields = fieldsOf(call);
  if (!fields.ok) return fields;
  const given = await passwordOption(call);
  if (!given.ok) return given;
  const made = isSet(call, 'new-password') ? { newPassword: true } : {};
  const body = { ...fields.value, ...(given.value === undefined ? made : { password: given.value }) };
  if (Object.keys(body).length === 0)
    return fail(
      EXIT.usage,
      'Nothing to change: say what, with --name, --language, --state, --quota, --admin, --password-file or --new-password.',
    );
  const answer = await client.value.send<Person & Made>('PATCH', `/people/${part(call.words[0])}`, body);
  if (!answer.ok) return answer;
  return fine({ json: answer.value, text: `Changed ${answer.value.address}.\n${shownOnce(answer.value)}` });
}

async function remove(call: Call): Promise<Reply<Shown>> {
  const client = call.client();
  if (!client.ok) return client;
  const address = call.words[0] ?? '';
  if (!isSet(call, 'yes'))
    return fail(
      EXIT.usage,
      `This destroys all mail of ${address} and the key it is sealed with; no backup brings it back. To do it, add --yes.`,
    );
  const answer = await client.value.send('DELETE', `/people/${part(address)}`);
  return answer.ok ? fine({ json: { removed: address }, text: `Removed ${address}.\n` }) : answer;
}

function showOne(person: Person & Readonly<{ aliases: readonly string[]; appPasswords: number }>): string {
  return facts([
    ['Address', person.address],
    ['Name', person.name],
    ['Organisation', person.organisation],
    ['Language', person.language],
    ['State', person.state],
    ['Quota', person.quota === 0 ? 'no limit' : size(person.quota)],
    ['Admin', person.admin ? 'yes' : 'no'],
    ['Since', when(person.createdAt)],
    ['Aliases', person.aliases.join(', ') || '–'],
    ['App passwords', String(person.appPasswords)],
  ]);
}

const FIELDS = {
  name: { type: 'string' },
  language: { type: 'string' },
  quota: { type: 'string' },
  admin: { type: 'boolean' },
  'password-file': { type: 'string' },
} as const;

export const personCommands: readonly Command[] = [
  {
    name: 'person add',
    usage:
      'ADDRESS [--name NAME] [--password-file FILE] [--language en|nl] [--quota 10G] [--admin] | --from FILE [--accept-weak-passwords]',
    summary:
      'Adds a person, or all in a CSV, TSV or JSON-lines file with address, name, password; passwords that are missing are made and shown',
    example: 'eigenpost person add --from pupils.csv > passwords.tsv',
    options: { ...FIELDS, from: { type: 'string' }, 'accept-weak-passwords': { type: 'boolean' } },
    words: [0, 1],
    run: (call) => {
      const file = textOption(call, 'from');
      if ((file === undefined) === (call.words.length === 0)) return fail(EXIT.usage, 'Say whom to add: an ADDRESS, or --from FILE.');
      return file === undefined ? addOne(call) : addMany(call, file);
    },
  },
  {
    name: 'person list',
    usage: '',
    summary: 'Lists everybody who has an account',
    example: 'eigenpost person list --json',
    words: [0, 0],
    run: (call) =>
      ask<{ people: Person[] }>(call, '/people', ({ people }) =>
        table(
          ['ADDRESS', 'NAME', 'ORGANISATION', 'STATE', 'ADMIN'],
          people.map((person) => [person.address, person.name, person.organisation, person.state, person.admin ? 'admin' : '']),
        ),
      ),
  },
  {
    name: 'person show',
    usage: 'ADDRESS',
    summary: 'Shows one person',
    example: 'eigenpost person show noor@regenboog.example',
    words: [1, 1],
    run: (call) => ask(call, `/people/${part(call.words[0])}`, showOne),
  },
  {
    name: 'person change',
    usage:
      'ADDRESS [--name NAME] [--language en|nl] [--state open|sendingPaused|closed] [--quota 10G] [--admin|--no-admin] [--password-file FILE|--new-password]',
    summary: 'Changes what is named and leaves the rest',
    example: 'eigenpost person change noor@regenboog.example --new-password',
    options: { ...FIELDS, state: { type: 'string' }, 'no-admin': { type: 'boolean' }, 'new-password': { type: 'boolean' } },
    words: [1, 1],
    run: change,
  },
  {
    name: 'person remove',
    usage: 'ADDRESS --yes',
    summary: 'Removes a person and destroys the key of all they had',
    example: 'eigenpost person remove leaver@regenboog.example --yes',
    options: { yes: { type: 'boolean' } },
    words: [1, 1],
    run: remove,
  },
];

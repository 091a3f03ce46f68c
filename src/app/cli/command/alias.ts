/** `alias` and `app-password`. */
import { add, ask, part } from '../asking.ts';
import { type Command, fine, listOption, textOption } from '../command.ts';
import { table, when } from '../output.ts';

type Alias = Readonly<{ address: string; targets: readonly string[]; reaches: number }>;
type AppPassword = Readonly<{
  id: number;
  label: string;
  scopes: readonly string[];
  senders: readonly string[];
  createdAt: string;
  lastUsedAt: string | null;
}>;

/** What a mail app on a telephone needs. */
const USUAL_SCOPES = 'imap,smtp';

export const aliasCommands: readonly Command[] = [
  {
    name: 'alias add',
    usage: 'ADDRESS TARGET…',
    summary: 'Makes an address that stands for others, here or elsewhere',
    example: 'eigenpost alias add info@regenboog.example noor@regenboog.example sam@regenboog.example',
    words: [2, 1_001],
    run: (call) => {
      const [address, ...targets] = call.words;
      const show = ({ address: added, reaches }: Alias): string => `Added ${added}.${reaches === 0 ? ' It leads to nobody yet.' : ''}\n`;
      return add<Alias>(call, { path: '/aliases', body: { address, targets }, show });
    },
  },
  {
    name: 'alias list',
    usage: '',
    summary: 'Lists the aliases',
    example: 'eigenpost alias list',
    words: [0, 0],
    run: (call) =>
      ask<{ aliases: Alias[] }>(call, '/aliases', ({ aliases }) =>
        table(
          ['ADDRESS', 'REACHES', 'TARGETS'],
          aliases.map(({ address, reaches, targets }) => [address, reaches === 0 ? 'nobody' : String(reaches), targets.join(', ')]),
        ),
      ),
  },
  {
    name: 'alias remove',
    usage: 'ADDRESS',
    summary: 'Removes an alias; whom it stood for stay',
    example: 'eigenpost alias remove info@regenboog.example',
    words: [1, 1],
    run: async (call) => {
      const client = call.client();
      if (!client.ok) return client;
      const answer = await client.value.send('DELETE', `/aliases/${part(call.words[0])}`);
      return answer.ok ? fine({ json: { removed: call.words[0] }, text: `Removed ${call.words[0]}.\n` }) : answer;
    },
  },
  {
    name: 'app-password add',
    usage: 'PERSON --label LABEL [--for imap,smtp] [--sender ADDRESS]…',
    summary: 'Makes a password for one app or device, shown this once',
    example: 'eigenpost app-password add noor@regenboog.example --label "Noor’s telephone"',
    options: { label: { type: 'string' }, for: { type: 'string' }, sender: { type: 'string', multiple: true } },
    words: [1, 1],
    run: (call) => {
      const scopes = (textOption(call, 'for') ?? USUAL_SCOPES).split(',').map((scope) => scope.trim());
      const senders = listOption(call, 'sender');
      const body = { label: textOption(call, 'label') ?? 'App', scopes, ...(senders.length === 0 ? {} : { senders }) };
      const path = `/people/${part(call.words[0])}/app-passwords`;
      return add<AppPassword & { password: string }>(call, {
        path,
        body,
        show: ({ password, label }) => `Password for ${label}, shown this once: ${password}\n`,
      });
    },
  },
  {
    name: 'app-password list',
    usage: 'PERSON',
    summary: 'Lists a person’s app passwords and when they were last used',
    example: 'eigenpost app-password list noor@regenboog.example',
    words: [1, 1],
    run: (call) =>
      ask<{ appPasswords: AppPassword[] }>(call, `/people/${part(call.words[0])}/app-passwords`, ({ appPasswords }) =>
        table(
          ['ID', 'LABEL', 'FOR', 'SINCE', 'LAST USED'],
          appPasswords.map(({ id, label, scopes, createdAt, lastUsedAt }) => [
            String(id),
            label,
            scopes.join(','),
            when(createdAt),
            lastUsedAt === null ? 'never' : when(lastUsedAt),
          ]),
        ),
      ),
  },
  {
    name: 'app-password remove',
    usage: 'PERSON ID',
    summary: 'Withdraws an app password at once',
    example: 'eigenpost app-password remove noor@regenboog.example 891234567890123',
    words: [2, 2],
    run: async (call) => {
      const client = call.client();
      if (!client.ok) return client;
      const [person, id] = call.words;
      const answer = await client.value.send('DELETE', `/people/${part(person)}/app-passwords/${part(id)}`);
      return answer.ok ? fine({ json: { removed: Number(id) }, text: 'Withdrawn.\n' }) : answer;
    },
  },
];

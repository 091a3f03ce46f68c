/** `organisation`, `domain` and `relay`: whose mail lives here, and what is passed on. */
import { type Command, textOption } from '../command.ts';
import { add, ask } from '../asking.ts';
import { table } from '../output.ts';

type Organisation = Readonly<{ name: string; language: string; journeyDays: number }>;
type Domain = Readonly<{ name: string; organisation: string }>;
type Relay = Readonly<{ domain: string; to: string }>;

export const organisationCommands: readonly Command[] = [
  {
    name: 'organisation add',
    usage: 'NAME [--language en|nl]',
    summary: 'Adds an organisation, with a key of its own',
    example: 'eigenpost organisation add "De Regenboog" --language nl',
    options: { language: { type: 'string' } },
    words: [1, 1],
    run: (call) => {
      const language = textOption(call, 'language');
      const body = { name: call.words[0], ...(language === undefined ? {} : { language }) };
      return add<Organisation>(call, { path: '/organisations', body, show: ({ name }) => `Added the organisation ${name}.\n` });
    },
  },
  {
    name: 'organisation list',
    usage: '',
    summary: 'Lists the organisations',
    example: 'eigenpost organisation list --json',
    words: [0, 0],
    run: (call) =>
      ask<{ organisations: Organisation[] }>(call, '/organisations', ({ organisations }) =>
        table(
          ['NAME', 'LANGUAGE', 'JOURNEYS KEPT'],
          organisations.map(({ name, language, journeyDays }) => [name, language, `${journeyDays} days`]),
        ),
      ),
  },
  {
    name: 'domain add',
    usage: 'DOMAIN [--organisation NAME]',
    summary: 'Hosts a domain: its mail lives here',
    example: 'eigenpost domain add regenboog.example',
    options: { organisation: { type: 'string' } },
    words: [1, 1],
    run: (call) => {
      const organisation = textOption(call, 'organisation');
      const body = { name: call.words[0], ...(organisation === undefined ? {} : { organisation }) };
      return add<Domain>(call, {
        path: '/domains',
        body,
        show: ({ name, organisation: whose }) => `Added the domain ${name} to ${whose}.\n`,
      });
    },
  },
  {
    name: 'domain list',
    usage: '',
    summary: 'Lists the domains hosted here',
    example: 'eigenpost domain list',
    words: [0, 0],
    run: (call) =>
      ask<{ domains: Domain[] }>(call, '/domains', ({ domains }) =>
        table(
          ['DOMAIN', 'ORGANISATION'],
          domains.map(({ name, organisation }) => [name, organisation]),
        ),
      ),
  },
  {
    name: 'relay add',
    usage: 'DOMAIN HOST:PORT|discard',
    summary: 'Takes mail for a domain and passes it on; said again, changes where to',
    example: 'eigenpost relay add branch.example mail.branch.example:25',
    words: [2, 2],
    run: (call) =>
      add<Relay>(call, {
        path: '/relays',
        body: { domain: call.words[0], to: call.words[1] },
        show: ({ domain, to }) => `Mail for ${domain} goes to ${to}.\n`,
      }),
  },
  {
    name: 'relay list',
    usage: '',
    summary: 'Lists the domains that are passed on',
    example: 'eigenpost relay list',
    words: [0, 0],
    run: (call) =>
      ask<{ relays: Relay[] }>(call, '/relays', ({ relays }) =>
        table(
          ['DOMAIN', 'TO'],
          relays.map(({ domain, to }) => [domain, to]),
        ),
      ),
  },
];

/** `organisation`, `domain` and `relay`: whose mail lives here, and what is passed on. */
import { some } from '../../../lib/some.ts';
import { add, ask, part } from '../asking.ts';
import { type Call, type Command, EXIT, fail, fine, type Reply, type Shown, textOption } from '../command.ts';
import { facts, table } from '../output.ts';

type Organisation = Readonly<{ name: string; language: string; journeyDays: number }>;
type Domain = Readonly<{ name: string; organisation: string }>;
type Relay = Readonly<{ domain: string; to: string }>;

async function change(call: Call): Promise<Reply<Shown>> {
  const days = textOption(call, 'journey-days');
  const language = textOption(call, 'language');
  if (days === undefined && language === undefined)
    return fail(EXIT.usage, 'Nothing to change: say what, with --journey-days or --language.');
  if (days !== undefined && !/^\d{1,9}$/.test(days)) return fail(EXIT.usage, `"${days}" is not a number of days.`);
  const client = call.client();
  if (!client.ok) return client;
  const body = some({ journeyDays: days === undefined ? undefined : Number(days), language });
  const answer = await client.value.send<Organisation>('PATCH', pathOf(call), body);
  return answer.ok ? fine({ json: answer.value, text: `Changed ${answer.value.name}.\n${showOne(answer.value)}` }) : answer;
}

const pathOf = (call: Call): string => `/organisation?organisation=${part(call.words[0])}`;

const showOne = ({ name, language, journeyDays }: Organisation): string =>
  facts([
    ['Name', name],
    ['Language', language],
    ['Journeys kept', `${journeyDays} days`],
  ]);

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
    name: 'organisation show',
    usage: '[NAME]',
    summary: 'Shows one organisation',
    example: 'eigenpost organisation show "De Regenboog"',
    words: [0, 1],
    run: (call) => ask(call, pathOf(call), showOne),
  },
  {
    name: 'organisation change',
    usage: '[NAME] [--journey-days 7…365] [--language en|nl]',
    summary: 'Changes what is named and leaves the rest; --journey-days is how long the journeys of its people and its admins are kept',
    example: 'eigenpost organisation change "De Regenboog" --journey-days 90',
    options: { 'journey-days': { type: 'string' }, language: { type: 'string' } },
    words: [0, 1],
    run: change,
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

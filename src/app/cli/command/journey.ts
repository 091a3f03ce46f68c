/** `journey` and `explain`: what happened to a message, and what a server's answer means. */
import {
  explain,
  type Journey,
  type Language,
  readReply,
  render,
  type RecipientState,
  type Told,
  tell,
} from '../../../service/journey/journey.ts';
import { part } from '../asking.ts';
import { type Call, type Command, EXIT, fail, fine, isSet, type Reply, type Shown, textOption } from '../command.ts';
import { facts, table, when } from '../output.ts';

type Page = Readonly<{ journeys: readonly Journey[]; next: string | null }>;

/** Between two looks of --follow. */
const FOLLOW_MS = 1_000;
/** Looks of one --follow: a day. */
const LOOKS_LIMIT = 86_400;
/** Nothing more will happen to a recipient in one of these. */
const SETTLED: ReadonlySet<RecipientState> = new Set([
  'acceptedByRemote',
  'deliveredHere',
  'filed',
  'refused',
  'bounced',
  'expired',
  'forwarded',
  'expanded',
  'cancelled',
]);

const VIEWER = { as: { type: 'string' }, organisation: { type: 'string' }, lang: { type: 'string' } } as const;

function languageOf(call: Call): Reply<Language> {
  const given = textOption(call, 'lang');
  if (given === 'en' || given === 'nl') return fine(given);
  if (given !== undefined) return fail(EXIT.usage, `There are no words in "${given}". Write --lang en or --lang nl.`);
  const { env } = call.io;
  return fine((env['LC_ALL'] ?? env['LC_MESSAGES'] ?? env['LANG'] ?? '').startsWith('nl') ? 'nl' : 'en');
}

const timeZone = (call: Call): string => call.io.env['TZ'] ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

function told(call: Call, journey: Journey, language: Language): Told {
  try {
    return tell(journey, language, { timeZone: timeZone(call) });
  } catch (error) {
    // $TZ may hold anything; Intl throws on a zone it has not heard of.
    if (error instanceof RangeError) return tell(journey, language);
    throw error;
  }
}

/** Whose eyes, as a query. */
function viewerQuery(call: Call): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of ['as', 'organisation']) {
    const value = textOption(call, name);
    if (value !== undefined) query.set(name, value);
  }
  return query;
}

async function list(call: Call, text: string | undefined): Promise<Reply<Shown>> {
  const client = call.client();
  if (!client.ok) return client;
  const language = languageOf(call);
  if (!language.ok) return language;
  const query = viewerQuery(call);
  if (text !== undefined) query.set('text', text);
  for (const name of ['limit', 'before', 'address', 'code', 'direction', 'from', 'to']) {
    const value = textOption(call, name);
    if (value !== undefined) query.set(name, value);
  }
  const answer = await client.value.get<Page>(`/journeys?${query}`);
  if (!answer.ok) return answer;
  const rows = answer.value.journeys.map((journey) => {
    const to = journey.recipients.map(({ address }) => address);
    const others = to.length > 1 ? ` +${to.length - 1}` : '';
    return [
      journey.journey,
      when(new Date(journey.startedAt).toISOString()),
      journey.from,
      `${to[0] ?? ''}${others}`,
      told(call, journey, language.value).headline,
    ];
  });
  return fine({ json: answer.value, text: table(['JOURNEY', 'WHEN', 'FROM', 'TO', 'NOW'], rows) });
}

async function show(call: Call): Promise<Reply<Shown>> {
  const client = call.client();
  if (!client.ok) return client;
  const language = languageOf(call);
  if (!language.ok) return language;
  const path = `/journeys/${part(call.words[0])}?${viewerQuery(call)}`;
  const answer = await client.value.get<Journey>(path);
  if (!answer.ok) return answer;
  if (!isSet(call, 'follow')) return fine(shown(call, answer.value, language.value));
  return follow(call, answer.value, { language: language.value, look: () => client.value.get<Journey>(path) });
}

function shown(call: Call, journey: Journey, language: Language): Shown {
  const story = told(call, journey, language);
  return { json: { ...journey, told: story }, text: render(story, { dialogue: isSet(call, 'dialogue') }) };
}

type Following = Readonly<{ language: Language; look: () => Promise<Reply<Journey>> }>;

/** Prints the story again whenever it has grown (as JSON: one line each), until every recipient is settled. */
async function follow(call: Call, first: Journey, { language, look }: Following): Promise<Reply<Shown>> {
  let journey = first;
  for (let looks = 0; looks < LOOKS_LIMIT && !isSettled(journey); looks++) {
    const before = shown(call, journey, language);
    call.io.out(call.isJson ? `${JSON.stringify(before.json)}\n` : `${before.text}\n`);
    const next = await grown(call, journey, look);
    if (!next.ok) return next;
    journey = next.value;
  }
  return fine(shown(call, journey, language));
}

async function grown(call: Call, before: Journey, look: Following['look']): Promise<Reply<Journey>> {
  for (let looks = 0; looks < LOOKS_LIMIT; looks++) {
    await call.io.sleep(FOLLOW_MS);
    const now = await look();
    if (!now.ok || now.value.steps.length !== before.steps.length) return now;
  }
  return fine(before);
}

const isSettled = ({ recipients }: Journey): boolean => recipients.length > 0 && recipients.every(({ state }) => SETTLED.has(state));

const OWNERS: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  you: { en: 'you', nl: 'jij' },
  them: { en: 'the other side', nl: 'de andere kant' },
  admin: { en: 'your administrator', nl: 'je beheerder' },
  nobody: { en: 'nobody', nl: 'niemand' },
};

function explainReply(call: Call): Reply<Shown> {
  const language = languageOf(call);
  if (!language.ok) return language;
  const pasted = call.words.join(' ');
  const reply = readReply(pasted);
  if (reply === undefined)
    return fail(
      EXIT.usage,
      'There is no reply code in that. Paste the answer as the other server gave it, such as "550 5.1.1 No such user".',
    );
  const answer = explain(reply, textOption(call, 'host') ?? 'unknown.invalid');
  const labels = language.value === 'nl' ? ['Betekenis', 'Wie is aan zet', 'Wat nu'] : ['Meaning', 'Whose turn', 'What now'];
  const values = [answer.meaning[language.value], OWNERS[answer.owner]?.[language.value] ?? answer.owner, answer.next[language.value]];
  return fine({ json: answer, text: facts(labels.map((label, at) => [label, values[at] ?? ''])) });
}

const NARROW = {
  limit: { type: 'string' },
  before: { type: 'string' },
  address: { type: 'string' },
  code: { type: 'string' },
  direction: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
} as const;

export const journeyCommands: readonly Command[] = [
  {
    name: 'journey list',
    usage: '[--as PERSON | --organisation NAME] [--limit N] [--before JOURNEY] [--direction in|out] [--from DAY] [--to DAY]',
    summary: 'Lists what was sent and received, newest first: as a person sees it, or as the admin does (without subjects)',
    example: 'eigenpost journey list --as noor@regenboog.example',
    options: { ...VIEWER, ...NARROW },
    words: [0, 0],
    run: (call) => list(call, undefined),
  },
  {
    name: 'journey show',
    usage: 'JOURNEY [--as PERSON | --organisation NAME] [--lang en|nl] [--dialogue] [--follow]',
    summary: 'Tells what happened to a message; --dialogue adds every line that was said, --follow goes on until there is no more to tell',
    example: 'eigenpost journey show 1k2m3n4p5q6r7s8t9v0w --as noor@regenboog.example --follow',
    options: { ...VIEWER, dialogue: { type: 'boolean' }, follow: { type: 'boolean' } },
    words: [1, 1],
    run: show,
  },
  {
    name: 'journey search',
    usage: 'TEXT [--as PERSON | --organisation NAME] [--address ADDRESS] [--code CODE] …',
    summary: 'Finds journeys by address, subject, Message-ID, answer or id',
    example: 'eigenpost journey search "5.7.26" --as noor@regenboog.example',
    options: { ...VIEWER, ...NARROW },
    words: [1, 1],
    run: (call) => list(call, call.words[0]),
  },
  {
    name: 'explain',
    usage: 'REPLY [--host SERVER] [--lang en|nl]',
    summary: 'Says in plain words what a server’s answer means and what to do',
    example: 'eigenpost explain "550 5.7.26 This mail is unauthenticated"',
    options: { host: { type: 'string' }, lang: { type: 'string' } },
    words: [1, 50],
    run: explainReply,
  },
];

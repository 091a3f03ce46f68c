/** `journey` and `explain`: what happened to a message, and what a server's answer means. */
import {
  explain,
  type Journey,
  type Language,
  readable,
  readReply,
  render,
  type RecipientState,
  type Told,
  tell,
} from '../../../service/journey/journey.ts';
import { part } from '../asking.ts';
import { type Call, type Command, EXIT, fail, fine, isSet, type Reply, type Shown, textOption } from '../command.ts';
import { languageOf, timeZone } from '../language.ts';
import { facts, table, when } from '../output.ts';

type Page = Readonly<{ journeys: readonly Journey[]; next: string | null /** How long they are kept, here. */; keptDays: number }>;

/** Between two looks of --follow. */
const FOLLOW_MS = 1_000;
/** Characters of a subject in a list. */
const SUBJECT_WIDTH = 32;
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

const VIEWER = { as: { type: 'string' }, organisation: { type: 'string' }, server: { type: 'boolean' }, lang: { type: 'string' } } as const;

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
  if (isSet(call, 'server')) query.set('server', 'true');
  return query;
}

const TODAY: ReadonlySet<string> = new Set(['today', 'vandaag']);
const YESTERDAY: ReadonlySet<string> = new Set(['yesterday', 'gisteren']);
const DAY_MS = 86_400_000;

/** A day as a person says it: its first moment in their own time zone. */
function dayOf(text: string): Date | undefined {
  const day = new Date();
  day.setHours(0, 0, 0, 0);
  if (TODAY.has(text.toLowerCase())) return day;
  if (YESTERDAY.has(text.toLowerCase())) return new Date(day.setDate(day.getDate() - 1));
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  return year === undefined ? undefined : new Date(Number(year), Number(month) - 1, Number(date));
}

function listQuery(call: Call, text: string | undefined): URLSearchParams {
  const query = viewerQuery(call);
  const day = text === undefined ? undefined : dayOf(text);
  if (day !== undefined) {
    query.set('from', day.toISOString());
    query.set('to', new Date(day.getTime() + DAY_MS - 1).toISOString());
  } else if (text !== undefined) query.set('text', text.replace(REFERENCE, '$1'));
  for (const name of ['limit', 'before', 'address', 'code', 'direction']) {
    const value = textOption(call, name);
    if (value !== undefined) query.set(name, value);
  }
  for (const name of ['from', 'to']) {
    const value = textOption(call, name);
    const start = value === undefined ? undefined : dayOf(value);
    if (value === undefined) continue;
    // The last day counts too.
    if (start !== undefined) query.set(name, new Date(start.getTime() + (name === 'to' ? DAY_MS - 1 : 0)).toISOString());
    else query.set(name, value);
  }
  return query;
}

/** A reference as replies show it, brackets and all. */
const REFERENCE = /^\[?([0-9a-z]{20})\]?$/i;

/** What is not there may have been there. */
const NOTHING = {
  en: (days: number) => `Nothing found. What happened to a message is kept ${days} days.`,
  nl: (days: number) => `Niets gevonden. Wat er met een bericht gebeurd is, wordt ${days} dagen bewaard.`,
} satisfies Record<Language, (days: number) => string>;

/** Totals of refusals come from nobody; a bounce from nobody in particular. */
function fromText({ from, steps }: Journey): string {
  if (from !== '') return readable(from);
  return steps.every(({ kind }) => kind === 'tallied') ? '' : '<>';
}

async function list(call: Call, text: string | undefined): Promise<Reply<Shown>> {
  const client = call.client();
  if (!client.ok) return client;
  const language = languageOf(call);
  if (!language.ok) return language;
  const query = listQuery(call, text);
  const answer = await client.value.get<Page>(`/journeys?${query}`);
  if (!answer.ok) return answer;
  const rows = answer.value.journeys.map((journey) => {
    const to = journey.recipients.map(({ address }) => address);
    const others = to.length > 1 ? ` +${to.length - 1}` : '';
    return [
      journey.journey,
      when(new Date(journey.startedAt).toISOString()),
      fromText(journey),
      `${readable(to[0] ?? '')}${others}`,
      (journey.subject ?? '').slice(0, SUBJECT_WIDTH),
      told(call, journey, language.value).headline,
    ];
  });
  if (rows.length === 0) call.talk(`${NOTHING[language.value](answer.value.keptDays)}\n`);
  return fine({ json: answer.value, text: table(['JOURNEY', 'WHEN', 'FROM', 'TO', 'SUBJECT', 'NOW'], rows) });
}

async function show(call: Call): Promise<Reply<Shown>> {
  const client = call.client();
  if (!client.ok) return client;
  const language = languageOf(call);
  if (!language.ok) return language;
  const path = `/journeys/${part((call.words[0] ?? '').replace(REFERENCE, '$1').toLowerCase())}?${viewerQuery(call)}`;
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
    usage: '[--as PERSON | --organisation NAME | --server] [--limit N] [--before JOURNEY] [--direction in|out] [--from DAY] [--to DAY]',
    summary:
      'Lists what was sent and received, newest first: as a person sees it, or as the admin does (without subjects); --server shows mail for relay domains',
    example: 'eigenpost journey list --as noor@regenboog.example',
    options: { ...VIEWER, ...NARROW },
    words: [0, 0],
    run: (call) => list(call, undefined),
  },
  {
    name: 'journey show',
    usage: 'JOURNEY [--as PERSON | --organisation NAME | --server] [--lang en|nl] [--dialogue] [--follow]',
    summary: 'Tells what happened to a message; --dialogue adds every line that was said, --follow goes on until there is no more to tell',
    example: 'eigenpost journey show 1k2m3n4p5q6r7s8t9v0w --as noor@regenboog.example --follow',
    options: { ...VIEWER, dialogue: { type: 'boolean' }, follow: { type: 'boolean' } },
    words: [1, 1],
    run: show,
  },
  {
    name: 'journey search',
    usage:
      '[TEXT] [--as PERSON | --organisation NAME | --server] [--address ADDRESS] [--code CODE] [--direction in|out] [--from DAY] [--to DAY] [--limit N] [--before JOURNEY]',
    summary: 'Finds journeys by address, domain, subject, Message-ID, answer, reference or day (2026-11-23, today)',
    example: 'eigenpost journey search "5.7.26" --as noor@regenboog.example',
    options: { ...VIEWER, ...NARROW },
    words: [0, 1],
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

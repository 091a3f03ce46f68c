/** `status`: how the server is, for people and for monitoring. */
import { type Language, type Tallied, tellStep } from '../../../service/journey/journey.ts';
import { type Call, type Command, EXIT, fine, isSet, type Reply, type Shown } from '../command.ts';
import { languageOf, timeZone } from '../language.ts';
import { count, facts } from '../output.ts';

type Status = Readonly<{
  version: string;
  hostName: string;
  data: string;
  startedAt: string;
  uptimeSeconds: number;
  listeners: readonly Readonly<{ protocol: string; host: string; port: number }>[];
  queue: Readonly<{ waiting: number; held: number; leased: number; oldestSeconds: number | null }>;
  organisations: number;
  domains: number;
  people: number;
  /** Of the last day, not told one by one. */
  refusals: Tallied | null;
  warnings: readonly string[];
}>;

/** The exit codes of monitoring plugins: 0 OK, 1 warning, 2 critical, 3 unknown. */
const NAGIOS = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const;

export function duration(seconds: number): string {
  const steps = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const;
  const [unit, length] = steps.find(([, one]) => seconds >= one) ?? ['second', 1];
  return count(Math.floor(seconds / length), unit, `${unit}s`);
}

function refusalFacts(call: Call, refusals: Tallied | null, language: Language): [string, string][] {
  if (refusals === null) return [];
  const { text, detail = '' } = tellStep(refusals, language, { timeZone: timeZone(call) });
  return [
    [language === 'nl' ? 'Weigeringen' : 'Refusals', text],
    ['', detail],
  ];
}

function statusText(call: Call, status: Status, language: Language): string {
  const { queue } = status;
  const oldest = queue.oldestSeconds === null ? '' : `, the oldest for ${duration(queue.oldestSeconds)}`;
  return facts([
    ['Eigenpost', `${status.version} on ${status.hostName}`],
    ['Up for', duration(status.uptimeSeconds)],
    ['Data', status.data],
    ...status.listeners.map(({ protocol, host, port }): [string, string] => [
      'Listens',
      `${protocol} ${host.includes(':') ? `[${host}]` : host}:${port}`,
    ]),
    ['Queue', `${queue.waiting} waiting, ${queue.held} held, ${queue.leased} on their way${oldest}`],
    [
      'Here',
      `${count(status.organisations, 'organisation', 'organisations')}, ${count(status.domains, 'domain', 'domains')}, ${count(status.people, 'person', 'people')}`,
    ],
    ...refusalFacts(call, status.refusals, language),
    ...status.warnings.map((warning): [string, string] => ['Look at', warning]),
  ]);
}

function nagios({ version, queue, warnings }: Status): Shown {
  const word = warnings.length === 0 ? 'OK' : 'WARNING';
  const numbers = `waiting=${queue.waiting} held=${queue.held} oldest=${queue.oldestSeconds ?? 0}s`;
  const text = `EIGENPOST ${word} - ${warnings.length === 0 ? `version ${version}` : warnings.join('; ')} | ${numbers}\n`;
  return { json: { state: word, warnings, queue }, text, exit: warnings.length === 0 ? NAGIOS.ok : NAGIOS.warning };
}

async function run(call: Call): Promise<Reply<Shown>> {
  const language = languageOf(call);
  if (!language.ok) return language;
  const isNagios = isSet(call, 'nagios');
  const client = call.client();
  const answer = client.ok ? await client.value.get<Status>('/status') : client;
  if (answer.ok)
    return fine(isNagios ? nagios(answer.value) : { json: answer.value, text: statusText(call, answer.value, language.value) });
  if (!isNagios) return answer;
  const isDown = answer.exit === EXIT.unreachable || answer.exit === EXIT.failed;
  const word = client.ok && isDown ? 'CRITICAL' : 'UNKNOWN';
  return fine({
    json: { state: word, why: answer.sentence },
    text: `EIGENPOST ${word} - ${answer.sentence}\n`,
    exit: word === 'CRITICAL' ? NAGIOS.critical : NAGIOS.unknown,
  });
}

export const statusCommands: readonly Command[] = [
  {
    name: 'status',
    usage: '[--nagios] [--lang en|nl]',
    summary:
      'Shows how the server is, and how many refusals of the last day were counted only; with --nagios in one line, exit code 0, 1, 2 or 3',
    example: 'eigenpost status --nagios',
    options: { nagios: { type: 'boolean' }, lang: { type: 'string' } },
    words: [0, 0],
    run,
  },
];

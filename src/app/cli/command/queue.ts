/** `queue`: what waits to leave the house. */
import { ask, part } from '../asking.ts';
import { type Call, type Command, fine, type Reply, type Shown, textOption } from '../command.ts';
import { count, facts, size, table, when } from '../output.ts';

type Item = Readonly<{
  item: number;
  journey: string;
  from: string;
  to: string;
  size: number;
  acceptedAt: string;
  nextAt: string;
  giveUpAt: string;
  tries: number;
  held: boolean;
  lastReply: readonly string[] | null;
  lastTrouble: string | null;
  lastHost: string | null;
}>;

const lastWord = ({ lastReply, lastTrouble }: Item): string => lastReply?.at(-1) ?? lastTrouble ?? '';

function listText({ items }: Readonly<{ items: readonly Item[] }>): string {
  const heads = ['ITEM', 'FROM', 'TO', 'TRIES', 'NEXT', 'LAST ANSWER'];
  return table(
    heads,
    items.map((item) => [
      String(item.item),
      item.from === '' ? '<>' : item.from,
      item.to,
      String(item.tries),
      item.held ? 'held' : when(item.nextAt),
      lastWord(item),
    ]),
  );
}

function itemText(item: Item): string {
  return facts([
    ['Item', String(item.item)],
    ['Journey', item.journey],
    ['From', item.from === '' ? '<>' : item.from],
    ['To', item.to],
    ['Size', size(item.size)],
    ['Accepted', when(item.acceptedAt)],
    ['Tries', String(item.tries)],
    ['Next try', item.held ? 'held back' : when(item.nextAt)],
    ['Gives up', when(item.giveUpAt)],
    ['Last server', item.lastHost ?? '–'],
    ['Last answer', (item.lastReply ?? [item.lastTrouble ?? '–']).join('\n')],
  ]);
}

/** Several items: all are tried, and the first that failed gives the exit code. */
async function actAll(call: Call, act: string, done: string): Promise<Reply<Shown>> {
  const client = call.client();
  if (!client.ok) return client;
  let failed: Reply<never> | undefined;
  const acted: number[] = [];
  for (const item of call.words) {
    const answer = await client.value.send('POST', `/queue/${part(item)}/${act}`);
    if (answer.ok) acted.push(Number(item));
    else call.talk(`${item}: ${answer.sentence}\n`);
    if (!answer.ok && failed === undefined) failed = answer;
  }
  return failed ?? fine({ json: { [act]: acted }, text: `${count(acted.length, 'item', 'items')} ${done}.\n` });
}

function actCommand(act: string, done: string, summary: string): Command {
  return {
    name: `queue ${act}`,
    usage: 'ITEM…',
    summary,
    example: `eigenpost queue ${act} 891234567890123`,
    words: [1, 1_000],
    run: (call) => actAll(call, act, done),
  };
}

export const queueCommands: readonly Command[] = [
  {
    name: 'queue list',
    usage: '[--limit N] [--before ITEM]',
    summary: 'Lists mail that waits to leave, newest first',
    example: 'eigenpost queue list --limit 20',
    options: { limit: { type: 'string' }, before: { type: 'string' } },
    words: [0, 0],
    run: (call) =>
      ask(call, `/queue?limit=${part(textOption(call, 'limit') ?? '100')}&before=${part(textOption(call, 'before'))}`, listText),
  },
  {
    name: 'queue show',
    usage: 'ITEM',
    summary: 'Shows one waiting recipient, with the last answer in full',
    example: 'eigenpost queue show 891234567890123',
    words: [1, 1],
    run: (call) => ask(call, `/queue/${part(call.words[0])}`, itemText),
  },
  actCommand('hold', 'held back', 'Holds items back until they are released'),
  actCommand('release', 'released', 'Lets held items go again'),
  actCommand('retry', 'will be tried now', 'Tries items now instead of later'),
  actCommand('cancel', 'cancelled', 'Takes items out of the queue; their senders see it in the journey'),
];

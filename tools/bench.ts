/**
 * `npm run bench -- [--quick] [--only TEXT] [--out FILE]`: our server beside
 * Postfix + Dovecot and a bare Node loop, in one session, by the neutral
 * harness in ../shared/bench. Runs of a measure take turns (A B C, A B C …),
 * because only neighbours in time can be compared on a machine that does other
 * things too. What is missing is said, and left out.
 */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { isThere, type Load, load, memoryMiB, ownLoad } from './bench/harness.ts';
import { type Measure, MEASURES, type Party, QUICK_SHARE, WARM_UP_SHARE } from './bench/measures.ts';
import {
  bareLoop,
  dovecot,
  type DovecotStore,
  missingPeers,
  ours,
  postfix,
  runningStore,
  type Server,
  stopDovecot,
} from './bench/servers.ts';
import { markdown, type Row } from './bench/table.ts';

const ROUNDS = 3;
/** Postfix goes on dropping what it took; nothing else is measured meanwhile. */
const SETTLE_MS = 1_500;
/** What the server may take when it does nothing (issue 2). */
const IDLE_MIB = 150;
const IDLE_AFTER_MS = 3_000;

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', default: '' }, out: { type: 'string' } },
});
const rounds = options.quick ? 1 : ROUNDS;
const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
const say = (line: string): void => void process.stderr.write(`bench: ${line}\n`);

/** Everybody in the race, and what must be undone at the end. */
type Field = {
  servers: Partial<Record<'ours' | 'bare' | 'postfix', Server>>;
  store: DovecotStore | 'sdbox' | undefined;
  hasPeers: boolean;
};

async function assemble(): Promise<Field> {
  const missing = missingPeers();
  for (const what of missing) say(`missing here: ${what}`);
  if (missing.length > 0) say('so only our own server and the bare loop are measured.');
  const field: Field = { servers: {}, store: runningStore(), hasPeers: missing.length === 0 };
  field.servers.ours = await ours();
  field.servers.bare = await bareLoop();
  if (field.hasPeers) field.servers.postfix = await postfix();
  return field;
}

async function disband({ servers, store, hasPeers }: Field): Promise<void> {
  for (const server of Object.values(servers)) server.stop();
  if (!hasPeers) return;
  if (store === undefined) stopDovecot();
  else if (store !== 'sdbox') await dovecot(store);
}

async function idleMiB(server: Server): Promise<number> {
  await sleep(IDLE_AFTER_MS);
  return (await memoryMiB(server.pids())).rss;
}

/** One load on one party; undefined when it is not in the race. */
async function turn(field: Field, measure: Measure, party: Party, share: number): Promise<Load | undefined> {
  const part = measure.parties[party];
  const store = party === 'maildir' || party === 'mdbox' ? party : undefined;
  const server = field.servers[store === undefined ? (party as 'ours' | 'bare' | 'postfix') : 'postfix'];
  if (part === undefined || server === undefined) return undefined;
  const behind = store === undefined ? undefined : await dovecot(store);
  const messages = Math.ceil(part.messages * share);
  const args = [...measure.args, '--to', part.to, '--messages', messages, '--port', server.smtp, '--imap', behind?.imap ?? server.imap];
  const pids = [...server.pids(), ...(behind?.pids() ?? [])];
  const isAccept = measure.script === 'smtp-load.mjs';
  const own = isAccept ? args.slice(0, -2) : args;
  const found = isThere() ? await load(measure.script, own, pids) : isAccept ? await ownLoad(own, pids) : undefined;
  if (party === 'postfix' || store !== undefined) await sleep(SETTLE_MS);
  return found;
}

async function run(field: Field, measure: Measure): Promise<Row> {
  const loads = new Map<Party, Load[]>();
  // Once around unmeasured: a server that has just been started is not what anybody runs.
  if (!options.quick) for (const party of Object.keys(measure.parties) as Party[]) await turn(field, measure, party, WARM_UP_SHARE);
  for (let round = 0; round < rounds; round++) {
    for (const party of Object.keys(measure.parties) as Party[]) {
      const found = await turn(field, measure, party, options.quick ? QUICK_SHARE : 1);
      if (found === undefined) continue;
      loads.set(party, [...(loads.get(party) ?? []), found]);
      say(`${measure.name}: ${party} ${found.rate.toFixed(0)}/s`);
    }
  }
  return { measure, loads };
}

async function main(): Promise<void> {
  say(`load average ${loadavg()[0]?.toFixed(2)}; the figures of a busy machine are good for ratios only.`);
  const field = await assemble();
  const rows: Row[] = [];
  try {
    const idle = field.servers.ours === undefined ? 0 : await idleMiB(field.servers.ours);
    for (const measure of MEASURES) if (measure.name.includes(options.only)) rows.push(await run(field, measure));
    const after = field.servers.ours === undefined ? 0 : await idleMiB(field.servers.ours);
    console.log(markdown(rows));
    console.log(
      `\nIdle, just started: ${idle.toFixed(0)} MiB RSS (target < ${IDLE_MIB}: ${idle < IDLE_MIB ? 'met' : '**missed**'}); ` +
        `after all of this: ${after.toFixed(0)} MiB.`,
    );
    if (options.out !== undefined) writeFileSync(options.out, report(rows, { idle, after }));
  } finally {
    await disband(field);
  }
}

function report(rows: readonly Row[], memoryMiB: Readonly<{ idle: number; after: number }>): string {
  const measures = rows.map(({ measure, loads }) => ({ ...measure, loads: Object.fromEntries(loads) }));
  return `${JSON.stringify({ at: new Date().toISOString(), rounds, memoryMiB, measures }, undefined, 2)}\n`;
}

await main();

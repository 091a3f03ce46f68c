/** Every `.dialog` beside this file, played against the real house. Each has a newcomer of its own, called ${me}. */
import { globSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { OpenDoor } from '../../src/app/listeners.ts';
import { playFile } from '../world/dialog.ts';
import type { Person } from '../world/person.ts';
import { Talk } from '../world/talk.ts';
import { openWorld, type World } from '../world/world.ts';

const PROTOCOLS: Readonly<Record<string, OpenDoor['protocol']>> = {
  mx: 'smtp',
  submission: 'submission',
  submissions: 'submissions',
  imap: 'imap',
  imaps: 'imaps',
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const wordsOf = (name: string, { address, password }: Person): Record<string, string> => ({
  [name]: address,
  [`${name}.password`]: password,
  [`${name}.plain`]: base64(`\0${address}\0${password}`),
  [`${name}.user64`]: base64(address),
  [`${name}.pass64`]: base64(password),
});

let world: World;
before(async () => {
  // Wrong passwords in many dialogs come from one address; half a dozen is nothing to R-38.
  world = await openWorld({ settings: { sizeLimit: 100_000 } });
});
after(() => world.close());

const open = (door: string): Promise<Talk> => {
  const protocol = PROTOCOLS[door];
  if (protocol === undefined) throw new Error(`there is no door called ${door}`);
  return Talk.dial(world.place(protocol));
};

for (const [index, path] of globSync('*.dialog', { cwd: import.meta.dirname })
  .sort()
  .entries()) {
  const file = `${import.meta.dirname}/${path}`;
  const title = /^# (.*)/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  test(`${path}: ${title}`, async () => {
    const me = await world.newPerson(`me${index}`, { name: 'Mieke Eigen' });
    const { noor, emma, olga } = world.people;
    const words = { ...wordsOf('me', me), ...wordsOf('noor', noor), ...wordsOf('emma', emma), ...wordsOf('olga', olga) };
    await playFile(file, { words, open });
  });
}

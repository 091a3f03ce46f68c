/** Appending: small and large, many together, and what goes wrong; over any store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../core/fault.ts';
import type { BodyWriter, Store } from '../../core/ports/store.ts';
import { append, idOf, letter, type MakeStore, ok, openHouse, refused, select, uidsOf } from './house.contract.ts';
import type { MailAccount, Staged, Staging } from './mailboxes.ts';

const MIB = 1024 * 1024;
const about = (size: number) => ({ flags: 0, keywords: [], receivedAt: null, size });

/** What a store's body writers were asked to do. */
type Written = {
  opened: number;
  open: number;
  calls: number;
  bytes: number;
  largest: number;
  waiting: number;
  mostWaiting: number;
  finished: number;
  aborted: number;
};

/** The same store, its writers slow and watched. */
function watched(store: Store, failAt = Number.POSITIVE_INFINITY): { store: Store; written: Written } {
  const written: Written = { opened: 0, open: 0, calls: 0, bytes: 0, largest: 0, waiting: 0, mostWaiting: 0, finished: 0, aborted: 0 };
  const watch = (writer: BodyWriter): BodyWriter => ({
    blob: writer.blob,
    write: async (sealed) => {
      const size = sealed.reduce((sum, part) => sum + part.length, 0);
      written.calls++;
      written.bytes += size;
      written.largest = Math.max(written.largest, size);
      written.waiting += size;
      written.mostWaiting = Math.max(written.mostWaiting, written.waiting);
      await new Promise((resolve) => setImmediate(resolve));
      written.waiting -= size;
      if (written.calls >= failAt) throw new Fault('full', 'no room');
      await writer.write(sealed);
    },
    finish: async () => {
      await writer.finish();
      written.finished++;
    },
    abort: async () => {
      await writer.abort();
      written.aborted++;
    },
  });
  const proxy = new Proxy(store, {
    get(target, name) {
      if (name === 'openBody') {
        return async (blob: Parameters<Store['openBody']>[0]) => {
          written.opened++;
          return watch(await target.openBody(blob));
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { store: proxy, written };
}

const stage = (account: MailAccount, size = 0): Staging => ok(account.stage(about(size)));

async function staged(account: MailAccount, text: string): Promise<Staged> {
  const staging = stage(account, text.length);
  await staging.write(Buffer.from(text));
  return ok(await staging.finish());
}

export function stagingContract(name: string, makeStore: MakeStore): void {
  const it = (what: string, run: () => Promise<void>): void => void test(`appending over ${name}: ${what}`, run);

  it('20 MB goes through without being held', async () => {
    const { store, written } = watched(await makeStore(Date.now));
    const { noor } = await openHouse(() => store);
    const staging = stage(noor, 20 * MIB);
    const head = Buffer.from(letter('large', ''));
    const piece = Buffer.from(`${'0123456789abcdef'.repeat(4)}\r\n`.repeat(500));
    await staging.write(head);
    let [size, waited] = [head.length, 0];
    while (size < 20 * MIB) {
      const pause = staging.write(piece);
      size += piece.length;
      if (pause !== undefined) waited++;
      await pause;
    }
    assert.ok(written.bytes > size - 512 * 1024, 'written while it arrived');
    const done = ok(await staging.finish());
    assert.deepEqual([written.opened, written.finished, written.aborted], [1, 1, 0]);
    assert.ok(waited > 50, `whoever sends was held back ${waited} times`);
    assert.ok(written.mostWaiting <= 512 * 1024, `at most ${written.mostWaiting} octets at once`);
    const { uids } = ok(await noor.appendAll(idOf(noor, 'INBOX'), [done]));
    const inbox = await select(noor);
    const [message] = await inbox.messages(uids);
    assert.ok(message);
    assert.equal(message.size, size);
    assert.equal(message.structure.size, size);
    assert.equal(inbox.info.size, size);
    const whole = Buffer.concat([head, ...Array.from({ length: Math.ceil((size - head.length) / piece.length) }, () => piece)]);
    for (const at of [0, 65_530, 10 * MIB, size - 20]) {
      assert.deepEqual(await message.read(at, at + 20), whole.subarray(at, at + 20));
    }
  });

  it('while the store writes, a little more is taken, and goes to it in one piece', async () => {
    const target = await makeStore(Date.now);
    const sizes: number[] = [];
    let release = (): void => undefined;
    const slow = (writer: BodyWriter): BodyWriter => ({
      blob: writer.blob,
      write: async (sealed) => {
        sizes.push(sealed.reduce((sum, part) => sum + part.length, 0));
        await new Promise<void>((resolve) => (release = resolve));
        await writer.write(sealed);
      },
      finish: () => writer.finish(),
      abort: () => writer.abort(),
    });
    const openBody: Store['openBody'] = async (blob) => slow(await target.openBody(blob));
    const store = new Proxy(target, {
      get(of, name) {
        const value: unknown = name === 'openBody' ? openBody : Reflect.get(of, name, of);
        return typeof value === 'function' ? value.bind(of) : value;
      },
    });
    const { noor } = await openHouse(() => store);
    const staging = stage(noor, 4 * MIB);
    await staging.write(Buffer.from(letter('slow', '')));
    const piece = Buffer.from(`${'0123456789abcdef'.repeat(4)}\r\n`.repeat(250));
    const fill = (): Promise<void> => {
      for (let taken = 0; taken < MIB; taken += piece.length) {
        const pause = staging.write(piece);
        if (pause !== undefined) return pause;
      }
      throw new Error('a megabyte was taken without a pause');
    };
    // The first pause may be for the opening of the body alone.
    for (let tries = 0; sizes.length === 0 && tries < 100; tries++) {
      const pause = staging.write(piece);
      if (pause !== undefined) await Promise.race([pause, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    const before = sizes.length;
    let isFree = false;
    const freed = fill().then(() => (isFree = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([isFree, sizes.length], [false, before]);
    release();
    await freed;
    assert.equal(sizes.length, before + 1);
    assert.ok((sizes.at(-1) ?? 0) > 2 * 65_536 && (sizes.at(-1) ?? 0) <= 512 * 1024, `${sizes.at(-1)} octets in one piece`);
    const ending = staging.abort();
    release();
    await ending;
  });

  it('without waiting for the writer it still arrives whole', async () => {
    const { noor } = await openHouse(makeStore);
    const text = letter('hasty', 'x'.repeat(70_000).concat('\r\n').repeat(10));
    const staging = stage(noor);
    for (let at = 0; at < text.length; at += 9_999) void staging.write(Buffer.from(text.slice(at, at + 9_999)));
    ok(await noor.appendAll(idOf(noor, 'INBOX'), [ok(await staging.finish())]));
    const [message] = await (await select(noor)).messages([1]);
    assert.equal((await message?.read(0, text.length))?.toString(), text);
  });

  it('small ones are in the commit itself, until they are many', async () => {
    const { store, written } = watched(await makeStore(Date.now));
    const { noor } = await openHouse(() => store);
    const body = `${'y'.repeat(998)}\r\n`.repeat(200);
    const many: Staged[] = [];
    for (let number = 0; number < 24; number++) many.push(await staged(noor, letter(`many ${number}`, body)));
    assert.ok(written.opened >= 2 && written.opened <= 5, `${written.opened} were written out`);
    const { uids } = ok(await noor.appendAll(idOf(noor, 'Archive'), many));
    assert.deepEqual(
      uids,
      Array.from({ length: 24 }, (_, index) => index + 1),
    );
    // What waited is spent: the next small one waits in memory again.
    const before = written.opened;
    await staged(noor, letter('next', body));
    assert.equal(written.opened, before);
    const messages = await (await select(noor, 'Archive')).messages(uids);
    for (const message of messages) assert.ok((await message.read(0, message.size)).toString().endsWith(body));
  });

  it('all together or not at all', async () => {
    const { noor } = await openHouse(makeStore, { quota: 1_000 });
    const small = letter('small');
    const [one, two] = [await staged(noor, small), await staged(noor, letter('big', 'z'.repeat(900)))];
    assert.equal(refused(await noor.appendAll(idOf(noor, 'INBOX'), [one, two])), 'overQuota');
    assert.equal(noor.byPath('INBOX')?.total, 0);
    await append(noor, 'INBOX', small);
    assert.deepEqual(await noor.quota(), { used: small.length, limit: 1_000 });
    assert.deepEqual(ok(await noor.appendAll(idOf(noor, 'INBOX'), [])).uids, []);
  });

  it('too large: told early, or when it shows', async () => {
    const { store, written } = watched(await makeStore(Date.now));
    const { noor } = await openHouse(() => store, { limits: { messageBytes: MIB } });
    assert.equal(refused(noor.stage(about(MIB + 1))), 'tooBig');
    const staging = stage(noor, 100);
    for (let piece = 0; piece < 20; piece++) await staging.write(Buffer.alloc(100_000, 'a'));
    assert.equal(refused(await staging.finish()), 'tooBig');
    assert.deepEqual([written.opened, written.finished, written.aborted], [1, 0, 1]);
  });

  it('aborted before, during and after: nothing is kept', async () => {
    const { store, written } = watched(await makeStore(Date.now));
    const { noor } = await openHouse(() => store);
    await stage(noor).abort();
    const half = stage(noor);
    await half.write(Buffer.alloc(600_000, 'a'));
    await half.abort();
    await half.abort();
    assert.deepEqual([written.opened, written.finished, written.aborted], [1, 0, 1]);
    assert.throws(() => half.write(Buffer.from('a')), /after the message was finished/);
    const whole = stage(noor);
    await whole.write(Buffer.from('a'));
    const done = ok(await whole.finish());
    await whole.abort();
    await assert.rejects(noor.appendAll(idOf(noor, 'INBOX'), [done]), /not of this account/);
  });

  it('a store without room throws, and the writer is let go', async () => {
    const { store, written } = watched(await makeStore(Date.now), 3);
    const { noor } = await openHouse(() => store);
    const staging = stage(noor);
    for (let piece = 0; piece < 10; piece++) {
      try {
        await staging.write(Buffer.alloc(100_000, 'a'));
      } catch (error) {
        assert.ok(error instanceof Fault);
      }
    }
    await assert.rejects(staging.finish(), Fault);
    assert.equal(written.aborted, 1);
  });

  it('SECURITY: a staged message is of one account, and is appended once', async () => {
    const { noor, sam } = await openHouse(makeStore);
    const mine = await staged(noor, letter('mine'));
    await assert.rejects(sam.appendAll(idOf(sam, 'INBOX'), [mine]), /not of this account/);
    await assert.rejects(noor.appendAll(idOf(noor, 'INBOX'), [{ staged: 'message' }]), /not of this account/);
    ok(await noor.appendAll(idOf(noor, 'INBOX'), [mine]));
    await assert.rejects(noor.appendAll(idOf(noor, 'INBOX'), [mine]), /not of this account/);
    assert.equal(refused(await noor.appendAll(idOf(sam, 'INBOX'), [await staged(noor, letter('again'))])), 'mailboxGone');
    assert.equal(refused(noor.stage({ ...about(1), keywords: ['bad keyword'] })), 'tooManyKeywords');
  });

  it('an empty message is a message', async () => {
    const house = await openHouse(makeStore);
    const uid = await append(house.noor, 'INBOX', '');
    const inbox = await select(house.noor);
    const [message] = await inbox.messages([uid]);
    assert.deepEqual([message?.size, (await message?.read(0, 10))?.length], [0, 0]);
    assert.deepEqual([...(await inbox.search({ by: 'text', text: 'x' }))], []);
    assert.deepEqual(uidsOf(inbox), [uid]);
  });
}

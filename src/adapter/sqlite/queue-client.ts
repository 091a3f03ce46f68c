/** The queue as the main thread sees it. */
import type { QueueItem, QueueStore } from '../../core/ports/store.ts';
import type { AskLine, CallLine } from './line.ts';

type Bytes = Promise<Uint8Array | undefined>;

export function sqliteQueue(writer: CallLine, reader: AskLine): QueueStore {
  return {
    accept: async (message, steps, effectId) => void (await writer.call({ call: 'accept', message, steps, effectId })),
    claim: (ask) => writer.call({ call: 'claim', ask }) as Promise<QueueItem[]>,
    extend: async (lease, until) => void (await writer.call({ call: 'extend', lease, until })),
    settle: async (lease, settlement, steps) => void (await writer.call({ call: 'settle', lease, settlement, steps })),
    nextDue: () => reader.ask({ ask: 'nextDue' }) as Promise<number | undefined>,
    list: (ask) => reader.ask({ ...ask, ask: 'queueList' }) as Promise<QueueItem[]>,
    get: (item) => reader.ask({ ask: 'queueItem', item }) as Promise<QueueItem | undefined>,
    change: (item, change, steps) => writer.call({ call: 'changeItem', item, change, steps }) as Promise<boolean>,
    counts: (now) => reader.ask({ ask: 'queueCounts', now }) as ReturnType<QueueStore['counts']>,
    readBody: (queue, from, to) => reader.ask({ ask: 'queueBody', queue, from, to }) as Bytes,
  };
}

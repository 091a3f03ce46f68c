/** IDLE (RFC 9051 §6.3.13): news as it happens, until DONE. */
import { readNothing } from '../../../codec/imap/command/bare.ts';
import { bad, ok } from '../answer.ts';
import { row } from '../row.ts';

export const idle = row({
  name: 'IDLE',
  when: 'member',
  read: readNothing,
  capabilities: ['IDLE'],
  async run(client) {
    client.isIdle = true;
    client.tell(true);
    const line = await client.wire.ask('Waiting for news');
    client.isIdle = false;
    return line?.toString('latin1').toUpperCase() === 'DONE' ? ok('That was all') : bad('IDLE ends with DONE');
  },
});

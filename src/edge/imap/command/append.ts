/** APPEND's row. With a message it is handled as that streams in (../appending.ts); a command that ends here brought none. */
import { bad } from '../answer.ts';
import { row } from '../row.ts';

export const append = row({
  name: 'APPEND',
  when: 'member',
  read: (cursor) => {
    cursor.at = cursor.bytes.length;
  },
  capabilities: ['MULTIAPPEND'],
  run: () => bad('APPEND ends with a literal'),
});

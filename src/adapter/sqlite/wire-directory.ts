/** Changes of the directory on their way to the storage thread (wire.ts). */
import type { AccountId, OrganisationId } from '../../core/ids.ts';
import type { DirectoryChange } from '../../core/ports/store.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { WireReader, WireWriter } from './wire.ts';
import { readBatch, writeBatch } from './wire-commands.ts';

export function writeDirectoryChange(wire: WireWriter, change: DirectoryChange): void {
  wire.text(change.do);
  switch (change.do) {
    case 'put':
      wire.text(change.row.kind);
      wire.number(change.row.id);
      wire.bytes(change.row.sealed);
      wire.number(change.row.names.length);
      return change.row.names.forEach((name) => wire.bytes(name));
    case 'remove':
      wire.text(change.kind);
      return wire.number(change.id);
    case 'putKey':
      wire.number(change.owner);
      return wire.bytes(change.wrapped);
    case 'destroyKey':
      return wire.number(change.owner);
    case 'openAccount':
      for (const number of [change.account, change.organisation, change.quota]) wire.number(number);
      return writeBatch(wire, change.batch);
    case 'setQuota':
      wire.number(change.account);
      return wire.number(change.quota);
    case 'closeAccount':
      return wire.number(change.account);
    default:
      return unreachable(change);
  }
}

export function readDirectoryChange(wire: WireReader): DirectoryChange {
  const kind = wire.text<DirectoryChange['do']>();
  switch (kind) {
    case 'put':
      return { do: 'put', row: { kind: wire.text(), id: wire.number(), sealed: wire.bytes(), names: wire.list(() => wire.bytes()) } };
    case 'remove':
      return { do: 'remove', kind: wire.text(), id: wire.number() };
    case 'putKey':
      return { do: 'putKey', owner: wire.number(), wrapped: wire.bytes() };
    case 'destroyKey':
      return { do: 'destroyKey', owner: wire.number() };
    case 'openAccount': {
      const [account, organisation, quota] = [wire.number<AccountId>(), wire.number<OrganisationId>(), wire.number()];
      return { do: 'openAccount', account, organisation, quota, batch: readBatch(wire) };
    }
    case 'setQuota':
      return { do: 'setQuota', account: wire.number(), quota: wire.number() };
    case 'closeAccount':
      return { do: 'closeAccount', account: wire.number() };
    default:
      return unreachable(kind);
  }
}

import { memoryStore } from '../../adapter/memory/store.ts';
import { mailboxesContract } from './mailboxes.contract.ts';

mailboxesContract('memory', (now) => memoryStore({ now }));

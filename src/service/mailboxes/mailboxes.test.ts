import { memoryStore } from '../../adapter/memory/store.ts';
import type { MakeStore } from './house.contract.ts';
import { indexContract } from './index.contract.ts';
import { indexRandomContract } from './index-random.contract.ts';
import { liveContract } from './live.contract.ts';
import { mailboxesContract } from './mailboxes.contract.ts';
import { searchContract } from './search.contract.ts';
import { stagingContract } from './staging.contract.ts';
import { treeContract } from './tree.contract.ts';

const makeStore: MakeStore = (now) => memoryStore({ now });
mailboxesContract('memory', makeStore);
treeContract('memory', makeStore);
searchContract('memory', makeStore);
stagingContract('memory', makeStore);
liveContract('memory', makeStore);
indexContract('memory', makeStore);
indexRandomContract('memory', makeStore);

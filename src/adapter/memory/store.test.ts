import { type BreakPoint, storeContract } from '../../core/ports/store.contract.ts';
import { memoryStore } from './store.ts';

storeContract('memory', async () => {
  let armed: BreakPoint | undefined;
  const hooks = {
    at(point: 'beforeCommit' | 'afterCommit') {
      if (armed === undefined || (armed === 'full' ? 'beforeCommit' : armed) !== point) return;
      const code = armed === 'full' ? 'ENOSPC' : 'EIO';
      armed = undefined;
      throw Object.assign(new Error('broken by the test'), { code });
    },
  };
  const store = memoryStore({ hooks });
  return {
    store,
    breakNext: (point) => {
      armed = point;
    },
    end: () => store.close(),
  };
});

/** `npm run format`: rewrites our sources in the house's layout. */
import { spawnSync } from 'node:child_process';

const run = spawnSync('node_modules/.bin/biome', ['format', '--write', ...(process.argv.length > 2 ? process.argv.slice(2) : ['.'])], {
  stdio: 'inherit',
});
process.exit(run.status ?? 1);

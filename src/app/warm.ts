/**
 * Runs the demo once and stops it: after an install, so that everything is
 * compiled before anybody waits for it (tools/launcher.mjs).
 */
import { startDemo } from './demo/demo.ts';

const { close } = await startDemo({ json: false, data: null, keep: false });
// The command line's own modules.
await import('./cli/main.ts');
await import('./serve-command.ts');
await close();

/** `node tools/launch.mjs SCRIPT ARGS…`: a development tool under the pinned Node, its packages installed first. */
import { launch } from './launcher.mjs';

const [script, ...args] = process.argv.slice(2);
launch(script, args, { dev: true });

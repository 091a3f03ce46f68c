/** `node --import` this, and a process of its own stands behind the wall too. */
import { guardNetwork } from './network.ts';

guardNetwork();

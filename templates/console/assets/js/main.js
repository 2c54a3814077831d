import { nameZone, showInstants } from './instants.js';
import { keepLive } from './live.js';
import { listenForKeys } from './shortcuts.js';

showInstants(document);
nameZone(document);

listenForKeys(document.body.dataset.base);
keepLive();

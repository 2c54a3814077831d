import { nameZone, showInstants } from './instants.js';
import { keepLive } from './live.js';
import { listenToQueue } from './queue.js';
import { readFiles } from './read-file.js';
import { listenForKeys } from './shortcuts.js';
import { keepTicket } from './ticket.js';

showInstants(document);
nameZone(document);

listenForKeys(document.body.dataset.base);
keepLive();
listenToQueue();
readFiles(document);
keepTicket();

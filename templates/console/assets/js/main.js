import { showInstants } from './instants.js';

showInstants(document);

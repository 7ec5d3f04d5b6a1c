export { ResponseCache } from './response-cache.ts';
export { risingClock } from './rising-clock.ts';
export { runApi } from './run-api.ts';
export { type ApiDeps, createServer } from './server.ts';

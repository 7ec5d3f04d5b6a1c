export type { ApiSettings } from './api-deps.ts';
export { controlSettings, controlVariables } from './config.ts';
export type { Control, ControlSettings } from './control.ts';
export { ResponseCache } from './response-cache.ts';
export { risingClock } from './rising-clock.ts';
export { runApi } from './run-api.ts';
export { createServer } from './server.ts';

export { type DuckDbConfig, parseDuckDbUrl } from './config.ts';
export { openDuckDbStore } from './store.ts';

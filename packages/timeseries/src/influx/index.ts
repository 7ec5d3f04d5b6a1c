export { type InfluxConfig, parseInfluxUrl } from './config.ts';
export { openInfluxStore } from './store.ts';

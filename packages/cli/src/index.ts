export { type DevConfig, loadDevConfig } from './all-in-one/config.ts';
export { type AllInOne, startAllInOne } from './all-in-one/start-all-in-one.ts';

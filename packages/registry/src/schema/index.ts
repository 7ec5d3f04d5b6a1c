export { deviceNumbers, devices, type FactorExtras, factors } from './devices.ts';
export { orgs, projects } from './orgs.ts';
export { type TokenRole, type TokenScope, tokenProjects, tokens } from './tokens.ts';

export { commands } from './commands.ts';
export { deviceNumbers, devices, type FactorExtras, factors } from './devices.ts';
export { type ModuleFactorDefinition, moduleFactors, modules } from './modules.ts';
export { orgs, projects } from './orgs.ts';
export { type TokenRole, type TokenScope, tokenProjects, tokens } from './tokens.ts';

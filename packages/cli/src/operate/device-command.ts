import type { Command } from 'commander';
import {
  addListFlags,
  finishGroup,
  type ListFlags,
  type ProjectArgument,
  parseProject,
} from './operate-flags.ts';

/** The flags of `furrow device register`. */
export interface RegisterFlags {
  readonly csv?: string;
  readonly project?: ProjectArgument;
  readonly safeCode?: string;
  readonly name?: string;
  readonly info?: string;
  readonly scaled?: boolean;
  readonly ifMissing?: boolean;
  readonly json?: boolean;
}

/** The flags of `furrow device list`. */
export interface ListDevicesFlags extends ListFlags {
  readonly org?: string;
  readonly project?: ProjectArgument;
  readonly search?: string;
  readonly unbound?: boolean;
}

/** The flags of `furrow device show`. */
export interface ShowDeviceFlags {
  readonly withSafeCode?: boolean;
  readonly json?: boolean;
}

const REGISTER_HELP = `
A device is registered bound to nobody: whoever has the label binds it through the API, with device_id and safe code. With --project
it is in that project at once. It gets its agri_id here, for good.

The CSV file is UTF-8 with a header line: device_id, and as wished safe_code, device_name, info, scaled (true or false), in any order.
All its lines are registered, or none, with every problem named by its line.`;

/** Adds `furrow device` to the program. */
export function addDeviceCommand(program: Command): void {
  const device = program
    .command('device')
    .description('devices of all organizations: register, list, move, block, unbind');
  addRegisterCommand(device);
  addListFlags(device.command('list').description('devices in the order in which they were registered'))
    .option('--org <org>', 'only those of this organization')
    .option('--project <org/project>', 'only those in this project', parseProject)
    .option('--search <text>', 'only those with this text in device_id, device_name or info')
    .option('--unbound', 'only those in no project')
    .action(async (flags: ListDevicesFlags) => (await actions()).listDevices(flags));
  device
    .command('show')
    .description('everything about one device')
    .argument('<device>', 'its device_id or its agri_id')
    .option('--with-safe-code', 'also the code on its label')
    .option('--json', 'as a line of JSON')
    .action(async (name: string, flags: ShowDeviceFlags) => (await actions()).showDevice(name, flags));
  device
    .command('move')
    .description('put a device into a project: one that is bound to nobody, or one of the same organization')
    .argument('<device>', 'its device_id or its agri_id')
    .argument('<org/project>', 'where it belongs from now on', parseProject)
    .action(async (name: string, to: ProjectArgument) => (await actions()).moveDevice(name, to));
  device
    .command('unbind')
    .description('take a device out of its project; it stays with its organization')
    .argument('<device>', 'its device_id or its agri_id')
    .action(async (name: string) => (await actions()).unbindDevice(name));
  device
    .command('block')
    .description('refuse what a device sends from now on')
    .argument('<device>', 'its device_id or its agri_id')
    .action(async (name: string) => (await actions()).allowDevice(name, false));
  device
    .command('unblock')
    .description('take what a device sends again')
    .argument('<device>', 'its device_id or its agri_id')
    .action(async (name: string) => (await actions()).allowDevice(name, true));
  finishGroup(device);
}

function addRegisterCommand(device: Command): void {
  device
    .command('register')
    .description('register a device, or those of a CSV file, and print what belongs on the labels')
    .argument('[device_id]', 'its hardware identifier: IMEI or serial number')
    .option('--csv <file>', 'register the devices of this file')
    .option('--project <org/project>', 'put it into this project', parseProject)
    .option('--safe-code <code>', 'four letters or digits (default: random ones)')
    .option('--name <text>', 'what people call it')
    .option('--info <text>', 'anything else about it')
    .option('--scaled', 'its gateway sends engineering values instead of raw registers')
    .option('--if-missing', 'leave devices that are registered already as they are, and exit 0')
    .option('--json', 'a line of JSON for each device')
    .addHelpText('after', REGISTER_HELP)
    .action(async (id: string | undefined, flags: RegisterFlags) =>
      (await actions()).registerDevice(id, flags),
    );
}

function actions() {
  return import('../commands/device.ts');
}

import { readFile } from 'node:fs/promises';
import {
  type DeviceForm,
  deviceFormSchema,
  type NewDevice,
  type RegisterOutcome,
  type Registry,
  type StockDetails,
  type StockDevice,
} from '@furrow/registry';
import { UsageError, unreadable } from '../errors.ts';
import type { ListDevicesFlags, RegisterFlags, ShowDeviceFlags } from '../operate/device-command.ts';
import { readDeviceCsv } from '../operate/device-csv.ts';
import { fillIn, operate } from '../operate/operate.ts';
import type { ProjectArgument } from '../operate/operate-flags.ts';
import { type NamedRow, print, printList, printOne, printRows } from '../operate/rows.ts';
import { countText } from '../quarantine/kept-lines.ts';
import { safeText } from '../terminal/safe-text.ts';

const SHOWN_DEVICES = 10;

/** `furrow device register`: one device by flags, or those of a file; prints what belongs on the labels. */
export async function registerDevice(id: string | undefined, flags: RegisterFlags): Promise<void> {
  const forms = await formsOf(id, flags);
  const project = flags.project && { orgId: flags.project.org, projectId: flags.project.project };
  await operate(process.env, async ({ devices }) => {
    const outcome = await devices.register(forms.map(newDevice), {
      project,
      skipKnown: flags.ifMissing ?? false,
    });
    if (outcome.kind !== 'registered') throw refusal(outcome, flags);
    const rows = outcome.labels.map(({ deviceId, safeCode, agriId }) => {
      return { device_id: deviceId, safe_code: safeCode, agri_id: agriId };
    });
    await printRows(rows, flags.json);
    const known = outcome.skipped.length > 0 ? `, ${countText(outcome.skipped.length)} there already` : '';
    console.error(`${countText(rows.length)} registered${known}`);
  });
}

/** `furrow device list`. */
export async function listDevices(flags: ListDevicesFlags): Promise<void> {
  const { page, limit: pageSize, search, unbound, project } = flags;
  if (project && flags.org !== undefined && flags.org !== project.org)
    throw new UsageError('--org and --project name two organizations');
  await operate(process.env, async ({ devices }) => {
    const orgId = project?.org ?? flags.org;
    const found = await devices.list({ page, pageSize, orgId, projectId: project?.project, search, unbound });
    await printList(found, flags, 'devices', rowOf);
  });
}

/** `furrow device show`; the safe code only when it is asked for. */
export async function showDevice(name: string, { withSafeCode, json }: ShowDeviceFlags): Promise<void> {
  await operate(process.env, async ({ devices }) => {
    const device = await findDevice(devices, name);
    const { info, scaled, bindTime, createTime, factors, version, safeCode } = device;
    await printOne(
      {
        ...rowOf(device),
        info,
        scaled,
        factors,
        version,
        bind_time: bindTime,
        create_time: createTime,
        ...(withSafeCode && { safe_code: safeCode }),
      },
      json,
    );
  });
}

/** `furrow device move`; repeating it changes nothing. */
export async function moveDevice(name: string, { org, project }: ProjectArgument): Promise<void> {
  await operate(process.env, async ({ devices }) => {
    const device = await findDevice(devices, name);
    const outcome = await devices.place(device.pk, { orgId: org, projectId: project });
    const what = `device ${device.deviceId}`;
    if (outcome === 'no_project')
      throw new UsageError(`there is no project ${safeText(`${org}/${project}`)}`);
    if (outcome === 'other_org')
      throw new UsageError(`${what} belongs to organization ${device.orgId}, whose readings it has sent`);
    if (outcome === 'no_device') throw new UsageError(`${what} is gone`);
    await print([`${what}: in ${org}/${project}${outcome === 'unchanged' ? ' already' : ''}`]);
  });
}

/** `furrow device unbind`; repeating it changes nothing. */
export async function unbindDevice(name: string): Promise<void> {
  await operate(process.env, async ({ devices }) => {
    const device = await findDevice(devices, name);
    if (device.projectId !== null) await devices.unbind(device.pk);
    await print([`device ${device.deviceId}: in no project${device.projectId === null ? ' already' : ''}`]);
  });
}

/** `furrow device block` and `unblock`; repeating it changes nothing. */
export async function allowDevice(name: string, allow: boolean): Promise<void> {
  await operate(process.env, async ({ devices }) => {
    const device = await findDevice(devices, name);
    if (device.allow !== allow) await devices.setAllow(device.pk, allow);
    const already = device.allow === allow ? ' already' : '';
    await print([`device ${device.deviceId}: ${allow ? 'allowed' : 'blocked'}${already}`]);
  });
}

async function findDevice(devices: Registry['operator']['devices'], name: string): Promise<StockDetails> {
  const [device, ...others] = await devices.find(name);
  const shown = JSON.stringify(name.slice(0, 80));
  if (device === undefined) throw new UsageError(`there is no device with device_id or agri_id ${shown}`);
  if (others.length > 0)
    throw new UsageError(
      `${shown} is the device_id of one device and the agri_id of another; name it by its other one`,
    );
  return device;
}

async function formsOf(id: string | undefined, flags: RegisterFlags): Promise<readonly DeviceForm[]> {
  const { csv, safeCode, name, info, scaled } = flags;
  if ((csv === undefined) === (id === undefined))
    throw new UsageError('give one device_id, or a file with --csv <file>');
  if (csv === undefined) {
    const said = { safe_code: safeCode, device_name: name, info, scaled: scaled ? 'true' : undefined };
    return [fillIn(deviceFormSchema, { device_id: id, ...said })];
  }
  if ([safeCode, name, info, scaled].some((flag) => flag !== undefined))
    throw new UsageError('with --csv, safe code, name, info and scaled stand in the file');
  const bytes = await readFile(csv).catch((error: unknown) => {
    throw unreadable(csv, error);
  });
  return readDeviceCsv(csv, bytes);
}

function newDevice({ device_id, safe_code, device_name, info, scaled }: DeviceForm): NewDevice {
  return {
    deviceId: device_id,
    safeCode: safe_code ?? null,
    ...(device_name !== undefined && { deviceName: device_name }),
    ...(info !== undefined && { info }),
    ...(scaled !== undefined && { scaled }),
  };
}

function refusal(
  outcome: Exclude<RegisterOutcome, { kind: 'registered' }>,
  { project }: RegisterFlags,
): UsageError {
  if (outcome.kind === 'no_project')
    return new UsageError(`there is no project ${safeText(`${project?.org}/${project?.project}`)}`);
  const { known } = outcome;
  const shown = known.slice(0, SHOWN_DEVICES).join(', ');
  const rest = known.length > SHOWN_DEVICES ? ` and ${known.length - SHOWN_DEVICES} more` : '';
  return new UsageError(
    `registered already: ${shown}${rest}; nothing was registered. --if-missing leaves those as they are`,
  );
}

function rowOf(device: StockDevice): NamedRow {
  const { deviceId, agriId, orgId, projectId, deviceName, allow, connectTime } = device;
  return {
    device_id: deviceId,
    agri_id: agriId,
    org: orgId,
    project: projectId,
    name: deviceName,
    allow,
    last_heard: connectTime,
  };
}

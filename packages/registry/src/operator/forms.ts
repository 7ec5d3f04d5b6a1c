import { slugSchema } from '@furrow/contracts';
import { z } from 'zod';
import { fleetDeviceSchema, fleetTokenSchema, nameSchema } from '../fleet/fleet-schema.ts';

/** What neither a terminal nor a text column should get: control characters, and halves of characters. */
const NOT_TEXT = /[\p{Cc}\p{Cs}]/u;
const TEXT_RULE = 'has no control characters';

const shownNameSchema = nameSchema.refine((name) => !NOT_TEXT.test(name), `name ${TEXT_RULE}`);

const shownText = (field: string, most: number) =>
  z
    .string(`${field} is text`)
    .max(most, `${field} has at most ${most} characters`)
    .refine((text) => !NOT_TEXT.test(text), `${field} ${TEXT_RULE}`);

/** A new organization, as an operator gives it; the fleet file has the same rules. */
export const orgFormSchema = z.strictObject({ org: slugSchema, name: shownNameSchema.optional() });
export type OrgForm = z.output<typeof orgFormSchema>;

export const projectFormSchema = z.strictObject({
  org: slugSchema,
  project: slugSchema,
  name: shownNameSchema.optional(),
});
export type ProjectForm = z.output<typeof projectFormSchema>;

export const tokenFormSchema = z.strictObject({
  org: slugSchema,
  name: shownNameSchema,
  role: fleetTokenSchema.shape.role,
  projects: z.array(slugSchema).min(1).optional(),
});
export type TokenForm = z.output<typeof tokenFormSchema>;

export const deviceFormSchema = z.strictObject({
  device_id: fleetDeviceSchema.shape.device_id,
  safe_code: fleetDeviceSchema.shape.safe_code,
  device_name: shownText('device_name', 200).optional(),
  info: shownText('info', 500).optional(),
  scaled: z
    .enum(['true', 'false'], 'scaled is true or false')
    .transform((text) => text === 'true')
    .optional(),
});
export type DeviceForm = z.output<typeof deviceFormSchema>;

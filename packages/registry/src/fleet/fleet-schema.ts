import { agriIdSchema, factorDefinitionSchema, GATEWAY_MODEL_NAMES, slugSchema } from '@furrow/contracts';
import { z } from 'zod';
import { TOKEN_MAX_LENGTH, TOKEN_MIN_LENGTH, TOKEN_PATTERN } from '../tokens/token-text.ts';

const NAME_MAX_LENGTH = 200;
/** What organizations, projects and tokens are called. */
export const nameSchema = z
  .string('a name is text')
  .min(1, 'a name is not empty')
  .max(NAME_MAX_LENGTH, `a name has at most ${NAME_MAX_LENGTH} characters`);

/** Hardware identifiers, IMEI or serial number, are text: an IMEI of 15 digits read as a number may lose its last ones. */
const deviceIdSchema = z
  .string('device_id is text')
  .regex(/^[A-Za-z0-9._:-]{1,64}$/, 'device_id has 1 to 64 letters, digits, ".", "_", ":" or "-"');

const fleetFactorSchema = factorDefinitionSchema
  .safeExtend({
    /** The label; when absent, the one that the platform gives. It belongs to the device by the prefix rule. */
    agri_id: agriIdSchema.optional(),
    name: z
      .string('name is text')
      .max(NAME_MAX_LENGTH, `name has at most ${NAME_MAX_LENGTH} characters`)
      .optional(),
  })
  .strict();

/** A device of a fleet file. */
export const fleetDeviceSchema = z.strictObject({
  device_id: deviceIdSchema,
  /** When absent, the platform makes one as the device is created. It never changes afterwards. */
  agri_id: agriIdSchema.optional(),
  device_name: z.string('device_name is text').max(NAME_MAX_LENGTH).optional(),
  info: z.string('info is text').max(500, 'info has at most 500 characters').optional(),
  safe_code: z
    .string('safe_code is text')
    .regex(/^[A-Za-z0-9]{4}$/, 'safe_code has four letters or digits')
    .optional(),
  allow: z.boolean('allow is true or false').optional(),
  scaled: z.boolean('scaled is true or false').optional(),
  /** What its gateway is, and so what it can be told; `yy-m200` for a new device. */
  gateway_model: z
    .enum(GATEWAY_MODEL_NAMES, `gateway_model is one of ${GATEWAY_MODEL_NAMES.join(', ')}`)
    .optional(),
  factors: z.array(fleetFactorSchema, 'factors is an array').default([]),
});

const fleetProjectSchema = z.strictObject({
  project_id: slugSchema,
  /** When absent, a new project is called by its project_id. */
  name: nameSchema.optional(),
  devices: z.array(fleetDeviceSchema, 'devices is an array').default([]),
});

/** A token of a fleet file. */
export const fleetTokenSchema = z.strictObject({
  /** What the token is called, once in an organization. */
  name: nameSchema,
  role: z.enum(['reader', 'manager'], 'role is reader or manager'),
  /** Public names of the projects that it opens; when absent, the whole organization. */
  projects: z.array(slugSchema, 'projects is an array').optional(),
  /** When absent, it does not expire. */
  expires_at: z.iso
    .datetime({ offset: true, error: 'expires_at is RFC 3339 text with its offset' })
    .transform((text) => new Date(text))
    .optional(),
  /** The token itself, for development; when absent, a random one is made and shown once. */
  token: z
    .string('token is text')
    .min(TOKEN_MIN_LENGTH, `token has at least ${TOKEN_MIN_LENGTH} characters`)
    .max(TOKEN_MAX_LENGTH, `token has at most ${TOKEN_MAX_LENGTH} characters`)
    .regex(TOKEN_PATTERN, 'token is made of letters, digits and - . _ ~ + /')
    .optional(),
});

const fleetOrgSchema = z.strictObject({
  slug: slugSchema,
  /** When absent, a new organization is called by its slug. */
  name: nameSchema.optional(),
  is_active: z.boolean('is_active is true or false').optional(),
  tokens: z.array(fleetTokenSchema, 'tokens is an array').default([]),
  projects: z.array(fleetProjectSchema, 'projects is an array').default([]),
});

/**
 * A fleet file: organizations with their tokens, projects, devices and factors. What an optional key leaves out is not
 * touched on what is there already, and gets its default on what is new; a factor's definition counts as a whole, defaults
 * included. A key that is not listed is an error. Names and positions that may occur once only are checked by `parseFleet`.
 */
export const fleetSchema = z.strictObject({
  orgs: z.array(fleetOrgSchema, 'orgs is an array'),
});

export type Fleet = z.output<typeof fleetSchema>;
/** A fleet as people write it. */
export type FleetInput = z.input<typeof fleetSchema>;
export type FleetOrg = Fleet['orgs'][number];
export type FleetProject = FleetOrg['projects'][number];
export type FleetDevice = FleetProject['devices'][number];
export type FleetFactor = FleetDevice['factors'][number];
export type FleetToken = FleetOrg['tokens'][number];

import type { AgriId, Factor, GatewayModel } from '@furrow/contracts';
import type { TokenRole } from './schema/index.ts';

/** A device that belongs to an organization. Times are UTC. */
export interface RegisteredDevice {
  /** The API's `id` and `device_pk`. */
  readonly pk: number;
  /** Hardware identifier: IMEI or serial number. */
  readonly deviceId: string;
  readonly agriId: AgriId;
  /** The organization's slug, and its primary key. */
  readonly orgId: string;
  readonly orgPk: number;
  /** The project's public name; null when the device is bound to none, and so may not relay data. */
  readonly projectId: string | null;
  readonly projectName: string | null;
  readonly deviceName: string;
  readonly info: string;
  /** When false, the device may not relay data. */
  readonly allow: boolean;
  /** True when its gateway sends engineering values; false when it sends raw readings. */
  readonly scaled: boolean;
  /** What its gateway is, and so what it can be told. */
  readonly gatewayModel: GatewayModel;
  readonly bindTime: Date | null;
  readonly createTime: Date;
  /** When it was last heard of; null when never. */
  readonly connectTime: Date | null;
  /** Grows with every change of the device or of its factors. */
  readonly version: number;
}

/** A device with what is derived from its factors. */
export interface DeviceDetails extends RegisteredDevice {
  /** True when a factor says a lowest or a highest value. */
  readonly hasThresholds: boolean;
}

/** A factor with its keys. */
export interface RegisteredFactor extends Factor {
  readonly pk: number;
  readonly devicePk: number;
  readonly name: string;
}

/** A factor together with the device that has it. */
export interface FactorOfDevice {
  readonly factor: RegisteredFactor;
  readonly device: RegisteredDevice;
}

export interface RegisteredProject {
  readonly pk: number;
  readonly orgPk: number;
  readonly projectId: string;
  readonly name: string;
}

/** Whose data a caller may see. An {@link AccessToken} is one. */
export interface AccessScope {
  readonly orgPk: number;
  /** The `project_id`s that are open; null when the whole organization is. Empty opens nothing. */
  readonly projects: readonly string[] | null;
}

/** A token that was checked. */
export interface AccessToken extends AccessScope {
  /** The token's primary key. */
  readonly id: number;
  readonly name: string;
  /** The organization's slug. */
  readonly orgId: string;
  readonly role: TokenRole;
  readonly expiresAt: Date | null;
}

/**
 * Why a token opens nothing: nobody knows it, it is switched off, its time is over, or its organization is switched off.
 */
export type TokenRefusal = 'unknown' | 'inactive' | 'expired' | 'org_invalid';

export type TokenVerdict =
  | { readonly ok: true; readonly token: AccessToken }
  | { readonly ok: false; readonly reason: TokenRefusal };

/** What is known of the server behind the URL: read once from `/ping`, and all that the three generations differ in for this engine. */
export interface InfluxServer {
  /** The version as the server says it: `1.6.7~rc0`, `v2.7.1`, `3.2.0`. */
  readonly version: string;
  readonly major: 1 | 2 | 3;
  /** The `rp` parameter of requests; undefined sends none. */
  readonly retentionPolicy: string | undefined;
  /** Parameters that only its write endpoint has. */
  readonly writeParameters: Readonly<Record<string, string>>;
}

/** The retention policy that this engine makes for itself on 1.x, so that it never changes one that others use. */
export const OWN_RETENTION_POLICY = 'furrow';

/**
 * The server of a version text; undefined when the text names none of the generations. A policy that the URL names is sent to 1.x and
 * to 2.x, where it selects the DBRP mapping; 3.x has none and would take it for a part of the database's name.
 */
export function serverOf(version: string, policyOfUrl: string | undefined): InfluxServer | undefined {
  switch (/^v?(\d+)\./.exec(version)?.[1]) {
    case '1':
      return {
        version,
        major: 1,
        retentionPolicy: policyOfUrl ?? OWN_RETENTION_POLICY,
        writeParameters: {},
      };
    case '2':
      return { version, major: 2, retentionPolicy: policyOfUrl, writeParameters: {} };
    case '3':
      return {
        version,
        major: 3,
        retentionPolicy: undefined,
        writeParameters: { accept_partial: 'true' },
      };
    default:
      return undefined;
  }
}

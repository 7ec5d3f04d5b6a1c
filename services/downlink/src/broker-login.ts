import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError, maskSecret } from '@furrow/runtime';
import type { BrokerConfig } from './config.ts';
import type { BrokerLinkOptions } from './mqtt/broker-link.ts';

type BrokerLogin = NonNullable<BrokerLinkOptions['login']>;
type PemVariable = 'FURROW_MQTT_CERT' | 'FURROW_MQTT_KEY' | 'FURROW_MQTT_CA';

/** What a variable holds that begins so is the PEM text; anything else is the path of a file. */
const PEM_BEGIN = '-----BEGIN';

/** PEM text, and what was read in it. */
interface Pem<T> {
  readonly text: Buffer;
  readonly content: T;
}

const readCertificate = (text: Buffer): X509Certificate => new X509Certificate(text);
const readKey = (text: Buffer): KeyObject => createPrivateKey(text);

/**
 * Who we are to the broker: what the PEM variables hold, or the files that they name. Throws a ConfigError that lists every problem;
 * no message holds anything of a key.
 */
export function brokerLogin(config: BrokerConfig): BrokerLogin {
  const problems: string[] = [];
  const read = <T>(name: PemVariable, parse: (text: Buffer) => T): Pem<T> | undefined => {
    const value = config[name];
    if (value === undefined) return undefined;
    const isText = value.startsWith(PEM_BEGIN);
    let text: Buffer;
    try {
      text = isText ? Buffer.from(value) : readFileSync(value);
    } catch (error) {
      problems.push(
        `${name}: the file cannot be read (${codeOf(error)}, received ${maskSecret(name, value)})`,
      );
      return undefined;
    }
    try {
      return { text, content: parse(text) };
    } catch {
      problems.push(`${name}: the ${isText ? 'text' : 'file'} holds no such thing in PEM form`);
      return undefined;
    }
  };
  const cert = read('FURROW_MQTT_CERT', readCertificate);
  const key = read('FURROW_MQTT_KEY', readKey);
  const ca = read('FURROW_MQTT_CA', readCertificate);
  if (cert && key && !cert.content.checkPrivateKey(key.content)) {
    problems.push('FURROW_MQTT_KEY: it is not the key of the certificate in FURROW_MQTT_CERT');
  }
  problems.push(...problemsBetween(config));
  if (problems.length > 0) throw new ConfigError(problems);
  const username = config.FURROW_MQTT_USERNAME;
  const password = config.FURROW_MQTT_PASSWORD;
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(cert && { cert: cert.text }),
    ...(key && { key: key.text }),
    ...(ca && { ca: ca.text }),
  };
}

/** Variables that do not go together. */
function problemsBetween(config: BrokerConfig): string[] {
  const problems: string[] = [];
  const { FURROW_MQTT_CERT: cert, FURROW_MQTT_KEY: key, FURROW_MQTT_CA: ca } = config;
  if ((cert === undefined) !== (key === undefined)) {
    problems.push('FURROW_MQTT_CERT and FURROW_MQTT_KEY: set both, or neither');
  }
  const hasPem = [cert, key, ca].some((value) => value !== undefined);
  if (hasPem && !config.FURROW_MQTT_URL.startsWith('mqtts:')) {
    problems.push('FURROW_MQTT_URL: certificates are for mqtts://');
  }
  return problems;
}

/** Why a file cannot be read, in a word: the message of such an error repeats the path, which may be a key that lost its first line. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'for no known reason';
}

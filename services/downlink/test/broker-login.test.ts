import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { brokerLogin } from '../src/broker-login.ts';
import { loadDownlinkConfig } from '../src/config.ts';
import { problemsOf } from './support/problems-of.ts';

const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name);
/** Self-signed, made for these tests, and its key. */
const CERT_FILE = fixture('test-certificate.pem');
const KEY_FILE = fixture('test-key.pem');
const CERT = readFileSync(CERT_FILE, 'utf8');
const KEY = readFileSync(KEY_FILE, 'utf8');
const OTHER_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
/** What a key is when its first line got lost. */
const BARE_KEY = KEY.split('\n').slice(1).join('\n');

const folder = mkdtempSync(join(tmpdir(), 'furrow-login-'));
const NO_PEM_FILE = join(folder, 'hello.pem');
writeFileSync(NO_PEM_FILE, 'hello');
afterAll(() => rmSync(folder, { recursive: true }));

function loginOf(variables: Readonly<Record<string, string>>) {
  return brokerLogin(
    loadDownlinkConfig({
      FURROW_REGISTRY: 'postgres://localhost/furrow',
      FURROW_COMMAND_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/furrow-commands',
      FURROW_MQTT_URL: 'mqtts://broker.example.org:8883',
      ...variables,
    }),
  );
}

describe('brokerLogin', () => {
  it.each([
    ['files', { FURROW_MQTT_CERT: CERT_FILE, FURROW_MQTT_KEY: KEY_FILE, FURROW_MQTT_CA: CERT_FILE }],
    ['PEM text', { FURROW_MQTT_CERT: CERT, FURROW_MQTT_KEY: KEY, FURROW_MQTT_CA: CERT }],
    ['some of each', { FURROW_MQTT_CERT: CERT_FILE, FURROW_MQTT_KEY: KEY, FURROW_MQTT_CA: CERT }],
  ])('takes certificate, key and authority from %s', (_what, variables) => {
    const login = Object.entries(loginOf(variables)).map(([name, pem]) => [name, String(pem).trim()]);
    expect(Object.fromEntries(login)).toEqual({ cert: CERT.trim(), key: KEY.trim(), ca: CERT.trim() });
  });

  it('takes a name and a password, and is empty without anything', () => {
    const login = { username: 'furrow', password: 'secret' };
    const variables = { FURROW_MQTT_USERNAME: 'furrow', FURROW_MQTT_PASSWORD: 'secret' };
    expect(loginOf(variables)).toEqual(login);
    expect(loginOf({})).toEqual({});
  });

  it('lists every problem at once', () => {
    const variables = {
      FURROW_MQTT_URL: 'mqtt://broker',
      FURROW_MQTT_CERT: NO_PEM_FILE,
      FURROW_MQTT_CA: '/nowhere/ca.pem',
    };
    expect(problemsOf(() => loginOf(variables))).toEqual([
      'FURROW_MQTT_CERT: the file holds no such thing in PEM form',
      'FURROW_MQTT_CA: the file cannot be read (ENOENT, received "/nowhere/ca.pem")',
      'FURROW_MQTT_CERT and FURROW_MQTT_KEY: set both, or neither',
      'FURROW_MQTT_URL: certificates are for mqtts://',
    ]);
  });

  it.each([
    ['a certificate as the key', CERT, KEY, 'FURROW_MQTT_KEY: the text holds no such thing in PEM form'],
    ['a key on one line', KEY.replaceAll('\n', '\\n'), KEY, 'FURROW_MQTT_KEY: the text holds no such thing'],
    ['half a key', KEY.slice(0, 80), KEY.slice(30, 80), 'FURROW_MQTT_KEY: the text holds no such thing'],
    ['a key without its first line', BARE_KEY, BARE_KEY, 'FURROW_MQTT_KEY: the file cannot be read'],
    ['the key of another', OTHER_KEY, OTHER_KEY, 'FURROW_MQTT_KEY: it is not the key of the certificate'],
  ])('refuses %s, and shows nothing of it', (_what, key, secret, expected) => {
    const problems = problemsOf(() => loginOf({ FURROW_MQTT_CERT: CERT, FURROW_MQTT_KEY: key }));
    expect(problems).toEqual([expect.stringContaining(expected)]);
    for (const line of secret.split('\n').filter((text) => text.length > 20 && !text.includes('---')))
      expect(problems.join()).not.toContain(line);
  });
});

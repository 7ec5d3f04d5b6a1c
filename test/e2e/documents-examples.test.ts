import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startGreenhouse, TOKEN } from '../support/all-in-one.ts';

const run = promisify(execFile);

/** True when Python is there with the library that the documents' examples use. */
const hasRequests = await run('python3', ['-c', 'import requests']).then(
  () => true,
  () => false,
);
if (!hasRequests)
  process.stderr.write('\n*** Python’s requests is not there: the examples run with curl only. ***\n\n');

describe('the examples of the documents', () => {
  it('work with another base URL and token, and nothing else changed', async () => {
    const { furrow } = await startGreenhouse();
    const env = { ...process.env, API_BASE: `${furrow.url}/api/v2`, API_TOKEN: TOKEN, NO_PROXY: '127.0.0.1' };
    const headers = ['-H', `Authorization: Bearer ${TOKEN}`, '-H', 'Content-Type: application/json'];
    const { stdout: curled } = await run('curl', [
      '-sS',
      '--noproxy',
      '*',
      `${env.API_BASE}/devices/`,
      ...headers,
    ]);
    expect(JSON.parse(curled)).toMatchObject({ success: true, data: [{ agri_id: 'd-1000-abcd' }] });
    if (!hasRequests) return;
    const example = (name: string) =>
      run('python3', [resolve(import.meta.dirname, 'examples', name)], { env });
    const listed = await example('list_devices.py');
    expect(listed.stdout).toContain("'success': True");
    expect(listed.stdout).toContain("'count': 0");
    const { stdout } = await example('factor_calls.py');
    expect(JSON.parse(stdout)).toMatchObject({ copy: 1, unchanged: 4, received: 1, history: [{ v: 24.3 }] });
  }, 60_000);
});

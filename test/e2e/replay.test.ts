import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseFleet } from '@furrow/registry';
import { type Browser, chromium } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startGreenhouse } from '../support/all-in-one.ts';
import { FurrowProcess } from '../support/furrow-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const SPEC =
  'devices=8,factors=6,interval=10s,for=3m,form=mixed,outages=0.02,outage=1m,duplicates=0.05,disorder=0.05,poison=0.1';
/** Points of the fleet: each device, factor and read once. */
const POINTS = 8 * 6 * 18;

async function furrow(args: readonly string[], variables: Readonly<Record<string, string>>) {
  const command = new FurrowProcess(args, variables);
  onTestFinished(() => command.destroy());
  return { code: await command.exited(), output: command.output };
}

/** A running all-in-one that knows the synthetic fleet, and the variables by which a replay reaches it. */
async function startWithFleet() {
  const folder = await tempFolder();
  const fleetFile = join(folder, 'fleet.json');
  const written = await furrow(['replay', '--synthetic', SPEC, '--write-fleet', fleetFile], {});
  expect(written.code, written.output).toBe(0);
  const { furrow: running } = await startGreenhouse();
  const fleet = parseFleet(JSON.parse(await readFile(fleetFile, 'utf8')));
  const { newTokens } = await running.registry.applyFleet(fleet);
  const { queueVariables = {} } = running;
  const variables = { ...queueVariables, FURROW_TOKEN: newTokens[0]?.text ?? '' };
  const device = fleet.orgs[0]?.projects[0]?.devices[0]?.agri_id ?? '';
  return { folder, running, variables, device, queue: queueVariables['FURROW_UPLINK_QUEUE_URL'] ?? '' };
}

describe('furrow replay', () => {
  it('sends to queue and API, reads every point back, finds what is wrong, and leaves a page that a browser shows', {
    timeout: 180_000,
  }, async () => {
    const { folder, running, variables, queue, device } = await startWithFleet();
    const replay = (...args: string[]) => furrow(['replay', ...args], variables);
    const [json, html] = [join(folder, 'report.json'), join(folder, 'report.html')];
    const toQueue = await replay(
      ...['--synthetic', SPEC, '--to', queue, '--rate', '2000', '--verify', '--api', running.url],
      ...['--watch', `${running.url}/metrics`, '--report', json, '--html', html],
    );
    expect(toQueue.output).toContain('864 expected, 864 right, 0 missing, 0 wrong, 0 duplicate');
    expect(toQueue.code, toQueue.output).toBe(0);
    const report = JSON.parse(await readFile(json, 'utf8'));
    expect(report.verification).toMatchObject({
      expected: POINTS,
      right: POINTS,
      sample: 1,
      unverifiable: {},
    });
    expect(Object.keys(report.mustBeRefused).length).toBeGreaterThan(5);
    const refused: readonly { reason: string; count: number }[] = report.watched[0].refused;
    expect(Object.fromEntries(refused.map(({ reason, count }) => [reason, count]))).toEqual(
      report.mustBeRefused,
    );

    const toApi = await replay(
      '--synthetic',
      SPEC,
      '--to',
      running.url,
      '--fast',
      '--verify',
      '--fleet',
      'api',
    );
    expect(toApi.output).toContain('864 expected, 864 right, 0 missing, 0 wrong, 0 duplicate');
    expect(toApi.code, toApi.output).toBe(0);

    const [lines, factor] = [join(folder, 'lines.ndjson'), `${device}-1-00`];
    const now = Date.now();
    const t = Math.floor(now / 1000) - 3_600;
    const line = (agriId: string, value: number, receivedAt: number) => {
      const items = [{ agri_id: agriId, value, t, scaled: true }];
      return JSON.stringify({
        v: 1,
        org_id: 'replay-1',
        project_id: 'replay',
        device,
        received_at: receivedAt,
        items,
      });
    };
    const check = ['--to', queue, '--fast', '--verify', '--api', running.url, '--wait', '2'];
    await writeFile(lines, line(factor, 20.5, now - 1_000));
    expect(await replay(lines, ...check)).toMatchObject({
      code: 0,
      output: expect.stringContaining('1 expected, 1 right'),
    });
    // An older version of a stored key does not win, a factor that nobody has is refused, and the third line is none.
    await writeFile(
      lines,
      `${line(factor, 99.5, now - 2_000)}\n${line(`${device}-7-77`, 1, now)}\n{broken\n`,
    );
    const wrong = await replay(lines, ...check);
    expect(wrong.output).toContain('2 expected, 0 right, 1 missing, 1 wrong, 0 duplicate');
    const at = new Date(t * 1000).toISOString();
    expect(wrong.output).toContain(`first missing: ${device}-7-77 at ${at}, 1 was sent`);
    expect(wrong.output).toContain(`first wrong: ${factor} at ${at}, 99.5 was sent, 20.5 was read`);
    expect(wrong.output).toContain('line 3: not JSON');
    expect(wrong.code).toBe(2);
    expect(running.ledger().readings.imbalance).toBe(0);
    await expectShown(html, report);
  });
});

/** The browser that the environment names; without one the page is not looked at, which is said loudly and in CI is a failure. */
async function openBrowser(): Promise<Browser | undefined> {
  const executablePath = process.env['FURROW_TEST_CHROMIUM'];
  if (executablePath) return await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const missing =
    'FURROW_TEST_CHROMIUM is not set: the report page of furrow replay is not looked at in a browser';
  if (process.env['FURROW_TEST_ENGINES'] === 'required') throw new Error(missing);
  process.stderr.write(`\n*** ${missing} ***\n\n`);
  return undefined;
}

/** Opens the page from its file: no complaint, no request, every chart drawn, the figures of the JSON. */
async function expectShown(
  html: string,
  report: { totals: { acceptedReadings: number }; windows: readonly object[] },
): Promise<void> {
  const browser = await openBrowser();
  if (!browser) return;
  onTestFinished(() => browser.close());
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ colorScheme });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(html).href);
    expect(await page.title()).toContain('Furrow replay');
    expect(await page.locator('#title').textContent()).toContain(
      report.totals.acceptedReadings.toLocaleString('en-US'),
    );
    expect(await page.locator('#verdict').textContent()).toBe('All 864 points read back right');
    expect(await page.locator('#tiles').textContent()).toContain('Latency p99');
    expect(JSON.parse((await page.locator('#data').textContent()) ?? '')).toEqual(report);
    expect(await page.locator('.chart').count()).toBe(6);
    // A string, for it runs in the page and not here.
    const drawn = await page.evaluate<
      number[]
    >(`[...document.querySelectorAll('.chart canvas')].map((canvas) =>
      canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.filter((v, at) => at % 4 === 3 && v > 0).length)`);
    expect(drawn).toHaveLength(6);
    for (const pixels of drawn) expect(pixels).toBeGreaterThan(1_000);
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([pathToFileURL(html).href]);
    await page.close();
  }
}

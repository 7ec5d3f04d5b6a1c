import type { AgriId, Point } from '@furrow/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCall } from '../../src/timestream/encode-call.ts';
import { FakeTable } from './fake/fake-table.ts';
import { NOW, point } from './points.ts';

const TARGET = { database: 'furrow', table: 'points' };
const SETUP = { memoryHours: 24, magneticDays: 89, magneticWrites: true };

const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const points: fc.Arbitrary<Point> = fc
  .record({
    agriId: fc.oneof(names, fc.constant('d-1')).map((name) => name as AgriId),
    device: fc.oneof(names, fc.constant('d')).map((name) => name as AgriId),
    orgId: fc.oneof(names, fc.constant('o')),
    projectId: fc.oneof(names, fc.constant('p')),
    theType: fc.oneof(names, fc.constant('temp')),
    t: fc.oneof(fc.integer({ min: NOW - 1e6, max: NOW }), fc.constantFrom(NOW, NOW - 1_000)),
    version: fc.oneof(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), fc.constant(NOW)),
    value: fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(-0, 5e-324, Number.MAX_VALUE, 2 ** 64),
    ),
  })
  .map((fields) => ({ ...point(), ...fields }));

describe('encodeCall', () => {
  it('says of every record what its point says, whatever the points share', () => {
    const calls = fc.uniqueArray(points, {
      minLength: 1,
      maxLength: 100,
      selector: (each) => `${each.agriId} ${each.t}`,
    });
    fc.assert(
      fc.property(calls, (call) => {
        const table = new FakeTable(SETUP, () => NOW);
        const expected = call.map(({ t, value, version, agriId, device, orgId, projectId, theType }) => ({
          timeMs: t,
          measureName: theType,
          dimensions: { org_id: orgId, project_id: projectId, device, agri_id: agriId },
          measures: { value, version },
          version,
        }));
        table.write(JSON.parse(encodeCall(TARGET, call)));
        expect([...table.rows.values()].map(({ key, ...row }) => row)).toStrictEqual(expected);
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it.each([
    ['whole seconds', [NOW, NOW - 1_000], 'SECONDS'],
    ['a millisecond among them', [NOW, NOW - 1], 'MILLISECONDS'],
  ])('gives times in the coarsest exact unit: %s', (_, times, unit) => {
    const call = JSON.parse(
      encodeCall(
        TARGET,
        times.map((t) => point({ t })),
      ),
    );
    expect(call.CommonAttributes.TimeUnit).toBe(unit);
  });

  it('writes once what an uplink shares', () => {
    const ids = ['d-1000-abcd-1-000', 'd-1000-abcd-1-001'] as AgriId[];
    expect(
      JSON.parse(
        encodeCall(
          TARGET,
          ids.map((agriId) => point({ agriId })),
        ),
      ),
    ).toEqual({
      DatabaseName: 'furrow',
      TableName: 'points',
      CommonAttributes: {
        Dimensions: [
          { Name: 'org_id', Value: 'yanji-lab' },
          { Name: 'project_id', Value: 'greenhouse-alpha' },
          { Name: 'device', Value: 'd-1000-abcd' },
        ],
        MeasureName: 'temp',
        MeasureValueType: 'MULTI',
        TimeUnit: 'SECONDS',
        Time: String(NOW / 1000),
        Version: NOW,
      },
      Records: ids.map((Value) => ({
        Dimensions: [{ Name: 'agri_id', Value }],
        MeasureValues: [
          { Name: 'value', Value: '21.5', Type: 'DOUBLE' },
          { Name: 'version', Value: String(NOW), Type: 'BIGINT' },
        ],
      })),
    });
  });
});

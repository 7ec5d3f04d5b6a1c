import { describe, expect, it } from 'vitest';
import { AGRI_ID_PATH, apiUnderTest, FACTOR_PATH, TEMP, tempPoint } from './api-under-test.ts';

describe.each([
  ['by keys', FACTOR_PATH],
  ['by agri_id', AGRI_ID_PATH],
])('GET factor data %s', (_name, path) => {
  it('answers total and readings with v and t in UTC seconds', async () => {
    const { call, points } = apiUnderTest();
    points.push(tempPoint(1641715200_000, 25.6), tempPoint(1641715140_000, 25.5));
    const { status, json } = await call('GET', path, { token: 'reader' });
    expect(status).toBe(200);
    expect(json).toEqual({
      success: true,
      data: {
        total: 2,
        data: [
          { agri_id: TEMP, v: 25.6, t: 1641715200 },
          { agri_id: TEMP, v: 25.5, t: 1641715140 },
        ],
      },
      error: null,
    });
  });

  it('asks for page 1 of 50 unless told otherwise', async () => {
    const { call, asked } = apiUnderTest();
    await call('GET', path);
    await call('GET', `${path}?page=3&page_size=500&min_timestamp=1704758400&unknown=x`);
    expect(asked).toEqual([
      { agriId: TEMP, page: 1, pageSize: 50, minT: 0 },
      { agriId: TEMP, page: 3, pageSize: 500, minT: 1704758400_000 },
    ]);
  });

  it.each([
    'page=0',
    'page=1.5',
    'page=abc',
    'page=-1',
    'page_size=0',
    'page_size=10001',
    'min_timestamp=-5',
    'min_timestamp=now',
    'page=1&page=2',
  ])('refuses ?%s and names the parameter', async (query) => {
    const { call, asked } = apiUnderTest();
    const { status, json } = await call('GET', `${path}?${query}`);
    expect(status).toBe(400);
    expect(json.error.fields).toMatchObject([{ name: query.split('=')[0] }]);
    expect(asked).toEqual([]);
  });

  it('keeps each page by itself, and asks the store once for requests that come together', async () => {
    const { call, asked, points } = apiUnderTest();
    points.push(tempPoint(1641715200_000, 25.6));
    await Promise.all([call('GET', path), call('GET', path), call('GET', `${path}?page=2`)]);
    await call('GET', path);
    expect(asked).toHaveLength(2);
  });

  it('answers 404 for a factor that is not there', async () => {
    const { call } = apiUnderTest();
    const missing = path.replace('/7/', '/8/').replace(TEMP, `${TEMP}9`);
    expect(await call('GET', missing)).toMatchObject({
      status: 404,
      json: { error: { code: 'FACTOR_NOT_FOUND' } },
    });
  });
});

describe('GET factor data by agri_id', () => {
  it('refuses what is no agri_id', async () => {
    const { call } = apiUnderTest();
    expect(await call('GET', '/api/v2/factors/a%20b/data/')).toMatchObject({ status: 400 });
  });
});

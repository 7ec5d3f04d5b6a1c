import { FakeTimestream } from '../../../packages/timeseries/test/timestream/fake/fake-timestream.ts';
import { servePart } from './part.ts';

/** The strict fake of Timestream as a process of its own; says its endpoint, and what it would have billed. */
const fake = await FakeTimestream.start();
servePart(
  fake.endpoint,
  { counts: () => ({ requests: fake.table.writes, billedKib: fake.table.billedKib }) },
  () => fake.close(),
);

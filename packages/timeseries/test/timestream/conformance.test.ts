import { describePointStore } from '@furrow/timeseries/conformance';
import { TimestreamStore } from '@furrow/timeseries/timestream';
import { CONFIG, fakeClients, QUICK } from './fake/fake-clients.ts';
import { FakeTimestream } from './fake/fake-timestream.ts';

/** The cases ask what the store does, not how soon: nothing is given up because the machine is busy. */
const PATIENT = { ...QUICK, deadlineMs: 60_000 };

describePointStore(
  'Timestream (fake)',
  async (options) => {
    const fake = await FakeTimestream.start({ now: options.clock ?? Date.now });
    const open = () =>
      new TimestreamStore(fakeClients(fake, { requestTimeoutMs: 60_000 }), CONFIG, options, PATIENT);
    let store = open();
    return {
      store,
      async reopen() {
        await store.close();
        store = open();
        return store;
      },
      async dispose() {
        await store.close();
        await fake.close();
      },
    };
  },
  // An identical record is taken again without a word, and the service expires points by itself.
  { countsRepeats: false, dropsExpired: false, longestNameBytes: 256 },
);

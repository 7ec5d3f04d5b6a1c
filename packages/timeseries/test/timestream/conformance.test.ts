import { describePointStore } from '@furrow/timeseries/conformance';
import { TimestreamStore } from '@furrow/timeseries/timestream';
import { CONFIG, fakeClients, QUICK } from './fake/fake-clients.ts';
import { FakeTimestream } from './fake/fake-timestream.ts';

describePointStore(
  'Timestream (fake)',
  async (options) => {
    const fake = await FakeTimestream.start({ now: options.clock ?? Date.now });
    const open = () => new TimestreamStore(fakeClients(fake), CONFIG, options, QUICK);
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

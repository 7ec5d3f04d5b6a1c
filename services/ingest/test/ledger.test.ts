import type { Reject } from '@furrow/contracts';
import { describe, expect, it } from 'vitest';
import { Ledger } from '../src/ledger.ts';

const reject = (reason: Reject['reason']): Reject => ({ reason, message: '', path: '' });

describe('Ledger', () => {
  it('balances a message that is stored, rejected in part, and gone', () => {
    const ledger = new Ledger();
    const account = ledger.receive();
    account.found(5);
    expect(ledger.totals().readings).toMatchObject({ received: 5, inFlight: 5, imbalance: 0 });
    ledger.written({ stored: 2, alreadyStored: 1 });
    account.durable(3);
    expect(ledger.totals().readings).toMatchObject({ inFlight: 2, imbalance: 0 });
    account.settle('quarantined', [reject('no_reading'), reject('no_reading')]);
    expect(ledger.totals()).toEqual({
      readings: {
        received: 5,
        stored: 2,
        alreadyStored: 1,
        rejected: 2,
        rejectedByReason: { no_reading: 2 },
        returned: 0,
        inFlight: 0,
        imbalance: 0,
      },
      messages: { received: 1, acked: 0, quarantined: 1, returned: 0, inFlight: 0, imbalance: 0 },
    });
  });

  it('counts what a returned message had stored as stored, and the rest as returned', () => {
    const ledger = new Ledger();
    const account = ledger.receive();
    account.found(5);
    ledger.written({ stored: 2, alreadyStored: 0 });
    account.durable(2);
    account.settle('returned');
    account.settle('acked');
    expect(ledger.totals()).toMatchObject({
      readings: { stored: 2, returned: 3, inFlight: 0, imbalance: 0 },
      messages: { returned: 1, acked: 0, imbalance: 0 },
    });
  });

  it('stays balanced when a message that was given up is parsed and stored after all', () => {
    const ledger = new Ledger();
    const account = ledger.receive();
    account.settle('returned');
    account.found(4);
    expect(ledger.totals().readings).toMatchObject({ received: 4, returned: 4, imbalance: 0 });
    ledger.written({ stored: 4, alreadyStored: 0 });
    account.durable(4);
    expect(ledger.totals().readings).toMatchObject({ stored: 4, returned: 0, imbalance: 0 });
  });

  it('shows a reading that was lost, and one that was counted twice', () => {
    const lost = new Ledger();
    const account = lost.receive();
    account.found(3);
    lost.written({ stored: 2, alreadyStored: 0 });
    account.durable(2);
    account.settle('acked');
    expect(lost.totals().readings.imbalance).toBe(1);

    const twice = new Ledger();
    const other = twice.receive();
    other.found(1);
    twice.written({ stored: 1, alreadyStored: 0 });
    other.durable(1);
    other.settle('quarantined', [reject('too_old')]);
    expect(twice.totals().readings.imbalance).toBe(-1);
  });
});

import type { LedgerTotals } from './ledger.ts';

/** The books as lines for people: readings, messages, and the refused readings by reason when there are any. */
export function formatLedger({ readings, messages }: LedgerTotals): string[] {
  const line = (
    name: string,
    received: number,
    parts: Readonly<Record<string, number>>,
    imbalance: number,
  ): string =>
    `${name}: ${count(received)} received = ${Object.entries(parts)
      .map(([part, n]) => `${count(n)} ${part}`)
      .join(' + ')}; imbalance ${count(imbalance)}`;
  const reasons = Object.entries(readings.rejectedByReason).sort(([, a], [, b]) => b - a);
  return [
    line(
      'Readings',
      readings.received,
      {
        stored: readings.stored,
        'already stored': readings.alreadyStored,
        rejected: readings.rejected,
        returned: readings.returned,
        'in flight': readings.inFlight,
      },
      readings.imbalance,
    ),
    line(
      'Messages',
      messages.received,
      {
        acknowledged: messages.acked,
        quarantined: messages.quarantined,
        returned: messages.returned,
        'in flight': messages.inFlight,
      },
      messages.imbalance,
    ),
    ...(reasons.length > 0
      ? [`Rejected: ${reasons.map(([reason, n]) => `${count(n)} ${reason}`).join(', ')}`]
      : []),
  ];
}

function count(n: number): string {
  return n.toLocaleString('en-US');
}

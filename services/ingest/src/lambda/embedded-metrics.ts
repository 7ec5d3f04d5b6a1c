import type { LedgerTotals } from '../ledger.ts';

/**
 * The books of a batch as lines of CloudWatch's embedded metric format, under the names and labels that the worker has on `/metrics`:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(ledger: LedgerTotals, namespace: string, now: number): string[] {
  const { readings, messages } = ledger;
  const line = (metric: string, label: string, name: string, value: number): string =>
    JSON.stringify({
      _aws: {
        Timestamp: now,
        CloudWatchMetrics: [
          {
            Namespace: namespace,
            Dimensions: [['service', label]],
            Metrics: [{ Name: metric, Unit: 'Count' }],
          },
        ],
      },
      service: 'ingest',
      [label]: name,
      [metric]: value,
    });
  const entries = {
    received: readings.received,
    stored: readings.stored,
    already_stored: readings.alreadyStored,
    rejected: readings.rejected,
    returned: readings.returned,
  };
  return [
    line('furrow_ledger_imbalance', 'unit', 'readings', readings.imbalance),
    line('furrow_ledger_imbalance', 'unit', 'messages', messages.imbalance),
    ...Object.entries(entries).map(([entry, count]) => line('furrow_ledger_readings', 'entry', entry, count)),
    ...Object.entries(readings.rejectedByReason).map(([reason, count]) =>
      line('furrow_ledger_rejected_readings', 'reason', reason, count),
    ),
  ];
}

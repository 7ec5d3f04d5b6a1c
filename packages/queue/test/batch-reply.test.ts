import { describe, expect, it } from 'vitest';
import { rejectedEntries } from '../src/batch-reply.ts';

describe('rejectedEntries', () => {
  it('names what failed and what the answer does not mention', () => {
    const reply = {
      Successful: [{ Id: '0' }],
      Failed: [
        { Id: '2', Code: 'InternalError', SenderFault: false },
        { Id: '3', SenderFault: true },
      ],
    };
    expect(rejectedEntries(reply, 4)).toEqual([
      { index: 1, code: 'NoAnswer', message: 'the answer does not mention the entry', retryable: true },
      { index: 2, code: 'InternalError', message: 'InternalError', retryable: true },
      { index: 3, code: 'Unknown', message: 'Unknown', retryable: false },
    ]);
  });

  it('believes an entry failed that is named twice', () => {
    const reply = { Successful: [{ Id: '0' }], Failed: [{ Id: '0', Code: 'InternalError' }] };
    expect(rejectedEntries(reply, 1)).toHaveLength(1);
  });

  it('takes an empty answer for no acknowledgement', () => {
    expect(rejectedEntries({}, 2)).toHaveLength(2);
  });
});

import { describe, expect, it } from 'vitest';
import { readAwsFailure } from '../src/aws-failure.ts';
import { awsError } from './fixtures/faults.ts';

describe('readAwsFailure', () => {
  it.each([
    ['AccessDenied', awsError('AccessDenied', 403), false],
    ['QueueDoesNotExist', awsError('com.amazonaws.sqs#QueueDoesNotExist', 400), false],
    ['RequestThrottled', awsError('RequestThrottled', 403), true],
    ['ThrottlingException', awsError('ThrottlingException', 429), true],
    ['ServiceUnavailable', awsError('ServiceUnavailable', 503), true],
    ['ECONNREFUSED', Object.assign(new Error('no'), { code: 'ECONNREFUSED' }), true],
    ['TimeoutError', Object.assign(new Error('slow'), { name: 'TimeoutError' }), true],
    [
      'CredentialsProviderError',
      Object.assign(new Error('none'), { name: 'CredentialsProviderError' }),
      false,
    ],
    ['Unknown', 'text', true],
    ['Unknown', undefined, true],
  ])('reads %s', (code, error, retryable) => {
    expect(readAwsFailure(error)).toMatchObject({ code, retryable });
  });
});

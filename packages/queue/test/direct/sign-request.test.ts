import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/transport';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestSigner } from '../../src/direct/sign-request.ts';

const scopes = fc.record(
  {
    accessKeyId: fc.stringMatching(/^[A-Z0-9]{4,20}$/),
    secretAccessKey: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
    sessionToken: fc.stringMatching(/^[A-Za-z0-9+/=]{1,300}$/),
    region: fc.constantFrom('us-east-1', 'eu-central-1', 'cn-north-1'),
    service: fc.constantFrom('sqs', 'timestream'),
  },
  { requiredKeys: ['accessKeyId', 'secretAccessKey', 'region', 'service'] },
);
const requests = fc.record({
  path: fc.constantFrom('/', '/sqs/', '/a-b_c.d~e/f'),
  headers: fc.record({
    host: fc.constantFrom('sqs.us-east-1.amazonaws.com', '127.0.0.1:4566'),
    'content-type': fc.constant('application/x-amz-json-1.0'),
    'x-amz-target': fc.stringMatching(/^AmazonSQS\.[A-Za-z]{1,30}$/),
  }),
  body: fc.string({ unit: 'binary' }),
});
const times = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });

describe('RequestSigner', () => {
  it('signs as the SDK does, whatever is signed, and when keys and days change', async () => {
    const signer = new RequestSigner();
    const one = fc.tuple(requests, scopes, times);
    await fc.assert(
      fc.asyncProperty(one, async ([request, scope, at]) => {
        const { region, service, ...credentials } = scope;
        const sdk = new SignatureV4({ credentials, region, service, sha256: Sha256, applyChecksum: false });
        const theirs = await sdk.sign(
          new HttpRequest({
            ...{ method: 'POST', protocol: 'https:', hostname: 'here' },
            ...request,
          }),
          { signingDate: at },
        );
        // Twice: the second time with the key that was kept.
        expect(signer.sign(request, scope, at)).toEqual(theirs.headers);
        expect(signer.sign(request, scope, at)).toEqual(theirs.headers);
      }),
    );
  });
});

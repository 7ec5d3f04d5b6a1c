import { Stack } from 'aws-cdk-lib';
import { CfnPolicy, CfnPolicyPrincipalAttachment } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import type { StageConfig } from '../stage-config.ts';

/** Begins the names under which the tasks connect to the broker, as the downlink chooses them. */
const CLIENT_ID_PREFIX = 'furrow-downlink-';
/** Stands for the device in the downlink's topics. */
const DEVICE = '{device_id}';

/**
 * What the downlink's certificate may do at AWS IoT Core. Who comes with a certificate has the permissions of the policies that are attached
 * to it; the role of the task means nothing there. A service that connects must wait for this, or the broker refuses its first tasks.
 */
export class BrokerAccess extends Construct {
  /** Topics as the downlink's variables write them: where a device listens, and where it answers. */
  readonly topics: { readonly down: string; readonly up: string };

  constructor(scope: Construct, id: string, { downlink, nameSuffix }: StageConfig) {
    super(scope, id);
    const { topicPrefix, certificateArn } = downlink;
    this.topics = { down: `${topicPrefix}/${DEVICE}/down`, up: `${topicPrefix}/${DEVICE}/up` };
    const everyDown = this.topics.down.replace(DEVICE, '*');
    const everyUp = this.topics.up.replace(DEVICE, '*');
    const policy = new CfnPolicy(this, 'Policy', {
      policyName: `furrow-downlink${nameSuffix}`,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          this.#allow('Connect', 'client', `${CLIENT_ID_PREFIX}*`),
          this.#allow('Publish', 'topic', everyDown),
          this.#allow('Subscribe', 'topicfilter', everyUp),
          this.#allow('Receive', 'topic', everyUp),
        ],
      },
    });
    const attachment = new CfnPolicyPrincipalAttachment(this, 'Attachment', {
      policyName: `furrow-downlink${nameSuffix}`,
      principal: certificateArn,
    });
    attachment.addResourceDependency(policy);
  }

  #allow(action: string, resource: string, resourceName: string) {
    return {
      Effect: 'Allow',
      Action: `iot:${action}`,
      Resource: Stack.of(this).formatArn({ service: 'iot', resource, resourceName }),
    };
  }
}

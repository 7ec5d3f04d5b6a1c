import { App, type AppProps } from 'aws-cdk-lib';

/** Ways of CDK that are better than its defaults, which only old apps depend on. */
const FEATURES = {
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/aws-s3:createDefaultLoggingPolicy': true,
  '@aws-cdk/aws-ecs:disableExplicitDeploymentControllerForCircuitBreaker': true,
  '@aws-cdk/aws-ecs:reduceEc2FargateCloudWatchPermissions': true,
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  '@aws-cdk/core:enablePartitionLiterals': true,
  '@aws-cdk/customresources:installLatestAwsSdkDefault': false,
} as const;

/** The app with the features that its templates are written for, whoever runs it: the command line, `npm run synth` or a test. */
export function createApp(props: Pick<AppProps, 'outdir'> = {}): App {
  return new App({ ...props, analyticsReporting: false, autoSynth: false, postCliContext: FEATURES });
}

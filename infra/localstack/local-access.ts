/** The region and the credentials with which everything talks to a server on this machine; it knows no others. */
export const LOCAL_ACCESS = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
} as const;

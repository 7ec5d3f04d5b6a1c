import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** The IAM actions that a command of the SDK needs. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  CancelQuery: ['timestream:CancelQuery', 'timestream:DescribeEndpoints'],
  ChangeMessageVisibilityBatch: ['sqs:ChangeMessageVisibility'],
  DeleteMessageBatch: ['sqs:DeleteMessage'],
  DescribeTable: ['timestream:DescribeTable', 'timestream:DescribeEndpoints'],
  DescribeTasks: ['ecs:DescribeTasks'],
  GetQueueAttributes: ['sqs:GetQueueAttributes'],
  GetSecretValue: ['secretsmanager:GetSecretValue'],
  PutSecretValue: ['secretsmanager:PutSecretValue'],
  Query: ['timestream:Select', 'timestream:DescribeEndpoints'],
  // Whoever starts a task hands its roles over.
  RunTask: ['ecs:RunTask', 'iam:PassRole'],
  SendMessage: ['sqs:SendMessage'],
  SendMessageBatch: ['sqs:SendMessage'],
  StopTask: ['ecs:StopTask'],
  WriteRecords: ['timestream:WriteRecords', 'timestream:DescribeEndpoints'],
};

/** What a library calls on its own. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  'sqs-consumer': ['sqs:ReceiveMessage'],
  '@aws-sdk/rds-signer': ['rds-db:connect'],
};

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(type\s)?(?:\{([^}]*)\}|[\w*\s]+?)\s*from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import\s*'([^']+)'/g;

/**
 * The IAM actions that the code needs which can be reached from an entry file (a path from the root of the repository): every SDK command
 * that a file makes, in the files that are imported from there for more than a type. Throws for a command that is not known here.
 */
export function actionsOf(entry: string): string[] {
  const actions = new Set<string>();
  const seen = new Set<string>();
  visit(resolve(ROOT, entry));
  return [...actions].sort();

  function visit(file: string): void {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, command = ''] of text.matchAll(/new (\w+)Command\(/g)) {
      const needed = ACTIONS[command];
      if (needed === undefined) throw new Error(`${file}: nothing is known of ${command}Command`);
      for (const action of needed) actions.add(action);
    }
    for (const { specifier, names } of importsOf(text)) follow(file, specifier, names);
  }

  function follow(from: string, specifier: string, names: readonly string[] | undefined): void {
    for (const action of LIBRARIES[specifier] ?? []) actions.add(action);
    if (specifier.startsWith('.')) visit(resolve(dirname(from), specifier));
    if (!specifier.startsWith('@furrow/')) return;
    const index = indexOf(specifier);
    for (const file of filesOf(index, names)) visit(file);
  }
}

interface Import {
  readonly specifier: string;
  /** The names that are values; undefined for all. */
  readonly names: readonly string[] | undefined;
}

function importsOf(text: string): Import[] {
  return [...text.matchAll(IMPORT)].flatMap(([, type, list, from, dynamic, bare]): Import[] => {
    if (type !== undefined) return [];
    const specifier = from ?? dynamic ?? bare ?? '';
    if (list === undefined) return [{ specifier, names: undefined }];
    const names = valuesIn(list);
    return names.length === 0 ? [] : [{ specifier, names }];
  });
}

function valuesIn(list: string): string[] {
  return list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && !part.startsWith('type '))
    .map((part) => part.split(/\s+as\s+/)[0] ?? '');
}

/** The index of a package, or of the subpath that its package.json exports. */
function indexOf(specifier: string): string {
  const [, name = '', subpath] = /^@furrow\/([^/]+)(?:\/(.+))?$/.exec(specifier) ?? [];
  const room =
    [`packages/${name}`, `services/${name}`].find((path) => existsSync(resolve(ROOT, path))) ?? name;
  const { exports } = JSON.parse(readFileSync(resolve(ROOT, room, 'package.json'), 'utf8'));
  return resolve(ROOT, room, exports[subpath === undefined ? '.' : `./${subpath}`]);
}

/** Of an index, the files that those names come from: importing one name of a package is no use of the others. */
function filesOf(index: string, names: readonly string[] | undefined): string[] {
  return importsOf(readFileSync(index, 'utf8'))
    .filter((one) => names === undefined || one.names?.some((name) => names.includes(name)))
    .map(({ specifier }) => resolve(dirname(index), specifier));
}

import { setFlagsFromString } from 'node:v8';

/**
 * Tells V8 to collect garbage before it asks for more memory. Left alone it lets the heap of a process that makes a lot of short-lived
 * garbage grow to several times of what is in use (measured at full rate to SQS: 367 MiB resident with 40 MiB in use, 145 MiB after this,
 * at some CPU). Unlike a limit this ends no replay of a very large fleet. V8 reads both flags whenever it sizes its heap.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=20');
  setFlagsFromString('--semi-space-growth-factor=1');
}

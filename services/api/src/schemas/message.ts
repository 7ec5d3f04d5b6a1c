import { z } from 'zod';

/** The words of the documents for an action that is done. */
export const DONE = 'Operation successful';

export const messageSchema = z.object({ message: z.string() });

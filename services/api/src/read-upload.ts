import type { FastifyRequest } from 'fastify';
import { ApiError } from './errors.ts';
import type { Upload } from './route.ts';
import { requireStorableText } from './storable-text.ts';

/** Reads a multipart form whose one file is called `file`. Throws what the caller can mend. */
export async function readUpload(request: FastifyRequest): Promise<Upload> {
  if (!request.isMultipart()) {
    throw new ApiError(
      'UNSUPPORTED_MEDIA_TYPE',
      'the body is sent as "multipart/form-data" with a field "file"',
    );
  }
  const fields: Record<string, string> = {};
  let file: Buffer | undefined;
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field') fields[part.fieldname] = String(part.value);
      else if (part.fieldname === 'file') file = await part.toBuffer();
      else part.file.resume();
    }
  } catch (error) {
    // The library's own errors have codes; the form's parser throws plain ones for a form that breaks off or has no form.
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('FST_')) throw error;
    throw new ApiError('BAD_REQUEST', 'the body is not a complete multipart form', { cause: error });
  }
  if (file === undefined) {
    const message = 'the form has a file under this name';
    throw new ApiError('VALIDATION_ERROR', `file: ${message}`, { fields: [{ name: 'file', message }] });
  }
  requireStorableText('form', fields);
  return { file, fields };
}

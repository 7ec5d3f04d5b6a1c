/** What the benchmark uses of binary-parser 2.3.0, whose package names no types for ES modules. */
declare module 'binary-parser' {
  interface FieldOptions {
    readonly length?: number;
    readonly formatter?: (bytes: Buffer) => unknown;
  }

  type NumberField =
    | 'uint8'
    | `${'int' | 'uint'}${16 | 32 | 64}${'be' | 'le'}`
    | `${'float' | 'double'}${'be' | 'le'}`;

  type NumberFields = { [Field in NumberField]: (name: string) => Parser };

  export interface Parser extends NumberFields {
    buffer(name: string, options: FieldOptions): Parser;
    /** Compiles at the first call. Throws a RangeError when the bytes end too soon. */
    parse(bytes: Buffer): Record<string, number | bigint>;
  }

  export const Parser: new () => Parser;
}

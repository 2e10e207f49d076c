import { z } from 'zod';

const unitBytes = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const;
type Unit = keyof typeof unitBytes;

/** A number of bytes as Docker writes it: `512m`, `4g`; units are powers of 1024. From 4 MiB to 16 TiB. */
export const byteSize = z
  .string()
  .regex(/^\d{1,9}[bkmg]$/, 'a whole number with b, k, m or g, such as 512m or 4g')
  .refine(
    (value) => toBytes(value) >= 4 * unitBytes.m && toBytes(value) <= 16_384 * unitBytes.g,
    'from 4m to 16384g',
  )
  .brand<'ByteSize'>();
export type ByteSize = z.infer<typeof byteSize>;

export function bytes(size: ByteSize): number {
  return toBytes(size);
}

function toBytes(text: string): number {
  return Number(text.slice(0, -1)) * unitBytes[text.slice(-1) as Unit];
}

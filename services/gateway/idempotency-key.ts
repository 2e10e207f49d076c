import { RequestProblem } from './problems.ts';

const form = /^[\u0020-\u007e]{1,255}$/;

/** @throws RequestProblem for a key that cannot be stored */
export function idempotencyKeyOf(call: { header(name: string): string | undefined }): string | undefined {
  const key = call.header('idempotency-key');
  if (key === undefined || form.test(key)) return key;
  throw new RequestProblem(
    'InvalidRequest',
    'The header Idempotency-Key must hold 1 to 255 printable ASCII characters.',
    [{ path: 'header.Idempotency-Key', message: '1 to 255 printable ASCII characters' }],
  );
}

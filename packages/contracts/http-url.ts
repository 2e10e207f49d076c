import { z } from 'zod';

/** Credentials in an address end up in links, logs and payloads; they have variables of their own. */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'an http:// or https:// address' })
  .refine(
    (value) => !/^[^/]*\/\/[^/?#]*@/.test(value),
    'an address without user name and password; set those by themselves',
  );

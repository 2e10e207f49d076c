import { describe, expect, test } from '@jest/globals';
import { byteSize, bytes } from './byte-size.ts';

describe('a size in bytes', () => {
  test.each([
    ['4m', 4 * 1024 ** 2],
    ['512m', 512 * 1024 ** 2],
    ['4g', 4 * 1024 ** 3],
    ['8192k', 8 * 1024 ** 2],
  ])('%s is %d', (text, expected) => {
    expect(bytes(byteSize.parse(text))).toBe(expected);
  });

  test.each(['', '4', '4G', '-1g', '1.5g', '0g', '1m', '4gb', '999999999g'])('%j is none', (text) => {
    expect(byteSize.safeParse(text).success).toBe(false);
  });
});

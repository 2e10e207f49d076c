import { expect, test } from '@jest/globals';
import { withDirectLoopback } from './direct-loopback.ts';

test('the machine itself is reached without a proxy', () => {
  expect(withDirectLoopback({ HTTP_PROXY: 'http://proxy:3128' })).toEqual({
    HTTP_PROXY: 'http://proxy:3128',
    NO_PROXY: '127.0.0.1,localhost',
    no_proxy: '127.0.0.1,localhost',
  });
});

test('what was excepted before stays so, in both spellings and for gRPC', () => {
  const { NO_PROXY, no_proxy, no_grpc_proxy } = withDirectLoopback({
    NO_PROXY: 'intranet, localhost',
    no_proxy: 'other',
    no_grpc_proxy: 'temporal',
  });
  expect(NO_PROXY).toBe('other,intranet,localhost,127.0.0.1');
  expect(no_proxy).toBe(NO_PROXY);
  expect(no_grpc_proxy).toBe('temporal,127.0.0.1,localhost');
});

test('a list that excepts everything stays as it is', () => {
  expect(withDirectLoopback({ NO_PROXY: '*' }).NO_PROXY).toBe('*');
});

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { findGateway } from './connection.ts';

function folderWithStack(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'connection-'));
  mkdirSync(path.join(folder, '.watchtower'));
  mkdirSync(path.join(folder, 'deep', 'er'), { recursive: true });
  const endpoints = { gateway: 'http://127.0.0.1:4000', api_key: 'local key' };
  writeFileSync(path.join(folder, '.watchtower', 'endpoints.json'), JSON.stringify(endpoints));
  return folder;
}

describe('the gateway is found', () => {
  const folder = folderWithStack();
  const local = { url: 'http://127.0.0.1:4000', key: 'local key' };

  test('in the nearest folder above that has a stack', () => {
    expect(findGateway({}, path.join(folder, 'deep', 'er'))).toEqual(local);
  });

  test('in WATCHTOWER_HOME', () => {
    expect(findGateway({ WATCHTOWER_HOME: path.join(folder, '.watchtower') }, '/')).toEqual(local);
  });

  test('in a relative WATCHTOWER_HOME, which counts from the repository', () => {
    const repository = path.resolve(import.meta.dirname, '../..');
    const variables = { WATCHTOWER_HOME: path.relative(repository, path.join(folder, '.watchtower')) };
    expect(findGateway(variables, '/')).toEqual(local);
    expect(findGateway(variables, folder)).toEqual(local);
  });

  test('and never by an address with credentials, which is not repeated', () => {
    for (const url of ['https://reader:hunter2@example.org', 'ftp://reader:hunter2@example.org']) {
      expect(() => findGateway({ WATCHTOWER_URL: url }, folder)).toThrow(/^WATCHTOWER_URL (?!.*hunter2)/);
    }
  });

  test('in the variables before anywhere else', () => {
    const variables = { WATCHTOWER_URL: 'https://example.org/', WATCHTOWER_API_KEY: 'k' };
    expect(findGateway(variables, folder)).toEqual({ url: 'https://example.org', key: 'k' });
  });

  test('and the local key is sent to nobody else', () => {
    expect(findGateway({ WATCHTOWER_URL: 'https://example.org' }, folder).key).toBeUndefined();
    expect(findGateway({ WATCHTOWER_URL: 'http://127.0.0.1:4000' }, folder).key).toBe('local key');
  });

  test('or the command says how to start one', () => {
    expect(() => findGateway({ WATCHTOWER_HOME: '/nowhere' }, '/')).toThrow(/watchtower up/);
    expect(() => findGateway({ WATCHTOWER_URL: 'example' }, '/')).toThrow(/http:/);
  });
});

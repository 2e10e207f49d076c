import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { findGateway } from './gateway-address.ts';

function folderWithStack(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gateway-address-'));
  mkdirSync(path.join(folder, '.watchtower'));
  mkdirSync(path.join(folder, 'deep', 'er'), { recursive: true });
  const endpoints = { gateway: 'http://127.0.0.1:4000', api_key: 'local key' };
  writeFileSync(path.join(folder, '.watchtower', 'endpoints.json'), JSON.stringify(endpoints));
  return folder;
}

describe('the gateway is found', () => {
  const folder = folderWithStack();
  const file = path.join(folder, '.watchtower', 'endpoints.json');
  const local = { url: 'http://127.0.0.1:4000', urlFrom: file, key: 'local key', keyFrom: file };

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
    expect(findGateway(variables, folder)).toEqual({
      url: 'https://example.org',
      urlFrom: 'WATCHTOWER_URL',
      key: 'k',
      keyFrom: 'WATCHTOWER_API_KEY',
    });
  });

  test('and the local key is sent to nobody else', () => {
    expect(findGateway({ WATCHTOWER_URL: 'https://example.org' }, folder).key).toBeUndefined();
    expect(findGateway({ WATCHTOWER_URL: 'http://127.0.0.1:4000' }, folder).key).toBe('local key');
  });

  test('or the command says how to start one', () => {
    expect(() => findGateway({ WATCHTOWER_HOME: '/nowhere' }, '/')).toThrow(
      'No stack is up here (there is no /nowhere/endpoints.json): start one with "watchtower up", or set',
    );
    expect(() => findGateway({ WATCHTOWER_URL: 'example' }, '/')).toThrow(
      'WATCHTOWER_URL was "example"; it is the gateway\'s http:// or https:// address.',
    );
  });

  test('and a key of the variables goes to the stack that is up', () => {
    expect(findGateway({ WATCHTOWER_API_KEY: 'k' }, folder)).toEqual({
      ...local,
      key: 'k',
      keyFrom: 'WATCHTOWER_API_KEY',
    });
  });

  test('and a file that does not tell it is named', () => {
    const broken = mkdtempSync(path.join(tmpdir(), 'gateway-address-'));
    writeFileSync(path.join(broken, 'endpoints.json'), '{"gateway":');
    expect(() => findGateway({ WATCHTOWER_HOME: broken }, '/')).toThrow(
      `${path.join(broken, 'endpoints.json')} does not tell where the stack is`,
    );
  });
});

import { describe, expect, test } from '@jest/globals';
import { sha256 } from '@watchtower/contracts/digest';
import { patientStore } from './patient-store.ts';

function failing(times: number) {
  let tried = 0;
  const put = async (content: string | Uint8Array) => {
    tried += 1;
    if (tried <= times) throw new Error(`Failure ${tried}`);
    return sha256(content);
  };
  return { put, tried: () => tried };
}

describe('a patient store', () => {
  test('keeps what could not be written at first', async () => {
    const store = failing(2);
    await expect(patientStore(store).put('said')).resolves.toBe(sha256('said'));
    expect(store.tried()).toBe(3);
  });

  test('fails with the last failure', async () => {
    await expect(patientStore(failing(9)).put('said')).rejects.toThrow('Failure 3');
  });
});

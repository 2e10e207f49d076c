import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Environment, WatchtowerError } from '@watchtower/contracts';
import type Dockerode from 'dockerode';

const localSocket = 'unix:///var/run/docker.sock';

export type EngineSettings = Pick<Environment, 'DOCKER_HOST' | 'DOCKER_CERT_PATH'>;

export interface EngineAddress {
  /** For people. */
  readonly name: string;
  readonly target: Dockerode.DockerOptions;
}

/**
 * Where the engine is, and who we are to it: with DOCKER_CERT_PATH both sides show certificates, as Docker's own client has it.
 *
 * @throws WatchtowerError `TrainerRejected` where a certificate can't be read
 */
export async function engineAddress({
  DOCKER_HOST = localSocket,
  DOCKER_CERT_PATH: folder,
}: EngineSettings): Promise<EngineAddress> {
  const address = new URL(DOCKER_HOST);
  if (address.protocol === 'unix:') return { name: DOCKER_HOST, target: { socketPath: address.pathname } };
  const secure = folder !== undefined || address.protocol === 'https:';
  const target = {
    protocol: secure ? 'https' : 'http',
    host: address.hostname,
    port: address.port || (secure ? 2376 : 2375),
  } as const;
  if (folder === undefined) return { name: DOCKER_HOST, target };
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => read(folder, name)),
  );
  return { name: DOCKER_HOST, target: { ...target, ca, cert, key } };
}

async function read(folder: string, name: string): Promise<string> {
  const file = path.join(folder, name);
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new WatchtowerError(
      'TrainerRejected',
      `${file} can't be read (${cause instanceof Error ? cause.message : String(cause)}). DOCKER_CERT_PATH names a folder with ca.pem, cert.pem and key.pem.`,
    );
  });
}

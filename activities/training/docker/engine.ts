import type { Readable } from 'node:stream';
import { WatchtowerError } from '@watchtower/contracts';
import type Dockerode from 'dockerode';
import { z } from 'zod';
import { failureIn } from './engine-account.ts';
import { type EngineSettings, engineAddress } from './engine-address.ts';

/** An engine that hangs answers nothing more: this long a connection may be silent. */
const longestSilenceMs = 60_000;

export interface ContainerState {
  readonly status: 'created' | 'running' | 'exited';
  readonly exit_code: number;
  readonly out_of_memory: boolean;
  /** Why it could not be started; empty where it could. */
  readonly error: string;
  /** Milliseconds since the epoch; 0 where that has not happened. */
  readonly started_at: number;
  readonly finished_at: number;
  /** The image's id, which does not move as a tag does. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Found {
  readonly name: string;
  readonly running: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

export interface StartProblem {
  readonly message: string;
  /** It may be the engine's trouble, such as a want of memory, and not the container's own. */
  readonly may_pass: boolean;
}

type Labels = readonly string[];

const moment = z.string().transform((text) => Math.max(0, Date.parse(text) || 0));
const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((found) => found ?? {});
const inspected = z.object({
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    ExitCode: z.int(),
    OOMKilled: z.boolean(),
    Error: z.string().default(''),
    StartedAt: moment,
    FinishedAt: moment,
  }),
  Image: z.string(),
  Config: z.object({ Labels: labels }),
});
const identity = z.object({ ID: z.string().min(1), Name: z.string() });
const listed = z.array(z.object({ Names: z.array(z.string()), State: z.string(), Labels: labels }));
const volumes = z.object({ Volumes: z.array(z.object({ Name: z.string(), Labels: labels })).nullish() });
const refusal = z.object({ statusCode: z.int(), message: z.string() });

/** What is asked of a Docker engine. What is not there is `null` or `false`; doing something again does nothing. */
export type Engine = ReturnType<typeof engineOf>;

export async function connectEngine(settings: EngineSettings, silenceMs = longestSilenceMs): Promise<Engine> {
  const { name, target } = await engineAddress(settings);
  // Loaded where it is needed: it is large, and most workers train without it.
  const { default: Docker } = await import('dockerode');
  return engineOf(new Docker({ ...target, timeout: silenceMs }), new Docker(target), name);
}

/** @param patient for what may be silent for long: a pull, a build */
function engineOf(docker: Dockerode, patient: Dockerode, address: string) {
  /** @param absent what it is worth where the engine says that there is no such thing (or already one, or no need) */
  async function ask<T, A = never>(
    what: string,
    act: () => Promise<T>,
    absent: Readonly<Record<number, A>> = {},
  ): Promise<T | A> {
    try {
      return await act();
    } catch (cause) {
      const refused = refusal.safeParse(cause).data;
      if (!refused) throw unavailable(address, what, cause);
      const status = refused.statusCode;
      for (const [code, value] of Object.entries(absent)) if (Number(code) === status) return value;
      // A server error of the engine may be about this request alone: it names it, and Temporal waits longer each time.
      if (status >= 500) throw unavailable(address, what, cause);
      throw new WatchtowerError(
        'TrainerRejected',
        `The Docker engine refused to ${what} (${status}: ${refused.message.slice(0, 500)}).`,
        { cause },
      );
    }
  }

  return {
    address,
    identity: async () => {
      const { ID, Name } = identity.parse(await ask('tell who it is', () => docker.info()));
      return { id: ID, name: Name };
    },

    inspect: async (name: string): Promise<ContainerState | null> => {
      const found = await ask(`inspect ${name}`, () => docker.getContainer(name).inspect(), { 404: null });
      if (found === null) return null;
      const { State: state, Image, Config } = inspected.parse(found);
      return {
        status: state.Running ? 'running' : state.Status === 'created' ? 'created' : 'exited',
        exit_code: state.ExitCode,
        out_of_memory: state.OOMKilled,
        error: state.Error,
        started_at: state.StartedAt,
        finished_at: state.FinishedAt,
        image: Image,
        labels: Config.Labels,
      };
    },
    /** @returns false where there is one of this name */
    create: async (options: Dockerode.ContainerCreateOptions & { name: string }): Promise<boolean> => {
      const made = await ask(`create ${options.name}`, () => docker.createContainer(options), { 409: null });
      return made !== null;
    },
    /** @returns false where the name is taken, or there is nothing to rename */
    rename: async (from: string, to: string): Promise<boolean> => {
      const done = await ask(
        `rename ${from}`,
        async () => {
          await docker.getContainer(from).rename({ name: to });
          return true;
        },
        { 404: false, 409: false },
      );
      return done;
    },
    /** @returns why it can't be started; null where it was, or is gone */
    start: async (name: string): Promise<StartProblem | null> => {
      try {
        await docker.getContainer(name).start();
        return null;
      } catch (cause) {
        const refused = refusal.safeParse(cause).data;
        if (!refused) throw unavailable(address, `start ${name}`, cause);
        if ([304, 404].includes(refused.statusCode)) return null;
        return { message: refused.message, may_pass: refused.statusCode >= 500 };
      }
    },
    /** SIGTERM, `seconds` later SIGKILL. @returns whether it was running */
    stop: (name: string, seconds: number): Promise<boolean> =>
      ask(
        `stop ${name}`,
        async () => {
          await docker.getContainer(name).stop({ t: seconds });
          return true;
        },
        { 304: false, 404: false },
      ),
    /** Whatever state it is in. */
    remove: async (name: string): Promise<void> => {
      await ask(`remove ${name}`, () => docker.getContainer(name).remove({ force: true }), {
        404: null,
        // Being removed by somebody else.
        409: null,
      });
    },
    list: async (withLabels: Labels): Promise<readonly Found[]> => {
      const answer = await ask('list containers', () =>
        docker.listContainers({ all: true, filters: { label: [...withLabels] } }),
      );
      return listed.parse(answer).map(({ Names, State, Labels }) => ({
        name: (Names[0] ?? '').replace(/^\//, ''),
        running: State === 'running',
        labels: Labels,
      }));
    },

    /** @param since only what was written from then on, in seconds since the epoch, as decimal text */
    logs: async (
      name: string,
      options: { readonly timestamps?: boolean; readonly tail?: number; readonly since?: string } = {},
    ): Promise<Buffer> =>
      ask(
        `read the log of ${name}`,
        () => docker.getContainer(name).logs({ ...options, follow: false, stdout: true, stderr: true }),
        { 404: Buffer.alloc(0) },
      ),
    /** Unpacks a tar into a folder of the container. */
    put: async (name: string, path: string, tar: Readable): Promise<void> => {
      await ask(`copy into ${name}`, () => docker.getContainer(name).putArchive(tar, { path }));
    },
    /** A tar of a folder of the container; null where there is no such folder or container. */
    get: (name: string, path: string): Promise<NodeJS.ReadableStream | null> =>
      ask(`copy from ${name}`, () => docker.getContainer(name).getArchive({ path }), { 404: null }),

    /** Makes it, unless it is there. */
    createVolume: async (options: Dockerode.VolumeCreateOptions & { Name: string }): Promise<void> => {
      await ask(`create the volume ${options.Name}`, () => docker.createVolume(options));
    },
    removeVolume: async (name: string): Promise<void> => {
      // In use for a moment after its last container went: the janitor comes again.
      await ask(`remove the volume ${name}`, () => docker.getVolume(name).remove(), { 404: null, 409: null });
    },
    listVolumes: async (withLabels: Labels): Promise<readonly Omit<Found, 'running'>[]> => {
      const answer = await ask('list volumes', () =>
        docker.listVolumes({ filters: { label: [...withLabels] } }),
      );
      return (volumes.parse(answer).Volumes ?? []).map(({ Name, Labels }) => ({
        name: Name,
        labels: Labels,
      }));
    },

    hasImage: async (name: string): Promise<boolean> =>
      (await ask(`look for the image ${name}`, () => docker.getImage(name).inspect(), { 404: null })) !==
      null,
    /** @throws WatchtowerError `TrainerRejected` where no registry has it, or it may not be read */
    pull: async (name: string, abortSignal: AbortSignal): Promise<void> => {
      const failed = await ask(
        `pull the image ${name} from its registry`,
        async () => failureIn(await patient.pull(name, { abortSignal })),
        { 404: 'there is no such image' },
      );
      if (failed === null) return;
      throw new WatchtowerError(
        'TrainerRejected',
        `The Docker engine could not pull the image ${name} (${failed.slice(0, 300)}). Load it, or correct EXECUTION_DOCKER_IMAGE or retrain.docker.image.`,
      );
    },
    /** Ends with the signal, on the engine as well. @returns what was wrong with the build, or null */
    build: (
      context: Readable,
      options: Dockerode.ImageBuildOptions,
      abortSignal: AbortSignal,
    ): Promise<string | null> =>
      ask('build the image', async () =>
        failureIn(await patient.buildImage(context, { ...options, abortSignal })),
      ),
  };
}

export function unavailable(address: string, what: string, cause: unknown): WatchtowerError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new WatchtowerError(
    'TrainerUnavailable',
    `The Docker engine at ${address} could not ${what} (${reason.slice(0, 300)}). It is tried again; check that the engine runs and that this worker may use it.`,
    { cause },
  );
}

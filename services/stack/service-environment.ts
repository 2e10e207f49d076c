import { join } from 'node:path';
import type { Endpoints } from '@watchtower/client/endpoints';
import { withDirectLoopback } from './direct-loopback.ts';
import type { Ports } from './ports.ts';
import type { StateFolder } from './state-folder.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** The project's Python: of its venv, or the one PYTHON names. */
export const projectPython = (state: StateFolder, variables: Variables): string =>
  variables.PYTHON || join(state.venv, 'bin', 'python');

/**
 * What the stack's processes find in their environment: the caller's own, in which the addresses of
 * `packages/contracts/environment.ts` are this stack's. Flags for the caller's Node are not for its children.
 */
export function serviceEnvironment(
  variables: Variables,
  state: StateFolder,
  ports: Ports,
  endpoints: Endpoints,
): Variables {
  return {
    ...withDirectLoopback(variables),
    NODE_OPTIONS: undefined,
    DATABASE_URL: endpoints.database_url,
    TEMPORAL_ADDRESS: endpoints.temporal,
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_UI_URL: endpoints.temporal_ui,
    MLFLOW_TRACKING_URI: endpoints.mlflow,
    API_KEY: endpoints.api_key,
    GATEWAY_HOST: '127.0.0.1',
    GATEWAY_PORT: String(ports.gateway),
    WORKSPACE_BASE_DIR: state.workspaces,
    ARTIFACT_DIR: state.artifacts,
    PYTHON: projectPython(state, variables),
  };
}

/**
 * The same for everybody but the worker: only it calls language models. Servers, examples and their training scripts
 * have no use for those keys.
 */
export const withoutLanguageModelKeys = (variables: Variables): Variables => ({
  ...variables,
  ANTHROPIC_API_KEY: undefined,
  OPENAI_API_KEY: undefined,
  GROQ_API_KEY: undefined,
});

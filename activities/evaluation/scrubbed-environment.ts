import type { Environment } from '@watchtower/contracts';

/**
 * What a model's code may see of our environment: nothing that is ours. No API key, no database, no MLflow and its
 * credentials, nothing of the user's home.
 */
export const scoringEnvironment = (home: string): Record<string, string> => ({
  ...basics(home),
  MLFLOW_DISABLE_TELEMETRY: 'true',
  // Idle threads of a parallel region sleep instead of spinning: two models are scored at a time.
  OMP_WAIT_POLICY: 'PASSIVE',
});

/** What fetching a model's files needs. No code of the model's runs there. */
export function downloadingEnvironment(environment: Environment, home: string): Record<string, string> {
  return {
    ...basics(home),
    MLFLOW_TRACKING_URI: environment.MLFLOW_TRACKING_URI,
    ...defined({
      MLFLOW_TRACKING_USERNAME: environment.MLFLOW_TRACKING_USERNAME,
      MLFLOW_TRACKING_PASSWORD: environment.MLFLOW_TRACKING_PASSWORD,
      MLFLOW_TRACKING_TOKEN: environment.MLFLOW_TRACKING_TOKEN,
    }),
    MLFLOW_DISABLE_TELEMETRY: 'true',
    // An outage is retried by Temporal, which can say so; MLflow's client would be silent for minutes.
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: '2',
    MLFLOW_HTTP_REQUEST_TIMEOUT: '30',
  };
}

/**
 * What pip needs to reach its registry the way this machine is set up to. Of a model's code, only what a source package
 * among its requirements runs while it is built sees it.
 */
const pipVariables = [
  'PIP_INDEX_URL',
  'PIP_EXTRA_INDEX_URL',
  'PIP_FIND_LINKS',
  'PIP_CERT',
  'PIP_CONFIG_FILE',
  'PIP_DEFAULT_TIMEOUT',
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
];

export const buildingEnvironment = (home: string): Record<string, string> => ({
  ...basics(home),
  ...defined(Object.fromEntries(pipVariables.map((name) => [name, process.env[name]]))),
});

const basics = (home: string): Record<string, string> => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  HOME: home,
  TMPDIR: home,
  LANG: 'C.UTF-8',
  PYTHONNOUSERSITE: '1',
});

function defined(variables: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

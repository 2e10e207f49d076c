/** Of python-packages.mjs, for the tests, which are TypeScript. */
export function installRequirements(options: {
  readonly python: string;
  readonly venv: string;
  readonly requirements: string;
  readonly variables: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
}): Promise<void>;

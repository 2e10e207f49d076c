/** Of run-projects.mjs, for the tests, which are TypeScript. */
export function runProjects(options: {
  readonly root: string;
  readonly state: string;
  readonly projects: readonly { readonly name: string; readonly nodeOptions: string }[];
  readonly args: readonly string[];
  readonly variables: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  readonly progress?: 'inherit' | 'ignore';
}): Promise<{
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly reasons: readonly string[];
}>;

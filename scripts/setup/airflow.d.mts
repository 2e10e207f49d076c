/** Of airflow.mjs, for the tests, which are TypeScript. */
export const airflowParts: { readonly program: string; readonly database: string; readonly dags: string };

export function airflowEnvironment(
  folder: string,
  variables: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>>;

export function missingAirflow(variables?: Readonly<Record<string, string | undefined>>): string | undefined;

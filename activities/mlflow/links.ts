/** Pages of MLflow's UI, below the tracking URI (a path in front of it is kept). */
export function mlflowLinks(trackingUri: string) {
  const base = trackingUri.replace(/\/+$/, '');
  return {
    run: (experimentId: string, runId: string) =>
      `${base}/#/experiments/${encodeURIComponent(experimentId)}/runs/${encodeURIComponent(runId)}`,
    version: (name: string, version: string) =>
      `${base}/#/models/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}`,
  } as const;
}

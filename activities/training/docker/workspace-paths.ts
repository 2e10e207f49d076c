/** Where what lies, inside a container of ours. */
export const workspacePath = '/workspace';
export const codePath = `${workspacePath}/code`;
export const requestPath = `${workspacePath}/request.json`;
export const dataPath = `${workspacePath}/data.parquet`;
export const packagesPath = `${workspacePath}/packages`;
export const outputPath = `${workspacePath}/output`;

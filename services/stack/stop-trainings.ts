import { stopTrainings } from './trainings.ts';

/** Run by the watchdog after a supervisor that was killed: `stop-trainings.ts <workspace folder>`. */
const [workspaces] = process.argv.slice(2);
if (workspaces !== undefined) await stopTrainings(workspaces);

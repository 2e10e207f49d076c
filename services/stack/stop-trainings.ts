import { stopAllAttempts } from '@watchtower/activities/training/process/stop-attempts';

/** Run by the watchdog after a supervisor that was killed: `stop-trainings.ts <workspace folder>`. */
const [workspaces] = process.argv.slice(2);
if (workspaces === undefined) throw new Error('The workspace folder is missing.');
await stopAllAttempts(workspaces);

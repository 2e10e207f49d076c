import { ProcessRegister } from '../process-register.ts';
import { SupervisedService } from '../supervised-service.ts';
import { startWatchdog } from '../watchdog.ts';

/** For watchdog.test.ts: `supervisor.ts <folder>` supervises a shell with a child of its own, and prints its pid. */
const [folder = '.'] = process.argv.slice(2);
const watchdog = startWatchdog(
  { program: '/bin/sh', args: ['-c', `touch ${folder}/afterwards`] },
  process.env,
);
const register = new ProcessRegister(`${folder}/processes.json`);
const service = new SupervisedService(
  {
    name: 'stand-in',
    command: { program: '/bin/sh', args: ['-c', 'sleep 60 & echo ready; wait'] },
    environment: process.env,
    cwd: folder,
    stopSignal: 'SIGTERM',
    graceMs: 500,
    isReady: async (log) => log.includes('ready'),
    readyWithinMs: 5000,
  },
  {
    logFile: `${folder}/stand-in.log`,
    report: () => undefined,
    track: (verb, process) => {
      watchdog.track(verb, process);
      register.track(verb, process);
    },
  },
);
await service.start();
console.log(service.pid);

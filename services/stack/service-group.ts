import { join } from 'node:path';
import type { ServiceDefinition } from './service.ts';
import { StackError } from './stack-error.ts';
import { SupervisedService, type SupervisionOptions } from './supervised-service.ts';

export interface ServiceGroupOptions {
  /** Folder of a log each. */
  readonly logs: string;
  readonly report: SupervisionOptions['report'];
  readonly track: SupervisionOptions['track'];
}

/** The services of one stack: started one by one, none any more once the stop began. */
export class ServiceGroup {
  readonly #options: ServiceGroupOptions;
  readonly #services = new Map<string, SupervisedService>();
  #closed = false;

  constructor(options: ServiceGroupOptions) {
    this.#options = options;
  }

  /** Resolves when it is ready for the first time. @throws StackError where it can't be started */
  async start(definition: ServiceDefinition): Promise<void> {
    if (this.#closed) throw new StackError('The stack was stopped before it was up.');
    const { logs, report, track } = this.#options;
    const logFile = join(logs, `${definition.name}.log`);
    const service = new SupervisedService(definition, { logFile, report, track });
    this.#services.set(definition.name, service);
    await service.start();
  }

  /** From here on nothing is started. */
  close(): void {
    this.#closed = true;
  }

  /** These, side by side; one that was never started is stopped already. */
  async stop(...names: readonly string[]): Promise<void> {
    await Promise.all(names.map(async (name) => this.#services.get(name)?.stop()));
  }

  /** By force, without waiting. */
  killNow(): void {
    for (const service of this.#services.values()) service.killNow();
  }
}

export * from './api.ts';
export * from './byte-size.ts';
export * from './canonical-json.ts';
export * from './data-definition.ts';
export * from './decision.ts';
export * from './definition.ts';
export {
  type DockerSettings,
  dockerSettings,
  type TrainerName,
  trainerName,
} from './definition-sections.ts';
export * from './drift-config.ts';
export * from './drift-profile.ts';
export * from './drift-report.ts';
export * from './duration.ts';
export * from './environment.ts';
export * from './evaluation.ts';
export * from './evidence.ts';
export * from './failure.ts';
export * from './failure-catalogue.ts';
export * from './identifiers.ts';
export * from './lease.ts';
export * from './metric.ts';
export * from './pipeline-state.ts';
export * from './problem.ts';
export * from './reasoner-settings.ts';
export * from './reasoner-turn.ts';
export * from './run.ts';
export * from './step.ts';
export * from './tools.ts';
export * from './training.ts';
export * from './watchtower-error.ts';

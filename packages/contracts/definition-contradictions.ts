import { cronProblem } from './cron.ts';
import type { WindowDefinition } from './data-definition.ts';
import { type WindowName, windowName } from './identifiers.ts';
import {
  betterDirection,
  type Direction,
  type MetricName,
  type ModelOutput,
  metricsOfTask,
  needsProbability,
  outputsOfTask,
  type TaskType,
} from './metric.ts';
import type { LocatedProblem } from './problem.ts';
import { timeZoneProblem } from './time-zone.ts';
import type { DockerSettings } from './trainer-settings.ts';

/** What of a definition is looked at; a task that is left open may be any. */
export interface StatedDefinition {
  readonly task?: TaskType | undefined;
  readonly windows: Readonly<Record<WindowName, WindowDefinition>>;
  readonly evaluate: {
    readonly primary_metric: MetricName;
    readonly direction?: Direction | undefined;
    readonly output?: ModelOutput | undefined;
    readonly split: { readonly at: string } | { readonly fraction: number };
    readonly guardrails: readonly { readonly metric: MetricName }[];
  };
  readonly retrain: { readonly docker: Pick<DockerSettings, 'image' | 'build'> };
  readonly schedule?:
    | { readonly cron: string; readonly timezone: string; readonly window: string }
    | undefined;
}

/** What is well-formed field by field and yet cannot work, each at the field to change. */
export function contradictions(definition: StatedDefinition): readonly LocatedProblem[] {
  return [
    ...metricProblems(definition),
    ...directionProblems(definition),
    ...outputProblems(definition),
    ...splitProblems(definition),
    ...imageProblems(definition),
    ...scheduleProblems(definition),
  ];
}

/** Every metric that is named, with its place. */
function namedMetrics({ evaluate }: StatedDefinition) {
  return [
    { metric: evaluate.primary_metric, path: ['evaluate', 'primary_metric'] },
    ...evaluate.guardrails.map(({ metric }, index) => ({
      metric,
      path: ['evaluate', 'guardrails', index, 'metric'],
    })),
  ];
}

function metricProblems(definition: StatedDefinition): readonly LocatedProblem[] {
  const { task, evaluate } = definition;
  return namedMetrics(definition).flatMap(({ metric, path }) => {
    if (task !== undefined && !metricsOfTask[task].includes(metric)) {
      const possible = metricsOfTask[task].join(', ');
      return [{ path, message: `the task ${task} has no metric ${metric}; it has ${possible}` }];
    }
    if (evaluate.output !== 'label' || !needsProbability(metric)) return [];
    return [{ path, message: `${metric} needs probabilities, and evaluate.output is label` }];
  });
}

function directionProblems({ evaluate }: StatedDefinition): readonly LocatedProblem[] {
  const better = betterDirection(evaluate.primary_metric);
  if (evaluate.direction === undefined || evaluate.direction === better) return [];
  const message = `${evaluate.primary_metric} gets better when one would ${better} it; leave this field out`;
  return [{ path: ['evaluate', 'direction'], message }];
}

function outputProblems({ task, evaluate }: StatedDefinition): readonly LocatedProblem[] {
  if (task === undefined || evaluate.output === undefined) return [];
  const possible = outputsOfTask[task];
  if (possible.includes(evaluate.output)) return [];
  const message = `of a ${task} model it is ${possible.join(' or ')}`;
  return [{ path: ['evaluate', 'output'], message }];
}

/** A sliding window moves: whether a fixed split lies inside it, only the run can tell. */
function splitProblems({ windows, evaluate: { split } }: StatedDefinition): readonly LocatedProblem[] {
  const current: WindowDefinition | undefined = windows[windowName.parse('current')];
  if (current === undefined || !('from' in current) || !('at' in split)) return [];
  if (current.from < split.at && split.at < current.to) return [];
  const message = `lies outside the window "current" (${current.from} to ${current.to})`;
  return [{ path: ['evaluate', 'split', 'at'], message }];
}

function imageProblems({ retrain: { docker } }: StatedDefinition): readonly LocatedProblem[] {
  if (docker.image === undefined || docker.build === undefined) return [];
  const message = 'builds the image that image names; leave one out';
  return [{ path: ['retrain', 'docker', 'build'], message }];
}

function scheduleProblems({ windows, schedule }: StatedDefinition): readonly LocatedProblem[] {
  if (schedule === undefined) return [];
  const cron = cronProblem(schedule.cron);
  const timezone = timeZoneProblem(schedule.timezone);
  const window = schedule.window in windows ? null : 'the schedule names a window that is not defined';
  return Object.entries({ cron, timezone, window }).flatMap(([field, message]) =>
    message === null ? [] : [{ path: ['schedule', field], message }],
  );
}

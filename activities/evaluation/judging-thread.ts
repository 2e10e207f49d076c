import { compare, metricsOf } from '@watchtower/evaluation';
import { answerWith } from '../threads/thread-answer.ts';
import type { JudgingTask } from './judging.ts';

/** Thousands of resamples of as many rows take seconds to minutes. */
answerWith((task: JudgingTask) =>
  task.kind === 'metrics'
    ? metricsOf(task.scores)
    : compare(task.settings, task.window, task.challenger, task.champion),
);

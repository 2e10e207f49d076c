import { judgeDataset } from '@watchtower/drift';
import type { ActivityContext } from '../context.ts';
import type { DriftActivities } from '../interfaces/drift.ts';
import { activityWatch } from '../progress.ts';
import { answer } from './inspect.ts';
import { withWindowsPlan } from './plan-windows.ts';
import { runComparison } from './run-comparison.ts';
import { loadReport, storeReport } from './stored-report.ts';
import { summarise } from './summarise.ts';

export { compareFiles } from './compare-files.ts';

export function createDriftActivities(context: ActivityContext): DriftActivities {
  return {
    async measureDrift({ context: run, reference: referenceWindow }) {
      const watch = activityWatch();
      const { definition } = run;
      const windows = { reference: referenceWindow, current: run.current_window };
      watch.beat({ stage: 'opening the data' });
      const report = await withWindowsPlan(definition, windows, async (plan) => {
        // On other threads: this one answers Temporal meanwhile.
        const results = await runComparison(plan, {
          signal: watch.signal,
          onProgress: (done) => watch.beat({ stage: 'comparing', ...done }),
        });
        // Without timings: the same rows must give the same report, and the same digest, when this is repeated.
        return judgeDataset({
          measurements: results.flatMap(({ measurement }) => measurement ?? []),
          rows: { reference: plan.referenceRows, current: plan.current?.rows ?? 0 },
          settings: definition.drift,
          target: definition.data.target,
        });
      });
      const artifact = await storeReport(context, { id: run.run_id, model: run.model }, report);
      return summarise(report, artifact);
    },

    async inspectDrift({ run_id, question }) {
      return answer(await loadReport(context, run_id), question);
    },
  };
}

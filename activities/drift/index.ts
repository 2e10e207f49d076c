import { compareTables } from '@watchtower/drift';
import type { ActivityContext } from '../context.ts';
import { readWindow } from '../data/index.ts';
import type { DriftActivities } from '../interfaces/drift.ts';
import { activityWatch } from '../progress.ts';
import { answer } from './inspect.ts';
import { loadReport, storeReport } from './stored-report.ts';
import { summarise } from './summarise.ts';

export { compareFiles } from './compare-files.ts';

export function createDriftActivities(context: ActivityContext): DriftActivities {
  return {
    async measureDrift({ context: run, reference: referenceWindow }) {
      const watch = activityWatch();
      const beat = (stage: string) => (done: { readonly rows: number; readonly columns: number }) =>
        watch.beat({ stage, ...done });
      const { definition } = run;
      const reference = await readWindow(definition, referenceWindow, { progress: beat('reference') });
      const current = await readWindow(definition, run.current_window, {
        like: reference,
        progress: beat('current'),
      });
      const compared = beat('comparing');
      // Without timings: the same rows must give the same report, and the same digest, when this is repeated.
      const report = compareTables({
        reference,
        current,
        settings: definition.drift,
        columns: definition.data.columns,
        target: definition.data.target,
        onColumn: (done) => compared({ rows: reference.rows + current.rows, columns: done }),
      });
      const artifact = await storeReport(context, { id: run.run_id, model: run.model }, report);
      return summarise(report, artifact);
    },

    async inspectDrift({ run_id, question }) {
      return answer(await loadReport(context, run_id), question);
    },
  };
}

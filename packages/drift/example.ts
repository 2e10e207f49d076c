import {
  compareTables,
  judgeDataset,
  measureColumn,
  mergeProfiles,
  profileTable,
  defaultDriftSettings as settings,
  tableOf,
} from './index.ts';

// Any source of rows will do: here a hundred delays a day, and in the second month ten minutes more.
const month = (later: number) => {
  const days = Array.from({ length: 30 }, (_, day) => day);
  const delay = days.flatMap((day) =>
    Array.from({ length: 100 }, (_, i) => ((i * 37 + day) % 101) - 20 + later),
  );
  return tableOf(
    { delay, carrier: delay.map((_, i) => 'ABC'[i % 3]), late: delay.map((d) => d > 15) },
    { late: 'target' },
  );
};

// Two tables in memory.
const report = compareTables({ reference: month(0), current: month(10), settings, target: 'late' });
for (const { name, status, severity, reason } of report.columns)
  console.log(`${name}: ${status}, ${severity}. ${reason}`);
console.log(
  `${report.dataset.features_drifted} of 2 features drifted; score ${report.dataset.score.toFixed(2)}`,
);

// The same against a profile: made once, merged from parts, compared with many windows.
const profile = mergeProfiles(profileTable(month(0), 'late'), profileTable(month(0), 'late'));
const current = month(10);
const measurements = profile.columns.map((column) =>
  measureColumn(
    column,
    current.columns.find(({ name }) => name === column.name),
    settings,
    undefined,
  ),
);
const again = judgeDataset({
  measurements,
  rows: { reference: profile.rows, current: current.rows },
  settings,
  target: 'late',
});
console.log(`against ${again.dataset.rows_reference} rows of a profile: health ${again.dataset.health}`);

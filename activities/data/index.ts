export { type ExportedRows, exportRows } from './export-rows.ts';
export type { Progress } from './read-columns.ts';
export { readTable, type TableOptions } from './read-table.ts';
export { type ColumnValues, readValues } from './read-values.ts';
export { readWindow } from './read-window.ts';

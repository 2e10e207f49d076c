export { type ExportedRows, exportRows } from './export-rows.ts';
export { type ColumnValues, readValues } from './read-values.ts';

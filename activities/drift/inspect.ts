import { type DriftReport, type JsonObject, jsonObject, WatchtowerError } from '@watchtower/contracts';
import type { DriftQuestion } from '../interfaces/drift.ts';

/** An answer stays well below what one workflow payload may hold. */
const mostColumns = 100;

/** What a stored report says to one question of the reasoner. */
export function answer(report: DriftReport, question: DriftQuestion): JsonObject {
  switch (question.kind) {
    case 'statistical':
      return jsonObject.parse({
        dataset: report.dataset,
        columns: report.columns.slice(0, mostColumns).map(({ bins: _bins, ...column }) => column),
        columns_left_out: Math.max(0, report.columns.length - mostColumns),
      });
    case 'feature': {
      const column = report.columns.find((each) => each.name === question.column);
      if (column !== undefined) return jsonObject.parse(column);
      const names = report.columns
        .slice(0, mostColumns)
        .map((each) => each.name)
        .join(', ');
      throw new WatchtowerError(
        'ColumnMissing',
        `The drift report has no column "${question.column}". Its columns are ${names}.`,
      );
    }
    case 'target': {
      const { target } = report;
      const column = report.columns.find((each) => each.name === target?.name) ?? null;
      return jsonObject.parse({ target, column });
    }
  }
}

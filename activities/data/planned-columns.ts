import type { ColumnRole, ColumnType, ModelDefinition } from '@watchtower/contracts';
import type { RelationColumn } from './relation-columns.ts';

/** A column to be read: under which name, as what, and what for. */
export interface PlannedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly role: ColumnRole;
  /** Its role was named, so that nothing about its values makes it an identifier. */
  readonly roleIsGiven: boolean;
  /** Its type was named, or follows from the task. */
  readonly typeIsGiven: boolean;
}

/** Roles as the definition says; what it does not speak of is a feature of the type the data has. */
export function plannedColumns(
  definition: ModelDefinition,
  columns: readonly RelationColumn[],
): readonly PlannedColumn[] {
  const { data, task } = definition;
  return columns.flatMap(({ name, type: inferred }) => {
    const own = data.columns[name];
    const role = roleOf(name);
    const classes = role === 'target' && task !== 'regression';
    const type = own?.type ?? (classes && inferred === 'numeric' ? 'categorical' : inferred);
    return type === null
      ? []
      : [
          {
            name,
            type,
            role,
            roleIsGiven: role !== 'feature' || own?.role === 'feature',
            typeIsGiven: own?.type !== undefined || role === 'target',
          },
        ];
  });

  function roleOf(name: string): ColumnRole {
    if (name === data.time_column) return 'time';
    if (name === data.target) return 'target';
    if (name === data.prediction) return 'prediction';
    return data.columns[name]?.role ?? 'feature';
  }
}

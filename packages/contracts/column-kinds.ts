/** What a column of data may be; without schemas, since those take long to load. */
export const columnTypes = ['numeric', 'discrete', 'categorical', 'boolean', 'datetime'] as const;
export const columnRoles = ['feature', 'identifier', 'target', 'prediction', 'time', 'ignored'] as const;

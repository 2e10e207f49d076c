import { rowsOf, withDuckDb } from '@watchtower/activities/data/duckdb';
import { identifier, literal } from '@watchtower/activities/data/sql';

/** What DuckDB itself needs to scan and sum files with two threads: the yardstick. Prints the best of three, in seconds. */
const files = process.argv.slice(2);
await withDuckDb(async (connection) => {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round += 1) {
    const began = performance.now();
    for (const file of files) {
      const from = `FROM read_parquet(${literal(file)})`;
      const columns = await rowsOf(connection, `DESCRIBE SELECT * ${from}`);
      const sums = columns.map(([name, type]) => {
        const column = identifier(name ?? '');
        return type === 'DOUBLE' ? `sum(${column})` : `max(${column})`;
      });
      await connection.run(`SELECT ${sums.join(', ')} ${from}`);
    }
    best = Math.min(best, (performance.now() - began) / 1000);
  }
  process.stdout.write(`${best}\n`);
});

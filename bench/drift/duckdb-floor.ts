import { rowsOf, withDuckDb } from '@watchtower/activities/data/duckdb';
import { identifier, literal } from '@watchtower/activities/data/sql';

/**
 * What DuckDB itself needs to scan and sum files with two threads: the yardstick. Prints the best of three, in seconds, and
 * the least processor time of the three.
 */
const files = process.argv.slice(2);
await withDuckDb(async (connection) => {
  let seconds = Number.POSITIVE_INFINITY;
  let processor = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round += 1) {
    const began = performance.now();
    const used = process.cpuUsage();
    for (const file of files) {
      const from = `FROM read_parquet(${literal(file)})`;
      const columns = await rowsOf(connection, `DESCRIBE SELECT * ${from}`);
      const sums = columns.map(([name, type]) => {
        const column = identifier(name ?? '');
        return type === 'DOUBLE' ? `sum(${column})` : `max(${column})`;
      });
      await connection.run(`SELECT ${sums.join(', ')} ${from}`);
    }
    seconds = Math.min(seconds, (performance.now() - began) / 1000);
    const { user, system } = process.cpuUsage(used);
    processor = Math.min(processor, (user + system) / 1e6);
  }
  process.stdout.write(`${seconds} ${processor}\n`);
});

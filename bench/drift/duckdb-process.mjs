// What DuckDB needs to scan and sum files with two threads, as a process of its own: the least that whoever picks it waits for.
// Plain JavaScript, so that nothing is compiled on the way.
import { createRequire } from 'node:module';

const duckdb = createRequire(import.meta.resolve('@watchtower/activities/package.json'))(
  '@duckdb/node-bindings',
);
const config = duckdb.create_config();
duckdb.set_config(config, 'threads', '2');
const database = await duckdb.open(':memory:', config);
const connection = await duckdb.connect(database);
for (const file of process.argv.slice(2)) {
  const from = `FROM read_parquet('${file.replaceAll("'", "''")}')`;
  // Numbers have a sum; of texts the largest is found.
  const numbers = `SELECT sum(COLUMNS(c -> c NOT LIKE 'c%')), max(COLUMNS(c -> c LIKE 'c%')) ${from}`;
  await duckdb.query(connection, numbers);
}

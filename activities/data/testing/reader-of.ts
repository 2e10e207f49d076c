import { newWorkspace } from '@watchtower/drift';
import type { FlatFiles } from '../flat-files.ts';
import { type FlatReader, flatReader, readerBytes, readerDesk } from '../flat-reader.ts';

/** A reader of these files as a comparison has it, with room for one of their columns. */
export function readerOf(flat: FlatFiles): { readonly reader: FlatReader; readonly into: Float64Array } {
  const rows = { reference: flat.rows, current: 0 };
  const { reading, reference } = newWorkspace(1, rows, 0, readerBytes([flat]));
  const [into] = reference;
  if (reading === null || into === undefined) throw new Error('there is no memory');
  return { reader: flatReader(flat, readerDesk(reading.memory, reading.region, [flat]), () => {}), into };
}

/**
 * A monotone map of finite numbers to cells 0 … cells − 1 of about equal depth. Values are first mapped to a place among
 * segments: by equal widths, or by equal ratios (sign, exponent and leading bits of the mantissa). A table gives each
 * segment its first cell and its number of cells, as many as a sample has values there. Values outside the range lie in the
 * outer cells.
 */
export interface CellGrid {
  readonly kind: 'linear' | 'ratio';
  readonly cells: number;
  readonly segments: number;
  /** Linear: where the first segment begins. */
  readonly low: number;
  /** Ratio: the leading word at and below which sizes lie in the middle. */
  readonly least: number;
  /** Segments by unit of the value, or of the leading word. */
  readonly scale: number;
  /** Of each segment the first cell, and how many it has: at least one, so that cells know their ends. */
  readonly table: Float64Array;
}

/** Of each side, at most; of a small one a sixteenth, which is sorted sooner. */
const sampleSize = 2048;
const mostSegments = 512;
/** What keeps a place inside the last segment. */
const inside = 1e-6;

/** Equal ratios cost a little more than equal widths. */
const muchBetter = 1.25;

/** From this share of equal neighbours in a sorted sample on, cells are likely to hold one value many times. */
const manyTies = 0.02;

export interface ChosenGrid {
  readonly grid: CellGrid;
  readonly tied: boolean;
}

/**
 * The map that spreads a strided sample of both sides over more cells. Results do not hang on the choice: cells are only
 * where values are looked for.
 *
 * @param table where the grid's table is to stand: twice `segmentsFor(cells)` numbers
 */
export function chooseGrid(
  reference: Float64Array,
  current: Float64Array,
  cells: number,
  table: Float64Array = new Float64Array(2 * segmentsFor(cells)),
): ChosenGrid {
  const most = Math.min(sampleSize, Math.max(reference.length, current.length) >> 4);
  const sample = new Float64Array(2 * most + 2);
  const taken = addStrided(reference, most, sample, 0);
  const sorted = sample.subarray(0, addStrided(current, most, sample, taken)).sort();
  const linear = fitted(linearPlaces(sorted, cells), sorted);
  let equal = 0;
  for (let i = 1; i < sorted.length; i += 1) if (sorted[i] === sorted[i - 1]) equal += 1;
  // Where equal widths spread the sample well, equal ratios cannot do much better.
  const spread = muchBetter * occupied(linear, sorted);
  const ratio = spread < sorted.length ? fitted(ratioPlaces(sorted, cells), sorted) : linear;
  const better = occupied(ratio, sorted) > spread ? ratio : linear;
  table.set(better.table);
  return {
    grid: { ...better, table: table.subarray(0, better.table.length) },
    tied: equal > manyTies * sorted.length,
  };
}

export const segmentsFor = (cells: number): number => Math.min(mostSegments, cells >> 2);

function addStrided(values: Float64Array, most: number, sample: Float64Array, from: number): number {
  const step = Math.max(1, Math.ceil(values.length / Math.max(1, most)));
  let next = from;
  for (let i = 0; i < values.length; i += step) {
    sample[next] = values[i] ?? 0;
    next += 1;
  }
  return next;
}

/** Segments alone, one cell each. */
type Places = Omit<CellGrid, 'table'>;

function linearPlaces(sorted: Float64Array, cells: number): Places {
  const segments = segmentsFor(cells);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  // The tails beyond share the outer cells; a little room keeps them small.
  const low = at(0.002);
  const spread = at(0.998) - low || (at(1) - at(0)) / 2;
  const start = low - spread / 8;
  const scale = segments / (spread * 1.25);
  const usable = Number.isFinite(start) && Number.isFinite(scale) && scale > 0;
  return {
    kind: 'linear',
    cells,
    segments,
    least: -1,
    low: usable ? start : low,
    scale: usable ? scale : 0,
  };
}

function ratioPlaces(sorted: Float64Array, cells: number): Places {
  const segments = segmentsFor(cells);
  const sizes = sorted.map(Math.abs).sort();
  const smallest = sizes[Math.round(0.002 * (sizes.length - 1))] ?? 0;
  const least = Math.max(0, leadingWord(smallest === 0 ? (sizes.find((x) => x > 0) ?? 1) : smallest) - 1);
  const most = leadingWord(sizes.at(-1) ?? 0);
  return {
    kind: 'ratio',
    cells,
    segments,
    least,
    low: 0,
    scale: segments / 2 / Math.max(1, most - least + 1),
  };
}

/** Shares the cells out to the segments, one to each and the others by what lies there of a sample. */
function fitted(places: Places, sample: Float64Array): CellGrid {
  const { cells, segments } = places;
  const table = new Float64Array(2 * segments);
  for (let segment = 0; segment < segments; segment += 1) {
    table[2 * segment] = segment;
    table[2 * segment + 1] = 1;
  }
  const own = new Uint16Array(sample.length);
  assignCells(sample, { ...places, table }, own, 0, sample.length);
  const counts = new Uint32Array(segments);
  for (const segment of own) counts[segment] = (counts[segment] ?? 0) + 1;
  let next = 0;
  for (let segment = 0; segment < segments; segment += 1) {
    const more = Math.floor(((cells - segments) * (counts[segment] ?? 0)) / sample.length);
    table[2 * segment] = next;
    table[2 * segment + 1] = 1 + more;
    next += 1 + more;
  }
  return { ...places, table };
}

function occupied(grid: CellGrid, sample: Float64Array): number {
  const cells = new Uint16Array(sample.length);
  assignCells(sample, grid, cells, 0, sample.length);
  let seen = 0;
  for (let i = 0; i < cells.length; i += 1) if (i === 0 || cells[i] !== cells[i - 1]) seen += 1;
  return seen;
}

/** The cells of values[from, to). @param cells at least as long as `values` */
export function assignCells(
  values: Float64Array,
  grid: CellGrid,
  cells: Uint16Array,
  from: number,
  to: number,
): void {
  const { low, least, scale, segments, table } = grid;
  if (grid.kind === 'linear') assignLinear(values, low, scale, segments - inside, table, cells, from, to);
  else {
    const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    assignByRatio(words, least, scale, segments >> 1, table, cells, from, to);
  }
}

function assignLinear(
  values: Float64Array,
  low: number,
  scale: number,
  most: number,
  table: Float64Array,
  cells: Uint16Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i += 1) {
    const scaled = ((values[i] ?? 0) - low) * scale;
    const at = scaled > 0 ? Math.min(scaled, most) : 0;
    const segment = Math.trunc(at);
    cells[i] = (table[2 * segment] ?? 0) + (at - segment) * (table[2 * segment + 1] ?? 0);
  }
}

/** @param words the values' bits, the low half of each first */
function assignByRatio(
  words: Int32Array,
  least: number,
  scale: number,
  half: number,
  table: Float64Array,
  cells: Uint16Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i += 1) {
    const word = words[2 * i + 1] ?? 0;
    const size = (word & 0x7fffffff) - least;
    const step = size > 0 ? Math.min(size * scale, half - inside) : 0;
    const at = word < 0 ? half - step : half + step;
    const segment = Math.trunc(at);
    cells[i] = (table[2 * segment] ?? 0) + (at - segment) * (table[2 * segment + 1] ?? 0);
  }
}

/**
 * The upper end of each cell: no value of this cell or a lower one lies above it, and none of a higher one below, but for
 * rounding. The last cell has none, and gets +∞.
 */
export function cellEnds(grid: CellGrid, ends: Float64Array): void {
  const { cells, segments, table } = grid;
  let cell = 0;
  for (let segment = 0; segment < segments; segment += 1) {
    const width = table[2 * segment + 1] ?? 1;
    for (let part = 1; part <= width; part += 1) {
      ends[cell] = placeStart(grid, segment + part / width);
      cell += 1;
    }
  }
  // Cells that no segment has, and the last one.
  ends.fill(Number.POSITIVE_INFINITY, Math.max(0, cell - 1), cells);
}

/** The smallest value at a place among the segments. */
function placeStart({ kind, segments, low, least, scale }: CellGrid, place: number): number {
  if (kind === 'linear') return scale === 0 ? low : low + place / scale;
  const half = segments >> 1;
  // All that is closer to zero than the smallest size lies at the middle, −0 and +0 among it.
  if (place <= half) return -numberOf(least + Math.floor((half - place) / scale) + 1);
  return numberOf(least + Math.ceil((place - half) / scale));
}

const buffer = new DataView(new ArrayBuffer(8));

/** Sign, exponent and the first twenty bits of the mantissa. */
function leadingWord(x: number): number {
  buffer.setFloat64(0, x);
  return buffer.getInt32(0);
}

function numberOf(word: number): number {
  buffer.setUint32(0, Math.min(word, 0x7fefffff));
  buffer.setUint32(4, 0);
  return buffer.getFloat64(0);
}

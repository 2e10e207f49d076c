/**
 * P(D_n < d) of the one-sample Kolmogorov–Smirnov statistic, exact: n!/nⁿ times an entry of the n-th power of
 * Durbin's matrix. The order of the matrix is about 2nd, so it is meant for small n or small d. Marsaglia,
 * Tsang & Wang, "Evaluating Kolmogorov's distribution", J. Stat. Soft. 8(18), 2003.
 */
export function durbinMatrixCdf(n: number, d: number): number {
  const k = Math.ceil(n * d);
  const order = 2 * k - 1;
  const raised = power({ entries: durbinMatrix(order, k - n * d), order, exponent: 0 }, n);
  let value = raised.entries[(k - 1) * order + k - 1] ?? 0;
  let exponent = raised.exponent;
  for (let i = 1; i <= n; i += 1) {
    value *= i / n;
    if (value < 1e-140) {
      value *= 1e140;
      exponent -= 140;
    }
  }
  return value * 10 ** exponent;
}

interface ScaledMatrix {
  readonly entries: Float64Array;
  readonly order: number;
  /** The true entries are these times ten to this power. */
  readonly exponent: number;
}

function durbinMatrix(order: number, h: number): Float64Array {
  const entries = new Float64Array(order * order);
  const at = (row: number, column: number) => row * order + column;
  for (let row = 0; row < order; row += 1) {
    for (let column = 0; column <= Math.min(row + 1, order - 1); column += 1) entries[at(row, column)] = 1;
  }
  const subtract = (index: number, amount: number) => {
    entries[index] = (entries[index] ?? 0) - amount;
  };
  for (let i = 0; i < order; i += 1) {
    subtract(at(i, 0), h ** (i + 1));
    subtract(at(order - 1, i), h ** (order - i));
  }
  if (2 * h > 1) subtract(at(order - 1, 0), -((2 * h - 1) ** order));
  for (let row = 0; row < order; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let factorial = 1;
      for (let g = 2; g <= row - column + 1; g += 1) factorial *= g;
      entries[at(row, column)] = (entries[at(row, column)] ?? 0) / factorial;
    }
  }
  return entries;
}

function power(base: ScaledMatrix, n: number): ScaledMatrix {
  if (n === 1) return base;
  const half = power(base, Math.floor(n / 2));
  const square = multiply(half, half);
  return n % 2 === 0 ? square : multiply(base, square);
}

function multiply(a: ScaledMatrix, b: ScaledMatrix): ScaledMatrix {
  const { order } = a;
  const entries = new Float64Array(order * order);
  for (let row = 0; row < order; row += 1) {
    for (let inner = 0; inner < order; inner += 1) {
      const factor = a.entries[row * order + inner] ?? 0;
      if (factor === 0) continue;
      for (let column = 0; column < order; column += 1) {
        const index = row * order + column;
        entries[index] = (entries[index] ?? 0) + factor * (b.entries[inner * order + column] ?? 0);
      }
    }
  }
  const exponent = a.exponent + b.exponent;
  const middle = Math.floor(order / 2);
  if ((entries[middle * order + middle] ?? 0) <= 1e140) return { entries, order, exponent };
  return { entries: entries.map((value) => value * 1e-140), order, exponent: exponent + 140 };
}

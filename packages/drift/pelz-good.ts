/**
 * P(D_n ≤ d) of the one-sample Kolmogorov–Smirnov statistic by the expansion of Pelz & Good, K₀ + K₁/√n +
 * K₂/n + K₃/n^1.5 in z = √n·d ("Approximating the lower tail areas of the Kolmogorov–Smirnov one-sample
 * statistic", J. R. Stat. Soc. B 38, 1976), in the form of Simard & L'Ecuyer (J. Stat. Soft. 39(11), 2011,
 * formula 11). For n > 140.
 */
export function pelzGoodCdf(n: number, d: number): number {
  const z = Math.sqrt(n) * d;
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const z8 = z4 * z4;
  const terms = Math.ceil((16 * z) / Math.PI) + 1;

  let k0 = 0;
  let k1 = 0;
  let k2 = 0;
  let k3 = 0;
  for (let k = 1; k <= terms; k += 1) {
    const a = (Math.PI * (k - 0.5)) ** 2;
    const weight = Math.exp(-a / (2 * z2));
    k0 += weight;
    k1 += weight * (a - z2);
    k2 += weight * (6 * z6 + 2 * z4 + a * (2 * z4 - 5 * z2) + a * a * (1 - 2 * z2));
    k3 +=
      weight *
      (a * a * a * (5 - 30 * z2) +
        a * a * (212 * z4 - 60 * z2) +
        a * (135 * z4 - 96 * z6) -
        30 * z6 -
        90 * z8);
  }
  let k2Whole = 0;
  let k3Whole = 0;
  for (let k = 1; k <= terms; k += 1) {
    const a = (Math.PI * k) ** 2;
    const weight = a * Math.exp(-a / (2 * z2));
    k2Whole += weight;
    k3Whole += weight * (3 * z2 - a);
  }
  const root = Math.sqrt(2 * Math.PI);
  return (
    root *
    (k0 / z +
      k1 / (6 * z4 * Math.sqrt(n)) +
      (k2 / (72 * z6 * z) - k2Whole / (36 * z2 * z)) / n +
      (k3 / (6480 * z8 * z2) + k3Whole / (216 * z6)) / n ** 1.5)
  );
}

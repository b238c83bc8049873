const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;

/** Cores, as manifests write them: nothing for none. */
export function cores(value: number): string {
  if (!value) return '';
  return Number.isInteger(value) ? `${value} CPU` : `${Math.round(value * 1000)}m CPU`;
}

/** A sum of cores: nothing for none. */
export function allCores(value: number): string {
  return value ? `${Math.round(value * 1000) / 1000} CPU` : '';
}

/** Bytes with a unit: nothing for none. */
export function size(value: number): string {
  if (!value) return '';
  if (value >= GIBIBYTE && Number.isInteger((value / GIBIBYTE) * 4)) return `${value / GIBIBYTE} Gi`;
  return `${Math.round((value / MEBIBYTE) * 10) / 10} Mi`;
}

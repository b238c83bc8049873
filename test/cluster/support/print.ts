/** Shows a figure that a test has measured, among jest's own lines. */
export function print(figure: string): void {
  process.stdout.write(`    ${figure}\n`);
}

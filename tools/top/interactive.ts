export async function runInteractive(..._args: unknown[]): Promise<number> {
  return 0;
}

export function compileProgram(source: string): string;

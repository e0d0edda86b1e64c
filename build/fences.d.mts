export function importsOf(text: string): { name: string; typeOnly: boolean }[];
export function whyNot(file: string, name: string, typeOnly: boolean): string | null;
export function checkFences(): { breaks: string[]; files: number };

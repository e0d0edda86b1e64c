export const STATE_FILE: string;
export function stopDocker(): Promise<void>;
export function removeCgroups(name: string): boolean;
export function otherRun(): number | null;
/** Removes a folder with all in it, mounted or not. */
export function removeTree(folder: string): void;

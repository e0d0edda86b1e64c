/** What is used of blessed: its screen, without widgets. Edits of the package: build/packages_plugin.mjs. */
declare module "blessed/lib/widgets/screen.js" {
  export interface BlessedKey {
    readonly full?: string;
    readonly name?: string;
    readonly ctrl?: boolean;
    readonly sequence?: string;
  }

  export interface BlessedMouse {
    readonly action: string;
    readonly button?: string;
    readonly x: number;
    readonly y: number;
  }

  export interface BlessedProgram {
    readonly cols: number;
    readonly rows: number;
    x: number;
    y: number;
    on(event: "keypress", listener: (char: string | undefined, key: BlessedKey) => void): void;
    on(event: "mouse", listener: (event: BlessedMouse) => void): void;
    on(event: "resize", listener: () => void): void;
    setMouse(modes: Readonly<Record<string, boolean>>, on: boolean): void;
    cup(row: number, column: number): void;
    showCursor(): void;
    hideCursor(): void;
    clear(): void;
    flush(): void;
  }

  /** [attribute, character] */
  export type BlessedCell = [number, string];

  export interface BlessedScreen {
    readonly program: BlessedProgram;
    readonly dattr: number;
    lines: (BlessedCell[] & { dirty: boolean })[];
    alloc(): void;
    enter(): void;
    leave(): void;
    draw(first: number, last: number): void;
    destroy(): void;
  }

  const Screen: (options: Readonly<Record<string, unknown>>) => BlessedScreen;
  // biome-ignore lint/style/noDefaultExport: a CommonJS package
  export default Screen;
}

declare module "blessed/lib/events.js" {
  export class EventEmitter {
    on(event: string, listener: (...values: never[]) => void): void;
    emit(event: string, ...values: readonly unknown[]): boolean;
  }
}

/** Modules that the build makes: the table of tools (one entry per folder with a tool.ts) and the version. */
declare module "procg:tools" {
  export const toolLoaders: Readonly<
    Record<string, () => Promise<{ readonly tool: import("../lib/cli/tool.ts").ToolDeclaration }>>
  >;
}
declare module "procg:version" {
  export const version: string;
}

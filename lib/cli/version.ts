/** What --version prints. */
import { version } from "procg:version";
import type { ToolDeclaration } from "./tool.ts";

export const procgVersion: string = version;

/** "free from procg 0.1.0 (compatible with procps-ng 4.0)", with the newline. */
export function versionText(tool: Pick<ToolDeclaration, "name" | "compatibleWith">): string {
  const compatible = tool.compatibleWith === undefined ? "" : ` (compatible with ${tool.compatibleWith})`;
  return `${tool.name} from procg ${version}${compatible}\n`;
}

export function suiteVersionText(): string {
  return `procg ${version}\n`;
}

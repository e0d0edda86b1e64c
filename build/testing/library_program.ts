/** library_cases.ts on the real host; compared with Node in build.test.ts. */
import * as sys from "qjs:sys";
import { COMMAND_LINES, drawTables, runCommander } from "./library_cases.ts";

sys.write(
  1,
  JSON.stringify({ commander: COMMAND_LINES.map((line) => runCommander(line)), tables: drawTables() }),
);

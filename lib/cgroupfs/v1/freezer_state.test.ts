import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { freezerState } from "./freezer_state.ts";

checkReader(freezerState, {
  good: [
    ["THAWED\n", "THAWED"],
    ["FREEZING\n", "FREEZING"],
    ["FROZEN\n", "FROZEN"],
  ],
  bad: ["frozen\n", "THAWED \n", "\n"],
});

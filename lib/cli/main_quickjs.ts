/** The way in of the executable. It always leaves through exit(): an end of the event loop before that is an error. */
import { exit } from "qjs:sys";
import { quickjsSystem } from "../system/quickjs/quickjs_system.ts";
import { runMain } from "./main.ts";

runMain(quickjsSystem()).then(exit);

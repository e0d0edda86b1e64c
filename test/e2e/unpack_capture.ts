/** Unpacks a bundled capture for --replay and prints its folder: node build/run_ts.mjs test/e2e/unpack_capture.ts NAME */
import { captureDirectory } from "../fixtures/captures.ts";

const name = process.argv[2];
if (name === undefined) throw new Error("usage: unpack_capture.ts NAME");
process.stdout.write(`${captureDirectory(name)}\n`);

import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { ioBfqWeight, ioWeight } from "./io_weight.ts";

for (const file of [ioWeight, ioBfqWeight]) {
  checkReader(file, {
    good: [
      ["default 100\n", { default: 100, devices: new Map() }],
      ["default 100\n8:0 200\n", { default: 100, devices: new Map([["8:0", 200]]) }],
    ],
    bad: ["100\n", "default\n", "default x\n", "default 100\n8:0\n", "default 100\nsda 1\n"],
  });
}

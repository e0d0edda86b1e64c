import { checkReader } from "../kernfile/testing/check_reader.ts";
import { cpuinfo } from "./cpuinfo.ts";

checkReader(cpuinfo, {
  good: [
    [
      "processor\t: 0\nmodel name\t: AMD EPYC: x\nflags\t\t: fpu\npower management:\n\nprocessor\t: 1\nmodel name\t: other\n\n",
      { processors: 2, modelName: "AMD EPYC: x" },
    ],
    ["processor\t: 0\nBogoMIPS\t: 50.00\n\nCPU revision\t: 1\n", { processors: 1, modelName: null }],
    [
      "vendor_id       : IBM/S390\nprocessor 0: version = FF\nprocessor 1: version = FF\n",
      { processors: 2, modelName: null },
    ],
  ],
  bad: ["model name\t: x\n", "\n", "processor\n"],
});

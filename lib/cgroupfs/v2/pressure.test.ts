import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cpuPressure, ioPressure, irqPressure, memoryPressure } from "./pressure.ts";

for (const file of [cpuPressure, memoryPressure, ioPressure, irqPressure]) {
  checkReader(file, {
    good: [
      [
        "some avg10=25.50 avg60=5.01 avg300=1.06 total=3247320\nfull avg10=15.55 avg60=3.02 avg300=0.64 total=1941037\n",
        {
          some: { avg10: 25.5, avg60: 5.01, avg300: 1.06, totalUsec: 3_247_320 },
          full: { avg10: 15.55, avg60: 3.02, avg300: 0.64, totalUsec: 1_941_037 },
        },
      ],
      [
        "some avg10=25.50 avg60=5.01 avg300=1.06 total=3247320\n",
        { some: { avg10: 25.5, avg60: 5.01, avg300: 1.06, totalUsec: 3_247_320 }, full: null },
      ],
      [
        "full avg10=15.55 avg60=3.02 avg300=0.64 total=1941037\n",
        { some: null, full: { avg10: 15.55, avg60: 3.02, avg300: 0.64, totalUsec: 1_941_037 } },
      ],
    ],
    bad: [
      "some avg10=25.50\n",
      "most avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
      "some avg10=-1.00 avg60=0.00 avg300=0.00 total=0\n",
      "some avg60=0.00 avg10=0.00 avg300=0.00 total=0\n",
      "some avg10=0.00 avg60=0.00 avg300=0.00 total=0.5\n",
    ],
  });
}

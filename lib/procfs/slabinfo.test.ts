import { checkReader } from "../kernfile/testing/check_reader.ts";
import { slabinfo } from "./slabinfo.ts";

checkReader(slabinfo, {
  good: [
    [
      "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\nkmalloc-8(12:abc)      3      9    312   13    1 : tunables    0    0    0 : slabdata      4      5      0\n",
      [
        {
          name: "kmalloc-8(12:abc)",
          activeObjects: 3,
          objects: 9,
          objectBytes: 312,
          objectsPerSlab: 13,
          pagesPerSlab: 1,
          activeSlabs: 4,
          slabs: 5,
        },
      ],
    ],
    [
      "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n",
      [],
    ],
  ],
  bad: [
    "slabinfo - version: 1.1\n",
    "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\nx 1 2 3\n",
    "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\nx 1 2 3 4 x : tunables 0 0 0 : slabdata 4 5 0\n",
    "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\nx 1 2 3 4 5 : tunables 0 0 0 : slabdata 4\n",
  ],
});

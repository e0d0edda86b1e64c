/** One exposition out of many. */
import { expect, test } from "vitest";
import { mergeMetrics } from "./merge.ts";

const of = (value: number) =>
  `# TYPE procg_container info\n# HELP procg_container Identity.\nprocg_container_info{id="i${value}",name="n"} 1\n` +
  `# TYPE procg_build info\n# HELP procg_build The program.\nprocg_build_info{version="1"} 1\n` +
  `# TYPE procg_x_bytes gauge\n# UNIT procg_x_bytes bytes\n# HELP procg_x_bytes X.\nprocg_x_bytes ${value}\n` +
  `# TYPE procg_io counter\n# HELP procg_io IO.\nprocg_io_total{device="sd{a"} ${value}\n# EOF\n`;

test("families stand once, samples carry their container's labels, the end stands at the end", () => {
  const parts = [
    { labels: [["name", 'a"b']] as const, text: of(1) },
    { labels: [["name", "c"]] as const, text: of(2) },
  ];
  expect(mergeMetrics(parts, "procg_host_containers 2\n")).toBe(
    '# TYPE procg_container info\n# HELP procg_container Identity.\nprocg_container_info{id="i1",name="n"} 1\nprocg_container_info{id="i2",name="n"} 1\n' +
      '# TYPE procg_build info\n# HELP procg_build The program.\nprocg_build_info{version="1"} 1\n' +
      '# TYPE procg_x_bytes gauge\n# UNIT procg_x_bytes bytes\n# HELP procg_x_bytes X.\nprocg_x_bytes{name="a\\"b"} 1\nprocg_x_bytes{name="c"} 2\n' +
      '# TYPE procg_io counter\n# HELP procg_io IO.\nprocg_io_total{name="a\\"b",device="sd{a"} 1\nprocg_io_total{name="c",device="sd{a"} 2\n' +
      "procg_host_containers 2\n# EOF\n",
  );
});

test("the text format has no end mark", () => {
  const text = "# HELP procg_x X.\n# TYPE procg_x gauge\nprocg_x 1\n";
  expect(mergeMetrics([{ labels: [], text }], "")).not.toContain("EOF");
});

import { expect, test } from "vitest";
import type { FileHost } from "../system/file_host.ts";
import type { AlarmState } from "./alarm.ts";
import { alarmProgram, programProblem } from "./alarm_program.ts";
import { parseRules } from "./threshold.ts";

const [rule] = parseRules("critical mem.util > 90").rules;

function states(isActive: boolean, value = 95): AlarmState[] {
  if (rule === undefined) throw new Error("no rule");
  return [{ rule, item: "", value, isActive, sinceMs: isActive ? 1000 : null }];
}

function started() {
  const runs: { path: string; args: readonly string[]; env: Record<string, string>; seconds: number }[] = [];
  const ends: ((status: number) => void)[] = [];
  const logged: string[] = [];
  const host: Pick<FileHost, "runProgram"> = {
    runProgram(path, args, environment, seconds) {
      runs.push({ path, args, env: Object.fromEntries(environment), seconds });
      return new Promise((resolve) => ends.push(resolve));
    },
  };
  const program = alarmProgram(host as FileHost, "/x", "box", (text) => logged.push(text));
  const end = async (status: number) => {
    ends.shift()?.(status);
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { program, runs, end, logged };
}

test("it is run when an alarm begins and when it ends, not in between; data in the environment", async () => {
  const { program, runs, end, logged } = started();
  program.add(states(false));
  expect(runs).toEqual([]);
  program.add(states(true));
  await end(0);
  program.add(states(true, 97));
  expect(runs).toHaveLength(1);
  expect(runs[0]).toMatchObject({ path: "/x", args: [], seconds: 30 });
  expect(runs[0]?.env).toMatchObject({
    PROCG_ALERT_STATE: "critical",
    PROCG_ALERT_TEXT: "mem.util critical critical mem.util > 90",
    PROCG_ALERT_HOST: "box",
  });
  expect(JSON.parse(runs[0]?.env.PROCG_ALERT_JSON ?? "")).toMatchObject({ schema: "procg.alerts/v1" });
  program.add(states(false));
  await end(0);
  expect(runs.map((run) => run.env.PROCG_ALERT_STATE)).toEqual(["critical", "ok"]);
  expect(logged).toEqual([]);
});

test("one at a time: what changed meanwhile is told by the next run, and only if it still differs", async () => {
  const { program, runs, end } = started();
  program.add(states(true));
  program.add(states(false));
  program.add(states(true));
  expect(runs).toHaveLength(1);
  await end(0);
  expect(runs).toHaveLength(1);
  program.add(states(false));
  program.add(states(true));
  program.add(states(false));
  expect(runs).toHaveLength(2);
  await end(0);
  expect(runs.map((run) => run.env.PROCG_ALERT_STATE)).toEqual(["critical", "ok"]);
});

test("one that fails is said", async () => {
  const { program, end, logged } = started();
  program.add(states(true));
  await end(137);
  expect(logged).toEqual(["/x: ended with 137"]);
  expect(programProblem(-2)).toBe("No such file or directory");
  expect(programProblem(undefined)).toBe("cannot be run here");
});

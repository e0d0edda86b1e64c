/** Declarations to test with: the classic option tables, without any work behind them. */
import { type OptionSpec, type ToolDeclaration, ToolError, UsageError } from "../tool.ts";

const help: OptionSpec = { key: "help", long: "help", help: "display this help and exit" };

function flag(long: string, short?: string): OptionSpec {
  return { key: long, long, help: `the ${long}`, ...(short === undefined ? {} : { short }) };
}

export const freeLike: ToolDeclaration = {
  name: "free",
  summary: "show memory",
  family: "procps",
  section: 1,
  usage: "[options]",
  compatibleWith: "procps-ng 4.0",
  options: [
    flag("bytes", "b"),
    flag("kilo"),
    flag("mega"),
    flag("mebi", "m"),
    flag("human", "h"),
    flag("si"),
    { key: "seconds", short: "s", long: "seconds", argument: "N", help: "repeat every N seconds" },
    { key: "count", short: "c", long: "count", argument: "N", help: "repeat N times" },
    flag("total", "t"),
    flag("wide", "w"),
    help,
    { key: "version", short: "V", long: "version", help: "display the version and exit" },
  ],
  run: ({ commandLine, shared, print }) => {
    if (commandLine.operands.length > 0) throw new UsageError("");
    print(`${JSON.stringify({ options: commandLine.options.map((option) => option.name), shared })}\n`);
    return 0;
  },
};

export const nprocLike: ToolDeclaration = {
  name: "nproc",
  summary: "Print the number of processing units",
  family: "coreutils",
  section: 1,
  usage: "[OPTION]...",
  options: [
    flag("all"),
    {
      key: "ignore",
      long: "ignore",
      argument: "N",
      help: "leave out N",
      check: (option) => {
        if (!/^\d+$/.test(option.value ?? "")) throw new ToolError(`invalid number: '${option.value}'`);
      },
    },
    help,
    { key: "version", long: "version", help: "display the version and exit" },
  ],
  run: ({ commandLine, print }) => {
    const first = commandLine.operands[0];
    if (first !== undefined) throw new UsageError(`extra operand '${first}'`);
    print("2\n");
    return 0;
  },
};

export const iostatLike: ToolDeclaration = {
  name: "iostat",
  summary: "report on devices",
  family: "sysstat",
  section: 1,
  usage: "[ options ] [ interval [ count ] ]",
  options: [flag("human", "h"), { key: "version", short: "V", long: "version", help: "version" }],
  parse: (args) => {
    const options = [];
    for (const name of args) {
      if (name === "-V") options.push({ key: "version", name, value: null });
      else if (name.startsWith("-") && name !== "-h") throw new UsageError("");
    }
    return { options, operands: args.filter((name) => !name.startsWith("-")) };
  },
  run: ({ commandLine, shared, print }) => {
    print(`${shared.json} ${commandLine.operands.join()}\n`);
    return 0;
  },
};

export const loadcalcLike: ToolDeclaration = {
  name: "loadcalc",
  summary: "keep the container's load averages",
  family: "procg",
  section: 8,
  usage: "[options]",
  options: [
    {
      key: "listen",
      short: "l",
      long: "listen",
      argument: "ADDRESS",
      help: "serve on ADDRESS; it's `quoted'",
    },
    { key: "history", long: "history", argument: "DIR", optionalArgument: true, help: "keep history in DIR" },
    flag("quiet", "q"),
    { ...flag("secret"), hidden: true },
  ],
  commands: [{ name: "show", summary: "show them", load: async () => ({ tool: { ...showLike } }) }],
  run: ({ commandLine, shared, print }) => {
    print(`${JSON.stringify({ ...commandLine, root: shared.root })}\n`);
    return 0;
  },
};

const showLike: ToolDeclaration = {
  name: "show",
  summary: "show them",
  family: "procg",
  section: 8,
  usage: "",
  options: [flag("all", "a")],
  run: ({ name, commandLine, print }) => {
    print(`${name} ${commandLine.options.map((option) => option.key).join()}\n`);
    return 0;
  },
};

/** Completion scripts for bash, zsh and fish, from all declarations. */
import { isLinked, optionGroups } from "./help.ts";
import type { OptionSpec, ToolDeclaration } from "./tool.ts";

/** A tool, and what its commands declare. */
export interface CompletedTool {
  readonly tool: ToolDeclaration;
  readonly commands: readonly ToolDeclaration[];
}

const SHELLS = ["bash", "zsh", "fish"];

/** null: no such shell here. */
export function completionScript(shell: string, tools: readonly CompletedTool[]): string | null {
  if (shell === "bash") return bashScript(tools);
  if (shell === "zsh") return zshScript(tools);
  if (shell === "fish") return fishScript(tools);
  return null;
}

const SUITE_WORDS = ["--list", "--help", "--version", "--man", "--completions"];

/** One thing that has options: a tool, or "host list". `next`: the names of its commands. */
interface Level {
  readonly path: string;
  readonly tool: ToolDeclaration;
  readonly next: readonly string[];
}

function levelsOf({ tool, commands }: CompletedTool): Level[] {
  const below = commands.map((each) => ({ path: `${tool.name} ${each.name}`, tool: each, next: [] }));
  return [{ path: tool.name, tool, next: commands.map(({ name }) => name) }, ...below];
}

function linkedNames(tools: readonly CompletedTool[]): string[] {
  return tools.filter(({ tool }) => isLinked(tool)).map(({ tool }) => tool.name);
}

const namesOf = (tools: readonly CompletedTool[]): string => tools.map(({ tool }) => tool.name).join(" ");

function allOptions(tool: ToolDeclaration): readonly OptionSpec[] {
  const { own, shared, last } = optionGroups(tool);
  return [...own, ...shared, ...last];
}

function spellings(spec: OptionSpec): string[] {
  const short = spec.short === undefined ? [] : [`-${spec.short}`];
  return spec.long === undefined ? short : [...short, `--${spec.long}`];
}

/** Options that take a value in the next word: what follows is completed as a file name. */
function valueWords(tool: ToolDeclaration): string[] {
  return allOptions(tool)
    .filter((spec) => spec.argument !== undefined && spec.optionalArgument !== true)
    .flatMap(spellings);
}

function bashScript(tools: readonly CompletedTool[]): string {
  const levels = tools.flatMap(levelsOf);
  const cases = levels.map(({ path, tool, next }) => {
    const words = [...next, ...allOptions(tool).flatMap(spellings)].join(" ");
    return `    '${path}')\n      words='${words}'\n      values=' ${valueWords(tool).join(" ")} '\n      ;;\n`;
  });
  const commands = levels.filter(({ path }) => path.includes(" ")).map(({ path }) => `'${path}'`);
  const deeper =
    commands.length === 0
      ? ""
      : `  if [ "$COMP_CWORD" -gt "$first" ]; then
    case "$tool \${COMP_WORDS[first]}" in
      ${commands.join(" | ")}) tool="$tool \${COMP_WORDS[first]}" ;;
    esac
  fi
`;
  return `# bash completion for procg. Made from the tools' declarations.
_procg() {
  local tool=\${COMP_WORDS[0]##*/} current=\${COMP_WORDS[COMP_CWORD]} first=1 words='' values='' at
  COMPREPLY=()
  if [ "$tool" = procg ]; then
    words='${namesOf(tools)} ${SUITE_WORDS.join(" ")}'
    if [ "$COMP_CWORD" -gt 1 ]; then
      tool=\${COMP_WORDS[1]} first=2 words=''
    fi
    case "$tool $COMP_CWORD" in
      '--man 2') words='procg ${namesOf(tools)}' ;;
      '--completions 2') words='${SHELLS.join(" ")}' ;;
    esac
  fi
${deeper}  for ((at = first; at < COMP_CWORD; at++)); do
    [ "\${COMP_WORDS[at]}" != -- ] || return 0
  done
  case $tool in
${cases.join("")}  esac
  case $values in
    *" \${COMP_WORDS[COMP_CWORD - 1]} "*) return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _procg ${["procg", ...linkedNames(tools)].join(" ")}
`;
}

function zshScript(tools: readonly CompletedTool[]): string {
  const levels = tools.flatMap(levelsOf);
  const cases = levels.map(({ path, tool, next }) => {
    const specs = allOptions(tool).flatMap((spec) => zshSpecs(spec));
    const rest = next.length > 0 ? `'1:command:(${next.join(" ")})' ` : "";
    return `    '${path}')\n      _arguments -s -S \\\n${specs.map((spec) => `        ${spec} \\\n`).join("")}        ${rest}'*:file:_files'\n      ;;\n`;
  });
  const commands = levels.filter(({ path }) => path.includes(" ")).map(({ path }) => `'${path}'`);
  const deeper =
    commands.length === 0
      ? ""
      : `  if (( CURRENT > 2 )); then
    case "$tool \${words[2]}" in
      ${commands.join(" | ")})
        tool="$tool \${words[2]}"
        shift words
        (( CURRENT-- ))
        ;;
    esac
  fi
`;
  return `#compdef ${["procg", ...linkedNames(tools)].join(" ")}
# zsh completion for procg. Made from the tools' declarations.
_procg() {
  local tool=\${service}
  if [[ $tool == procg ]]; then
    if (( CURRENT == 2 )); then
      compadd -- ${namesOf(tools)} ${SUITE_WORDS.join(" ")}
      return
    fi
    tool=\${words[2]}
    shift words
    (( CURRENT-- ))
  fi
${deeper}  case $tool in
    --man) compadd -- procg ${namesOf(tools)} ;;
    --completions) compadd -- ${SHELLS.join(" ")} ;;
${cases.join("")}  esac
}
_procg "$@"
`;
}

function zshSpecs(spec: OptionSpec): string[] {
  const help = spec.help.replace(/[[\]:\\]/g, "\\$&");
  const argument = (spec.argument ?? "").replace(/[[\]:\\]/g, "\\$&");
  const optional = spec.optionalArgument === true ? "::" : ":";
  const value = spec.argument === undefined ? "" : `${optional}${argument}:_files`;
  const forms: string[] = [];
  const joined = spec.argument === undefined ? "" : spec.optionalArgument === true ? "-" : "+";
  const long = spec.argument === undefined ? "" : spec.optionalArgument === true ? "=-" : "=";
  if (spec.short !== undefined) forms.push(`-${spec.short}${joined}[${help}]${value}`);
  if (spec.long !== undefined) forms.push(`--${spec.long}${long}[${help}]${value}`);
  return forms.map((form) => `'*${form.replace(/'/g, "'\\''")}'`);
}

/** Whether the words behind procg begin with these; and are these alone. */
const FISH_FUNCTIONS = `function __procg_at
    set -l words (commandline -opc)
    test (count $words) -gt (count $argv); or return 1
    for word in $argv
        set -e words[1]
        test "$words[1]" = "$word"; or return 1
    end
end
function __procg_just
    set -l words (commandline -opc)
    set -e words[1]
    test (count $words) -eq (count $argv); and __procg_at $argv
end`;

function fishScript(tools: readonly CompletedTool[]): string {
  const names = namesOf(tools);
  const lines = [
    "# fish completion for procg. Made from the tools' declarations.",
    FISH_FUNCTIONS,
    `complete -c procg -n __procg_just -f -a '${names}'`,
    ...SUITE_WORDS.map((word) => `complete -c procg -n __procg_just -l ${word.slice(2)}`),
    `complete -c procg -n '__procg_just --man' -f -a 'procg ${names}'`,
    `complete -c procg -n '__procg_just --completions' -f -a '${SHELLS.join(" ")}'`,
  ];
  for (const { path, tool, next } of tools.flatMap(levelsOf)) {
    // Between a tool and its command stand none of the tool's own options.
    const heads = [`complete -c procg -n '${next.length > 0 ? "__procg_just" : "__procg_at"} ${path}'`];
    if (isLinked(tool) && path === tool.name) heads.unshift(`complete -c ${tool.name}`);
    for (const head of heads) {
      if (next.length > 0) lines.push(`${head} -f -a '${next.join(" ")}'`);
      for (const spec of allOptions(tool)) lines.push(head + fishOption(spec));
    }
  }
  return `${lines.join("\n")}\n`;
}

function fishOption(spec: OptionSpec): string {
  const short = spec.short === undefined ? "" : ` -s ${spec.short}`;
  const long = spec.long === undefined ? "" : ` -l ${spec.long}`;
  const needsValue = spec.argument !== undefined && spec.optionalArgument !== true ? " -r" : "";
  return `${short}${long}${needsValue} -d '${spec.help.replace(/[\\']/g, "\\$&")}'`;
}

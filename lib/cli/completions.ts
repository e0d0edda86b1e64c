/** Completion scripts for bash, zsh and fish, from all declarations. */
import { isLinked, optionGroups } from "./help.ts";
import type { OptionSpec, ToolDeclaration } from "./tool.ts";

/** null: no such shell here. */
export function completionScript(shell: string, tools: readonly ToolDeclaration[]): string | null {
  if (shell === "bash") return bashScript(tools);
  if (shell === "zsh") return zshScript(tools);
  if (shell === "fish") return fishScript(tools);
  return null;
}

const SUITE_WORDS = ["--list", "--help", "--version", "--man", "--completions"];

function linkedNames(tools: readonly ToolDeclaration[]): string[] {
  return tools.filter(isLinked).map((tool) => tool.name);
}

function allOptions(tool: ToolDeclaration): readonly OptionSpec[] {
  const { own, shared, last } = optionGroups(tool);
  return [...own, ...shared, ...last];
}

function optionWords(tool: ToolDeclaration): string[] {
  return allOptions(tool).flatMap((spec) => [
    ...(spec.short === undefined ? [] : [`-${spec.short}`]),
    ...(spec.long === undefined ? [] : [`--${spec.long}`]),
  ]);
}

function commandNames(tool: ToolDeclaration): string[] {
  return (tool.commands ?? []).map((command) => command.name);
}

/** Options that take a value in the next word: what follows is completed as a file name. */
function valueWords(tool: ToolDeclaration): string[] {
  return allOptions(tool)
    .filter((spec) => spec.argument !== undefined && spec.optionalArgument !== true)
    .flatMap((spec) => [
      ...(spec.short === undefined ? [] : [`-${spec.short}`]),
      ...(spec.long === undefined ? [] : [`--${spec.long}`]),
    ]);
}

function bashScript(tools: readonly ToolDeclaration[]): string {
  const cases = tools.map((tool) => {
    const words = [...commandNames(tool), ...optionWords(tool)].join(" ");
    return `    ${tool.name})\n      words='${words}'\n      values=' ${valueWords(tool).join(" ")} '\n      ;;\n`;
  });
  const names = tools.map((tool) => tool.name);
  return `# bash completion for procg. Made from the tools' declarations.
_procg() {
  local tool=\${COMP_WORDS[0]##*/} current=\${COMP_WORDS[COMP_CWORD]} words='' values=''
  COMPREPLY=()
  if [ "$tool" = procg ]; then
    if [ "$COMP_CWORD" -le 1 ]; then
      COMPREPLY=($(compgen -W '${[...names, ...SUITE_WORDS].join(" ")}' -- "$current"))
      return
    fi
    tool=\${COMP_WORDS[1]}
  fi
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

function zshScript(tools: readonly ToolDeclaration[]): string {
  const names = tools.map((tool) => tool.name);
  const cases = tools.map((tool) => {
    const specs = allOptions(tool).flatMap((spec) => zshSpecs(spec));
    const rest = commandNames(tool).length > 0 ? `'1:command:(${commandNames(tool).join(" ")})' ` : "";
    return `    ${tool.name})\n      _arguments -s -S \\\n${specs.map((spec) => `        ${spec} \\\n`).join("")}        ${rest}'*:file:_files'\n      ;;\n`;
  });
  return `#compdef ${["procg", ...linkedNames(tools)].join(" ")}
# zsh completion for procg. Made from the tools' declarations.
_procg() {
  local tool=\${service}
  if [[ $tool == procg ]]; then
    if (( CURRENT == 2 )); then
      compadd -- ${[...names, ...SUITE_WORDS].join(" ")}
      return
    fi
    tool=\${words[2]}
    shift words
    (( CURRENT-- ))
  fi
  case $tool in
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

function fishScript(tools: readonly ToolDeclaration[]): string {
  const lines = ["# fish completion for procg. Made from the tools' declarations."];
  const names = tools.map((tool) => tool.name);
  lines.push(`complete -c procg -n __fish_use_subcommand -a '${names.join(" ")}'`);
  for (const word of SUITE_WORDS)
    lines.push(`complete -c procg -n __fish_use_subcommand -l ${word.slice(2)}`);
  for (const tool of tools) {
    const below = `__fish_seen_subcommand_from ${tool.name}`;
    const heads = [`complete -c procg -n '${below}'`];
    if (isLinked(tool)) heads.unshift(`complete -c ${tool.name}`);
    for (const head of heads) {
      if (tool.commands !== undefined) lines.push(`${head} -a '${commandNames(tool).join(" ")}'`);
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

"""Scripts by which shells complete commands, their options and the values of these."""

from __future__ import annotations

__all__ = ["SHELLS", "script"]

import argparse
import shlex
from collections.abc import Mapping

SHELLS = ("bash", "zsh", "fish")

# the words that may stand here; none: files
_BASH = """_skmist() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}" words=""
    if [ "$COMP_CWORD" -eq 1 ]; then
        words={commands}
    elif [[ "$word" == -* ]]; then
        case "${{COMP_WORDS[1]}}" in
{options}
        esac
    else
        case "${{COMP_WORDS[1]}} $before" in
{values}
        esac
    fi
    COMPREPLY=()
    [ -z "$words" ] || COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _skmist skmist
"""
_ZSH = "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n"


def script(shell: str, commands: Mapping[str, argparse.ArgumentParser]) -> str:
    """Write the script of a shell.

    Parameters
    ----------
    shell : {"bash", "zsh", "fish"}
    commands : mapping of str to ArgumentParser

    Returns
    -------
    text : str
    """
    if shell == "fish":
        return "".join(f"{line}\n" for line in _fish(commands))
    values, options = [], []
    for name, parser in commands.items():
        shown = [action for action in parser._actions if action.help != argparse.SUPPRESS]
        for action in shown:
            if action.choices:
                asked = action.option_strings or [name]  # what stands right after the command
                patterns = " | ".join(f'"{name} {word}"' for word in asked)
                values.append(f"        {patterns}) words={_words(action.choices)} ;;")
        long = [word for action in shown for word in action.option_strings if word[:2] == "--"]
        options.append(f"        {name}) words={_words(long)} ;;")
    parts = {"values": "\n".join(values), "options": "\n".join(options)}
    return (_ZSH if shell == "zsh" else "") + _BASH.format(commands=_words(commands), **parts)


def _words(words) -> str:
    return shlex.quote(" ".join(map(str, words)))


def _fish(commands: Mapping[str, argparse.ArgumentParser]) -> list[str]:
    first = 'complete -c skmist -f -n "__fish_use_subcommand"'
    lines = [
        f"{first} -a {name} -d {shlex.quote(parser.description or '')}"
        for name, parser in commands.items()
    ]
    for name, parser in commands.items():
        within = f'complete -c skmist -n "__fish_seen_subcommand_from {name}"'
        for action in parser._actions:
            values = f" -x -a {_words(action.choices)}" if action.choices else ""
            if action.help == argparse.SUPPRESS or not (action.option_strings or values):
                continue
            takes = "" if action.nargs == 0 or values else " -r"
            named = "".join(f" -l {w[2:]}" for w in action.option_strings if w[:2] == "--")
            lines.append(f"{within}{named}{takes}{values}")
    return lines

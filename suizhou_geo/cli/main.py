"""The command line's one entrance: registers the commands and turns errors into messages and exit codes.

Exit codes: 0 done · 1 done, and something was found · 2 cannot be done as asked · 130 interrupted.
"""

import errno
import itertools
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import typer
from typer.exceptions import Abort, TyperException

from suizhou_geo.cli import (
    air_rules,
    catalogue,
    forecasts,
    observations,
    papers,
    plans,
    redlines,
    rules,
    soil_rules,
    source_rules,
    spaces,
    tracing,
    trend_rules,
    water_rules,
    workspaces,
)
from suizhou_geo.errors import InputError, SuizhouGeoError

#: What the system says of a file, in words.
_OS_WORDS = {
    errno.EEXIST: "路径中间的一段是文件，不是文件夹",
    errno.ENOTDIR: "路径中间的一段是文件，不是文件夹",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.ENAMETOOLONG: "文件名太长",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "所在位置只读",
    errno.ENOSPC: "磁盘已满",
    errno.ENOENT: "没有这个位置",
}

#: Signs of a path that are shown.
_SHOWN = 120

#: Options that name a file to be written.
_OUTPUTS = frozenset({"-o", "--output", "--changes", "--ratios", "--pieces", "--network", "--diagram"})

#: The exit code of a command that was stopped from the keyboard.
INTERRUPTED = 130

app = typer.Typer(
    name="suizhou-geo",
    help="生态环境年度工作要点的地图、评价与区县页面。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    observations,
    catalogue,
    rules,
    water_rules,
    trend_rules,
    air_rules,
    soil_rules,
    source_rules,
    forecasts,
    spaces,
    redlines,
    tracing,
    workspaces,
    plans,
    papers,
):
    module.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave the process with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    sys.exit(_run([argument for argument in given if argument != "--debug"], debug=debug))


def _run(arguments: list[str], *, debug: bool) -> int:
    try:
        _check_inputs_kept(arguments)
        result = app(args=arguments, prog_name="suizhou-geo", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (head, less) has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (KeyboardInterrupt, Abort):
        result = INTERRUPTED
    except Exception as error:
        if debug:
            traceback.print_exc()
        if message := _message(error):
            typer.echo(message, err=True)
        return 2
    # typer turns most interruptions into this exit code by itself, without a word.
    if result == INTERRUPTED:
        typer.echo("已中断。", err=True)
    return result if isinstance(result, int) else 0


def _check_inputs_kept(arguments: Sequence[str]) -> None:
    # A result written over the file that it was made from would destroy the user's only copy.
    told = [part for argument in arguments for part in argument.split("=", 1)]
    outputs = [value for name, value in itertools.pairwise(told) if name in _OUTPUTS]
    for output in outputs:
        same = [value for value in told if _is_same_file(value, output)]
        if len(same) > outputs.count(output):
            raise InputError(
                f"输出文件“{output}”就是输入的文件",
                why="原文件不改动，结果不能写在原文件上",
                todo="换一个输出文件名",
            )


def _is_same_file(one: str, other: str) -> bool:
    try:
        return Path(one).is_file() and Path(other).is_file() and Path(one).samefile(other)
    except (OSError, ValueError):
        # A text that cannot be a path is no file; the command itself will say what it makes of it.
        return False


def _message(error: Exception) -> str:
    if isinstance(error, SuizhouGeoError):
        return str(error)
    if isinstance(error, TyperException):
        # Called without a command, the help is already printed and the message is empty.
        message = error.format_message().rstrip(".")
        return f"命令写法有误：{message}。处理：运行 suizhou-geo --help 查看用法。" if message else ""
    if isinstance(error, OSError):
        told = _OS_WORDS.get(error.errno or 0)
        said = f"{told}：{str(error.filename)[:_SHOWN]}" if told and error.filename else error
        return f"读写文件失败：{said}。处理：检查路径、权限和磁盘空间。"
    return f"程序内部错误：{type(error).__name__}: {error}。处理：加 --debug 重新运行，把输出发给维护者。"

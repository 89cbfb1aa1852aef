"""Commands on a whole workspace: ``init``, ``demo``, ``run`` and ``map``."""

import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from suizhou_geo.cli.months import month_of
from suizhou_geo.cli.output import told_in_words
from suizhou_geo.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from suizhou_geo.batch import Outcome

BEIJING = timezone(timedelta(hours=8))

#: The month of the demonstration: half of the plan's year is known.
DEMO_YEAR, DEMO_MONTH = 2021, 6

#: What the demonstration makes: the county page; the plan board with its brief and workbook.
DEMO_NOTEBOOKS = ("county_overview", "plan_board")

_WORKSPACE = typer.Argument(metavar="WORKSPACE", help="工作区文件夹（含 workspace.toml）")
_YEAR = typer.Option(help="年份；不给则取监测数据最近的月份")
_MONTH = typer.Option(help="月份，1–12")
_QUIET = typer.Option("--quiet", help="不显示进度")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("demo")(demo)
    app.command("run")(run)
    app.command("map")(draw_map)
    app.command("init")(init)


def demo(
    out: Annotated[Path, typer.Option(help="产品写到哪个文件夹")] = Path("maps"),
    jobs: Annotated[int | None, typer.Option(help="同时运行几个，默认为处理器个数")] = None,
    quiet: Annotated[bool, _QUIET] = False,
) -> int:
    """用随包附带的随州演示工作区跑一遍全部工作：每个区县和全市各有页面、目标板、简报和工作簿，加索引。"""
    from suizhou_geo.packaged import packaged_folder

    return run(
        packaged_folder("data", "suizhou"),
        notebook=list(DEMO_NOTEBOOKS),
        year=DEMO_YEAR,
        month=DEMO_MONTH,
        out=out,
        jobs=jobs,
        quiet=quiet,
    )


def run(
    workspace: Annotated[Path, _WORKSPACE],
    county: Annotated[list[str] | None, typer.Option(help="区划代码，可多次给出；默认全部区县和全市")] = None,
    notebook: Annotated[list[str] | None, typer.Option(help="笔记本名称或 .ipynb 路径，可多次给出")] = None,
    year: Annotated[int | None, _YEAR] = None,
    month: Annotated[int | None, _MONTH] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="笔记本的其他参数")
    ] = None,
    jobs: Annotated[int | None, typer.Option(help="同时运行几个，默认为处理器个数")] = None,
    timeout: Annotated[int, typer.Option(help="一次运行的时限，秒")] = 600,
    memory: Annotated[int, typer.Option(help="一次运行在各库之外的内存上限，MB；0 为不限（仅 Linux）")] = 0,
    force: Annotated[bool, typer.Option("--force", help="没有变化的也重新运行")] = False,
    scheduler: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Dask 调度器，如 tcp://10.0.0.1:8786；local 为本机集群")
    ] = "",
    scatter: Annotated[
        bool, typer.Option("--scatter", help="没有共享文件夹的集群：把工作区发给各台机器，产品送回本机")
    ] = False,
    out: Annotated[Path, typer.Option(help="产品写到哪个文件夹")] = Path("maps"),
    quiet: Annotated[bool, _QUIET] = False,
) -> int:
    """逐区县运行笔记本，写出页面、执行过的笔记本和索引。有区县失败时其余照常，退出码为 1。

    上次已完成、此后笔记本、参数、标准和该区县数据都没有变化的不再运行；中断后再次运行同一命令即可接着做。
    """
    from suizhou_geo import batch, files

    batch.lend_process()
    opened = files.open_workspace(workspace)
    values = _parse_parameters(parameter or [])
    year, month = month_of(opened, year, month, quiet=quiet)
    try:
        table = batch.run(
            opened,
            year=year,
            month=month,
            counties=county,
            notebooks=tuple(notebook or ("county_overview",)),
            parameters=values,
            jobs=jobs,
            timeout=timeout,
            memory=memory,
            force=force,
            scheduler=scheduler,
            scatter=scatter,
            out=out,
            progress=None if quiet else _Progress(),
        )
    except KeyboardInterrupt:
        typer.echo("\n已完成的产品保留，没有完成的不留半成品；再次运行同一命令即可。", err=True)
        return 130
    _print_table(table, out)
    return 0 if (table["state"] == "完成").all() else 1


def draw_map(
    workspace: Annotated[Path, _WORKSPACE],
    county: Annotated[str | None, typer.Option(help="区划代码；默认全市")] = None,
    year: Annotated[int | None, _YEAR] = None,
    month: Annotated[int | None, _MONTH] = None,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="写出的页面（.html）或静态图片（.png）")
    ] = Path("map.html"),
    public: Annotated[
        bool, typer.Option("--public", help="公开版：去掉不公开的图层和属性，坐标取整；默认为内部版")
    ] = False,
    review_number: Annotated[str, typer.Option(help="审图号，显示在图左下角；没有时加盖“内部使用”")] = "",
    decimals: Annotated[int, typer.Option(help="公开版坐标保留的小数位数（度）")] = 4,
    drop: Annotated[list[str] | None, typer.Option(help="公开版另外去掉的属性名或图层，可多次给出")] = None,
    quiet: Annotated[bool, _QUIET] = False,
) -> None:
    """直接写出一个区县的离线页面或静态图片，不经过笔记本。"""
    from suizhou_geo import files, maps, plan

    ending = output.suffix.lower()
    if ending not in {".html", ".htm", ".png"}:
        raise InputError(f"页面不能写成“{output.name}”", why="扩展名应为 .html 或 .png", todo="改用 .html")
    publication = maps.Publication(
        public=public, review_number=review_number, decimals=decimals, dropped=tuple(drop or ())
    )
    opened = files.open_workspace(workspace)
    year, month = month_of(opened, year, month, quiet=quiet)
    result = plan.evaluate_county(opened, adcode=county or opened.adcode, year=year, month=month)
    with told_in_words():
        if ending == ".png":
            maps.write_picture(result, path=output, publication=publication)
        else:
            maps.write_page(result, path=output, publication=publication)
    typer.echo(f"{maps.withhold(result, publication).headline}\n已写出 {output}")


def _parse_parameters(pairs: list[str]) -> dict[str, Any]:
    parsed = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise InputError(f"参数“{pair}”写法有误", why="应为 NAME=VALUE", todo="例如 -p distance=500")
        parsed[name] = value
    return parsed


class _Progress:
    """Tells each outcome, and how long the rest will take if it goes on as it has."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._ran = 0

    def __call__(self, outcome: "Outcome", done: int, total: int) -> None:
        self._ran += outcome.again
        mark = f"{outcome.state}{'：' + outcome.reason if outcome.reason else ''}"
        took = f"{outcome.seconds:.1f} 秒" if outcome.again else "没有变化，未重新运行"
        left = self._left(total - done)
        line = f"[{done}/{total}] {outcome.county} {outcome.notebook} {mark} {took}{left}"
        if not sys.stderr.isatty():
            typer.echo(line, err=True)
            return
        # The bar stays in the last line of a terminal; only what went wrong keeps a line of its own above it.
        if outcome.reason:
            typer.echo(f"\r\x1b[K{line}", err=True)
        bar = ("█" * round(20 * done / total)).ljust(20, "░")
        text = f"\r\x1b[K{bar} {done}/{total} {outcome.county} {outcome.state}{left}"
        typer.echo(text, nl=done == total, err=True)

    def _left(self, waiting: int) -> str:
        if not waiting or not self._ran:
            return ""
        seconds = (time.monotonic() - self._start) / self._ran * waiting
        return f" · 约还需 {seconds:.0f} 秒" if seconds < 100 else f" · 约还需 {seconds / 60:.0f} 分钟"


def _print_table(table: "pd.DataFrame", out: Path) -> None:
    for row in table.itertuples():
        product = out / row.page if row.page else row.reason
        typer.echo(f"{row.adcode}  {row.county}  {row.notebook}  {row.state}  {product}")
    typer.echo(f"索引  {out / 'index.html'}")


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="新建的工作区文件夹")],
    adcode: Annotated[str, typer.Option(help="城市的六位区划代码，如 420900")],
    year: Annotated[int | None, typer.Option(help="工作要点的年份；不给则取今年")] = None,
) -> None:
    """为任何一个城市新建工作区：区县界线、目标文件和带单位、下拉和说明的 Excel 模板。"""
    from suizhou_geo import files

    this_year = datetime.now(tz=BEIJING).year
    root = files.create_workspace(folder, adcode=adcode, year=year or this_year)
    typer.echo(f"已建立 {root}", err=True)
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        typer.echo(path.relative_to(root).as_posix())
    typer.echo("下一步：填写 Excel 模板和目标，运行 suizhou-geo check，再运行 suizhou-geo run", err=True)

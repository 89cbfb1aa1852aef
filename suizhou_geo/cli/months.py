"""Which month a product is about."""

from typing import TYPE_CHECKING

import typer

from suizhou_geo.errors import InputError

if TYPE_CHECKING:
    from suizhou_geo.files import Workspace


def month_of(workspace: "Workspace", year: int | None, month: int | None, *, quiet: bool) -> tuple[int, int]:
    """The year and month asked for; what is not given is the latest with observations, and that is said.

    Water comes once a month and tells how far a month's work has come; a workspace without any goes by its air.
    """
    from suizhou_geo import files

    if month is not None and month not in range(1, 13):
        raise InputError(f"没有 {month} 月", why="月份应为 1–12", todo="改正 --month")
    if year is not None and month is not None:
        return year, month
    for medium in ("water", "air"):
        times = files.read_workspace_observations(workspace, medium=medium, year=year)["time"].dropna()
        for given, name in ((year, "year"), (month, "month")):
            times = times if given is None else times[getattr(times.dt, name) == given]
        if not times.empty:
            break
    else:
        wanted = "".join(f" {value} {word}" for value, word in ((year, "年"), (month, "月")) if value)
        raise InputError(
            f"工作区中没有{wanted and f'{wanted}的'}监测数据",
            why="没有监测数据，年月无从取得",
            todo="填写监测数据，或用 --year（和 --month）指定",
        )
    chosen = (int(times.max().year), int(times.max().month))
    if not quiet:
        typer.echo(f"按监测数据取 {chosen[0]} 年 {chosen[1]} 月；可用 --year --month 指定", err=True)
    return chosen

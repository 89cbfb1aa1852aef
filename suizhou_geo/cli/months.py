"""Which month a product is about."""

from typing import TYPE_CHECKING

import typer

from suizhou_geo.errors import InputError

if TYPE_CHECKING:
    from suizhou_geo.files import Workspace


def month_of(workspace: "Workspace", year: int | None, month: int | None, *, quiet: bool) -> tuple[int, int]:
    """The year and month asked for; what is not given is the latest with water observations, and that is said."""
    from suizhou_geo import files

    if year is not None and month is not None:
        return year, month
    times = files.read_workspace_observations(workspace, medium="water", year=year)["time"].dropna()
    for given, parts in ((year, times.dt.year), (month, times.dt.month)):
        times = times if given is None else times[parts == given]
    if times.empty:
        wanted = "".join(f" {value} {word}" for value, word in ((year, "年"), (month, "月")) if value)
        raise InputError(f"工作区中没有{wanted}的水质监测数据", todo="用 --year 和 --month 指定年月")
    chosen = (int(times.max().year), int(times.max().month))
    if not quiet:
        typer.echo(f"按监测数据取 {chosen[0]} 年 {chosen[1]} 月；可用 --year --month 指定", err=True)
    return chosen

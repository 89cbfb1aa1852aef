"""Lines that are only ever added: the ledger of forecasts; and the small tables that go with forecasts."""

import json
from pathlib import Path

import pandas as pd

from suizhou_geo.conventions import normalise_text
from suizhou_geo.errors import InputError, Place
from suizhou_geo.files.columns import number_column
from suizhou_geo.files.headers import role_aliases
from suizhou_geo.files.tables import check_local_file, read_text_table
from suizhou_geo.saving import write_text_atomically

_REGIONS = ("region", "区域", "分区", "片区", "省份", "province")


def read_lines(path: str | Path) -> list[str]:
    """The lines of a ledger; raises ``MissingFileError`` where there is none, ``InputError`` if it is not text."""
    try:
        return check_local_file(path).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(
            "台账不是 UTF-8 文本",
            where=Place(str(path)),
            todo="给出 suizhou-geo ledger append 写出的 .jsonl 文件；从备份恢复",
        ) from error


def append_lines(path: str | Path, lines: list[str]) -> int:
    """Add lines to a ledger, each ``id`` once; how many were new. The file is replaced as a whole or not at all."""
    target = Path(path)
    held = read_lines(target) if target.exists() else []
    known = {json.loads(line)["id"] for line in held if line.strip()}
    new = [line for line in dict.fromkeys(lines) if json.loads(line)["id"] not in known]
    if new:
        write_text_atomically(target, "\n".join([*held, *new]) + "\n")
    return len(new)


_NUMBERS = {"year", "p_attain", "mean", "target_class", *(f"p_class_{number}" for number in range(1, 7))}


def read_forecast(path: str | Path) -> pd.DataFrame:
    """A table that ``suizhou-geo forecast`` wrote: ``site_id, year, p_attain, mean`` and its quantiles as numbers.

    Of classes: ``target_class`` and ``p_class_1 … p_class_6`` instead of ``mean``.

    Raises ``InputError`` naming the file and its columns when one is missing.
    """
    table = read_text_table(path)
    # The forecast of a class has chances of six classes instead of a mean.
    wanted = ("site_id", "year", "p_attain", "target_class" if "p_class_1" in table.cells else "mean")
    lacking = [name for name in wanted if name not in table.cells.columns]
    if lacking:
        raise InputError(
            f"不是预测结果：缺少列 {'、'.join(lacking)}",
            where=table.place(),
            why=f"文件中的列：{'、'.join(table.cells.columns)}",
            todo="给出 suizhou-geo forecast -o 写出的文件",
        )
    numbers = [name for name in table.cells.columns if name in _NUMBERS or _is_quantile(name)]
    return pd.DataFrame(
        {"site_id": table.cells["site_id"], **{name: number_column(table, name) for name in numbers}}
    ).astype({"year": int})


def read_regions(path: str | Path, *, observations: pd.DataFrame) -> dict[str, str]:
    """The region of each site, from a table that names sites by id or by name.

    Raises ``InputError`` naming the file and its columns when there is no column of sites or regions.
    """
    table = read_text_table(path)
    spellings = {normalise_text(header): header for header in table.cells.columns}
    sites = [*role_aliases()["site_id"], *role_aliases()["site_name"], *role_aliases()["city"]]
    site, region = (
        next((spellings[name] for name in names if name in spellings), "") for names in (sites, _REGIONS)
    )
    if not site or not region:
        raise InputError(
            "分区表缺少站点或分区列", where=table.place(), why=f"文件中的列：{'、'.join(table.cells.columns)}",
            todo="列名用 site_id 和 region",
        )  # fmt: skip
    ids = observations.drop_duplicates("site_id").set_index("site_name")["site_id"].to_dict()
    names = table.cells[site].str.strip().map(lambda name: ids.get(name, name))
    return dict(zip(names, table.cells[region].str.strip(), strict=True))


def _is_quantile(name: str) -> bool:
    return name.startswith("q") and name[1:].isdigit()

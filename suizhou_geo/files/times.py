"""When a row was measured: the many spellings of a time, and what to do where the year is not written."""

import re
import unicodedata
from datetime import datetime, timedelta

import pandas as pd

from suizhou_geo.files.cells import MISSING, NOT_MONITORED

_SEPARATED = r"(?:[-/.年])"
_CLOCK = r"(?:[ T]+(?P<hour>\d{1,2})(?:[:时](?P<minute>\d{1,2})?(?::(?P<second>\d{1,2})(?:\.\d+)?)?)?[分]?)?"
_WITH_YEAR = re.compile(
    rf"(?P<year>\d{{4}}){_SEPARATED}(?P<month>\d{{1,2}})(?:(?:[-/.月])(?P<day>\d{{1,2}})日?|月)?{_CLOCK}"
)
_COMPACT = re.compile(rf"(?P<year>(?:19|20)\d{{2}})(?P<month>\d{{2}})(?:(?P<day>\d{{2}}){_CLOCK})?")
_WITHOUT_YEAR = re.compile(rf"(?P<month>\d{{1,2}})[-/月](?P<day>\d{{1,2}})日?{_CLOCK}")
#: What the platform archive writes for a station that is off.
_BARE_YEAR = re.compile(r"\d{4}-")
#: A day as Excel counts it, 1982 to 2064: what is left of a date when its cell loses the date format.
_SERIAL = re.compile(r"[345]\d{4}(\.\d+)?")
#: Day 0 of the 1900 system, its leap-year mistake included.
_EXCEL_EPOCH = datetime(1899, 12, 30)
_SHORTENED = re.compile(r"\d{4}\.1")
_YEAR_IN_NAME = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})(?=(?:\D|$|(?:0[1-9]|1[0-2])(?:\D|$|(?:[0-2]\d|3[01])(?:\D|$))))"
)


def read_time(text: str, *, year: int | None = None) -> datetime | None:
    """The Beijing time that a cell names, or None if it names none; 24:00 is the next day's 00:00.

    >>> read_time("2016-06"), read_time("2021/4/1 8:00"), read_time("2024年3月5日")
    (datetime.datetime(2016, 6, 1, 0, 0), datetime.datetime(2021, 4, 1, 8, 0), datetime.datetime(2024, 3, 5, 0, 0))
    >>> read_time("04-01 12:00", year=2021), read_time("04-01 12:00"), read_time("2023-02-29")
    (datetime.datetime(2021, 4, 1, 12, 0), None, None)
    >>> read_time("2024-1-1 24:00")
    datetime.datetime(2024, 1, 2, 0, 0)
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if _SERIAL.fullmatch(folded):
        return _EXCEL_EPOCH + timedelta(seconds=round(float(folded) * 86_400))
    if is_ambiguous(folded):
        return None
    match = _WITH_YEAR.fullmatch(folded) or _COMPACT.fullmatch(folded)
    if match is None and year is not None:
        match = _WITHOUT_YEAR.fullmatch(folded)
    if match is None:
        return None
    parts = {name: int(value) for name, value in match.groupdict().items() if value}
    late = parts.get("hour") == 24 and not parts.get("minute")
    try:
        moment = datetime(
            parts.get("year", year or 0),
            parts["month"],
            parts.get("day", 1),
            0 if late else parts.get("hour", 0),
            parts.get("minute", 0),
            parts.get("second", 0),
        )
    except ValueError:
        return None
    return moment + timedelta(days=1) if late else moment


def is_ambiguous(text: str) -> bool:
    """Whether a cell is a month that Excel may have shortened: 2024.1 is January, or October without its zero.

    >>> is_ambiguous("2024.1"), is_ambiguous("2024.10"), is_ambiguous("2024-1")
    (True, False, False)
    """
    return bool(_SHORTENED.fullmatch(unicodedata.normalize("NFKC", text).strip()))


def is_repaired_time(text: str) -> bool:
    """Whether a cell means a time that it does not literally say: a serial number, 24:00, full-width digits.

    >>> is_repaired_time("45292"), is_repaired_time("2024-1-1 24:00"), is_repaired_time("2024-01-01 08:00")
    (True, True, False)
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    return (
        folded != text.strip()
        or bool(_SERIAL.fullmatch(folded))
        or bool(re.search(r"[ T]24(:|时|$)", folded))
    )


def lacks_year(text: str) -> bool:
    """Whether a cell names a day without its year.

    >>> lacks_year("04-01 12:00"), lacks_year("2021-04-01"), lacks_year("*")
    (True, False, False)
    """
    return bool(_WITHOUT_YEAR.fullmatch(unicodedata.normalize("NFKC", text).strip()))


def is_no_time(text: str) -> bool:
    """Whether a cell says that there is no time: empty, a dash, a star, or the bare year of a stopped station.

    >>> is_no_time("*"), is_no_time("2020-"), is_no_time("2020-01")
    (True, True, False)
    """
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    return folded in MISSING or folded in NOT_MONITORED or bool(_BARE_YEAR.fullmatch(folded))


def year_in_name(name: str) -> int | None:
    """The year in a file's name, if it names exactly one.

    >>> year_in_name("cnemc_auto_hubei_202104.csv"), year_in_name("2020_2021.csv"), year_in_name("水质.csv")
    (2021, None, None)
    """
    years = {int(match["year"]) for match in _YEAR_IN_NAME.finditer(name)}
    return years.pop() if len(years) == 1 else None


def read_times(texts: pd.Series, *, years: pd.Series) -> pd.Series:
    """Times of a column, ``years`` giving the year (or NA) of cells that have none; NaT where nothing is said."""
    known_years = years.fillna(0).astype(int)
    keys = known_years.astype(str) + "|" + texts
    first = keys.drop_duplicates().index
    spellings = {
        key: read_time(text, year=year or None)
        for key, text, year in zip(keys[first], texts[first], known_years[first], strict=True)
    }
    return pd.to_datetime(keys.map(spellings)).astype("datetime64[ns]")

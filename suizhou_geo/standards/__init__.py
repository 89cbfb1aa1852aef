"""Which standard was in force, what its limits are, how it rounds. Tables are data; kernels are array functions."""

from suizhou_geo.standards.catalogue import (
    EXTRA_FOLDER,
    Edition,
    Table,
    describe_certainty,
    edition_in_force,
    editions,
    editions_by_date,
    editions_of,
    find_edition,
    newest_edition,
    read_table,
)
from suizhou_geo.standards.limits import (
    WATER_BODIES,
    ClassTable,
    assessed_items,
    class_limits,
    class_table,
    decimals_of,
    method_number,
)
from suizhou_geo.standards.rounding import percentages, round_for_assessment, round_half_even

__all__ = [
    "EXTRA_FOLDER",
    "WATER_BODIES",
    "ClassTable",
    "Edition",
    "Table",
    "assessed_items",
    "class_limits",
    "class_table",
    "decimals_of",
    "describe_certainty",
    "edition_in_force",
    "editions",
    "editions_by_date",
    "editions_of",
    "find_edition",
    "method_number",
    "newest_edition",
    "percentages",
    "read_table",
    "round_for_assessment",
    "round_half_even",
]

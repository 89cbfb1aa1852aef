"""The page's block of data read back, as its script reads it."""

import array
import base64


def series_of(layer, at, calendars):
    """The series of feature ``at`` of a layer: (name, months, values) each; a head's values stand feature after feature."""
    found = []
    for head in _heads(layer, at):
        before = sum(head in _heads(layer, other) for other in range(at))
        name, _, calendar, *_ = layer["heads"][head]
        months = calendars[calendar]
        values = unpack(layer["values"][head])[before * len(months) : (before + 1) * len(months)]
        found.append((name, months, values))
    return found


def unpack(packed):
    """The values of a head, None where there is none."""
    power, *values = packed
    if values and not isinstance(values[0], str):
        return values
    numbers = array.array("h", base64.urlsafe_b64decode(values[0]))
    return [None if number == -32768 else number / 10**power for number in numbers]


def _heads(layer, at):
    return layer["sets"][layer["owners"][at] if layer["owners"] else 0]

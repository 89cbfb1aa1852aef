"""The page's block of data read back, as its script reads it."""


def series_of(layer, at, calendars):
    """The series of feature ``at`` of a layer: (name, months, values) each; a head's values stand feature after feature."""
    found = []
    for head in _heads(layer, at):
        before = sum(head in _heads(layer, other) for other in range(at))
        name, _, calendar, *_ = layer["heads"][head]
        months = calendars[calendar]
        power, *numbers = layer["values"][head]
        values = numbers[before * len(months) : (before + 1) * len(months)]
        found.append((name, months, [None if value is None else value / 10**power for value in values]))
    return found


def _heads(layer, at):
    return layer["sets"][layer["owners"][at] if layer["owners"] else 0]

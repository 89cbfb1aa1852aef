"""Organic shapes: where a hill's slope plus a rolling noise stays above nought."""

from collections.abc import Callable

import numpy as np
import shapely

Noise = Callable[[np.ndarray], np.ndarray]

#: Waves a noise is summed from; each further octave is half as long and just over half as high.
WAVES, OCTAVES, FALL = 14, 4, 0.58


def rolling_noise(rng: np.random.Generator, *, wavelength: float) -> Noise:
    """A smooth random field of about unit variance, as a function of points (n, 2) in metres."""
    angles = rng.uniform(0, 2 * np.pi, (OCTAVES, WAVES))
    phases = rng.uniform(0, 2 * np.pi, (OCTAVES, WAVES))
    stretch = rng.uniform(0.7, 1.4, (OCTAVES, WAVES))
    octaves = np.arange(OCTAVES)[:, None]
    numbers = 2 * np.pi / wavelength * 2.0**octaves * stretch
    waves = np.stack([numbers * np.cos(angles), numbers * np.sin(angles)], axis=-1).reshape(-1, 2)
    heights = np.broadcast_to(FALL**octaves, angles.shape).ravel()
    heights = heights / np.sqrt((heights**2).sum() / 2)
    return lambda points: np.sin(points @ waves.T + phases.ravel()) @ heights


def grow_blob(
    centre: np.ndarray, *, radius: float, stretch: float, angle: float, noise: Noise, roughness: float = 0.3
) -> shapely.Geometry:
    """A hill-shaped area round ``centre`` (easting, northing), ``stretch`` times longer along ``angle`` degrees."""
    cell = radius / 22
    steps = np.arange(-2.2 * radius, 2.2 * radius, cell)
    offsets = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    turn = np.radians(angle)
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    distance = np.hypot(*(offsets @ axes.T / [np.sqrt(stretch), 1 / np.sqrt(stretch)]).T) / radius
    inside = offsets[1 - distance + roughness * noise(offsets + centre) > 0] + centre
    squares = shapely.box(inside[:, 0], inside[:, 1], inside[:, 0] + cell, inside[:, 1] + cell)
    whole = shapely.union_all(squares).buffer(cell * 0.01)
    return round_corners(largest_parts(whole, share=0.12), step=cell)


def round_corners(area: shapely.Geometry, *, step: float) -> shapely.Geometry:
    """The same area with its stairs of size ``step`` worn down to curves; small holes are closed."""
    worn = area.buffer(step).buffer(-1.9 * step).buffer(0.9 * step).simplify(step * 0.18)
    parts = [shapely.Polygon(part.exterior) for part in polygons_of(worn)]
    return shapely.union_all(parts)


def largest_parts(area: shapely.Geometry, *, share: float) -> shapely.Geometry:
    """Only those parts of an area that hold at least ``share`` of it."""
    kept = [part for part in polygons_of(area) if part.area >= share * area.area]
    return shapely.union_all(kept)


def polygons_of(area: shapely.Geometry) -> list[shapely.Polygon]:
    return [part for part in shapely.get_parts(area) if part.geom_type == "Polygon" and part.area > 0]

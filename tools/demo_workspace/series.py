"""Random ingredients of the invented series: things that persist, and things that come with the season."""

import numpy as np


def persistent_noise(rng: np.random.Generator, *, shape: tuple[int, ...], memory: float) -> np.ndarray:
    """Unit-variance noise along the first axis, each step remembering ``memory`` of the one before (AR(1))."""
    fresh = rng.normal(size=shape)
    noise = np.empty(shape)
    noise[0] = fresh[0]
    for step in range(1, shape[0]):
        noise[step] = memory * noise[step - 1] + np.sqrt(1 - memory**2) * fresh[step]
    return noise


def season(months: np.ndarray, *, peak: float) -> np.ndarray:
    """A yearly wave between −1 and 1 that is 1 in month ``peak``; ``months`` may carry fractions."""
    return np.cos(2 * np.pi * (months - peak) / 12)

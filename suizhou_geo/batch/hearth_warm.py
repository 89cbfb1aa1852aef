"""Imported by the fork server: importing this module warms the hearth, and does nothing anywhere else."""

import os

from suizhou_geo.batch.hearth import WORKSPACE, warm

if WORKSPACE in os.environ:
    warm()

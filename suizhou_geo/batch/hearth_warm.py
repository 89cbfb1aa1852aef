"""Imported by the fork server: importing this module warms the hearth, and does nothing anywhere else."""

import os
import signal

from suizhou_geo.batch.hearth import WORKSPACE, warm

if WORKSPACE in os.environ:
    # The fork server does so too, but only when it has imported everything.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warm()

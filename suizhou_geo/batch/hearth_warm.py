"""Imported by the fork server: importing this module warms the hearth, and does nothing anywhere else."""

import os
import signal
import sys

from suizhou_geo.batch.hearth import WORKSPACE, warm

if WORKSPACE in os.environ:
    # The fork server does so too, but only when it has imported everything.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A batch that is stopped while it asks for a fork leaves one that has been told nothing: that is no news on a terminal.
    sys.excepthook = lambda *_told: None
    warm()

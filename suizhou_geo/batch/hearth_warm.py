"""Imported by the fork server alone: importing this module warms the hearth."""

from suizhou_geo.batch.hearth import warm

warm()

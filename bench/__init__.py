"""Measurements: how fast the engine and the service are, as ratios against something bare in the same run."""

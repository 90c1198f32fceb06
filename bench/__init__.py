"""Benchmarks, each with its peer in the same run; results are in bench/results/."""

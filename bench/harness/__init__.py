"""What scripts/bench runs: see bench/README.md."""

"""How fast, how cheap and how flat: `make bench` measures, and writes results.md and results.json beside this file."""

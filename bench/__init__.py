"""Speed of Posrednik beside others and beside bare loops: `./run bench`. See docs/benchmarks.md."""

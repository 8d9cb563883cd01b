"""What other people's machines wrote down: logs of logons, files and proxies, read as evidence beside our own acts."""

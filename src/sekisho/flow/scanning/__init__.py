"""From a folder to records and whose they are: read, asked about, settled, exported, shown."""

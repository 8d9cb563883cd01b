"""One file, one format. Each defines FORMAT, a `model.Format`."""

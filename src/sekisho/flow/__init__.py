"""The product's use cases, one a file; they compose the steps and hold no logic of their own."""

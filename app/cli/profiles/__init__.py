"""The files in `~/.aws`: what stands in them for each role, and how they are changed and the rest left alone."""

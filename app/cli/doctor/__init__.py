"""`fedgate doctor`: what keeps AWS tools from credentials on this machine, a file for each place to look at."""

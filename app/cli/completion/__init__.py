"""`fedgate completion`: scripts for bash, zsh and fish, made from the commands themselves."""

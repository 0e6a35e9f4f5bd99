"""Cases that other tools' files hold, with a list of what could not be carried over."""

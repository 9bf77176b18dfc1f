"""Telling people what concerns them: in the pages, by e-mail, and to a chat's incoming webhook."""

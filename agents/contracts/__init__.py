"""Contracts between an agent and the people who answer for it. Pure: values in, values out."""

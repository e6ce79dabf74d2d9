"""Marketers' own audiences: reading the YAML, checking it, writing it as dbt models. No database, no dbt.

A rule is compiled to SQL by the macro `segment` of the dbt project and nowhere else; what is here only tells, in a
marketer's words and before anything runs, what is wrong with a file.
"""

"""Bulk imports: a file comes in over HTTP, is kept sealed, and the worker goes through it row by row.

    uploads.py    the body: received in pieces, sealed, read again from anywhere, thrown away when done
    reading.py    CSV and NDJSON as a stream of numbered rows; spreadsheet.py the same for XLSX
    columns.py    which heading means which column, and one schema that says what is wrong with a row
    models.py     the jobs and what is worth telling of their rows
    runner.py     the worker's side: one piece of rows is one transaction, together with how far it came
    jobs.py       what callers see of it
    serving.py    the endpoints that every kind has

A room brings an `ImportKind`: its columns, its schema and a function that takes a piece of rows.
"""
